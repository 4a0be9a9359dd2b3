"""No page may run or load anything but our own files."""

import re

import pytest
from django.test import Client

POLICY = {
    "default-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
}
INLINE = re.compile(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=|javascript:", re.IGNORECASE)


def directives(policy: str) -> set[str]:
    """The directives of a policy."""
    return {part.strip() for part in policy.split(";")}


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/sign-in", "/sign-up", "/admin/login/", "/healthz", "/no-such-page"])
def test_the_policy_is_strict(client: Client, address: str) -> None:
    assert directives(client.get(address)["Content-Security-Policy"]) == POLICY


@pytest.mark.django_db
def test_the_api_docs_may_show_their_icons(client: Client) -> None:
    assert directives(client.get("/api/docs/")["Content-Security-Policy"]) == POLICY | {"img-src 'self' data:"}


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/sign-in", "/sign-up", "/admin/login/", "/api/docs/"])
def test_pages_have_nothing_inline(client: Client, address: str) -> None:
    assert INLINE.findall(client.get(address).content.decode()) == []
