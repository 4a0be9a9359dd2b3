"""Cookies whose escapes hold what no database takes."""

import pytest
from django.test import Client

NAMES = ("sessionid", "csrftoken", "django_language", "messages")


@pytest.mark.django_db
@pytest.mark.parametrize("name", NAMES)
def test_a_cookie_with_an_escaped_nul_is_none(name: str) -> None:
    cookie = f'{name}="abcdefgh\\000abcdefghijklmnopqrstuvwxyz"'
    for address in ("/", "/sign-in", "/admin/", "/api/v1/me"):
        assert Client(raise_request_exception=False).get(address, HTTP_COOKIE=cookie).status_code < 500
