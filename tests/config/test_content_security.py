"""No page may run or load anything but our own files."""

import re
from typing import Any

import pytest
from csp.constants import NONCE
from csp.decorators import csp_exempt, csp_replace, csp_update
from csp.middleware import CSPMiddleware as DjangoCSP
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.utils.deprecation import MiddlewareMixin

from config.content_security import CSPMiddleware

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


@pytest.mark.django_db
def test_the_api_has_the_policy_too(client: Client) -> None:
    assert directives(client.get("/api/v1/me")["Content-Security-Policy"]) == POLICY


@pytest.mark.parametrize("decorator", [csp_exempt(), csp_update({"img-src": ["data:"]}), csp_replace({"img-src": []})])
def test_who_asks_for_another_policy_gets_it(decorator: Any, rf: RequestFactory) -> None:
    def view(_request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    def policy(middleware: type[MiddlewareMixin], view: Any) -> set[str]:
        answer = middleware(view)(rf.get("/"))
        assert isinstance(answer, HttpResponse)
        return directives(answer.get("Content-Security-Policy", ""))

    assert policy(CSPMiddleware, view) == policy(DjangoCSP, view)
    assert policy(CSPMiddleware, decorator(view)) == policy(DjangoCSP, decorator(view)) != policy(CSPMiddleware, view)


def test_a_nonce_that_was_used_is_in_the_policy(rf: RequestFactory) -> None:
    def view(request: Any) -> HttpResponse:
        return HttpResponse(str(request.csp_nonce))

    with override_settings(CONTENT_SECURITY_POLICY={"DIRECTIVES": {"script-src": [NONCE]}}):
        answer = CSPMiddleware(view)(rf.get("/"))
    assert isinstance(answer, HttpResponse)
    assert f"script-src 'nonce-{answer.content.decode()}'" in directives(answer["Content-Security-Policy"])
