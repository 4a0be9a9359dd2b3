"""A session begins by signing in, under a key that nobody can guess or choose, and ends for good."""

from importlib import import_module
from math import log2
from typing import Any, Final

import pytest
from django.conf import settings
from django.test import Client

from accounts.users.models import User
from tests.factories import PASSWORD, CustomerFactory
from tests.pages.browser import text_of

pytestmark = pytest.mark.django_db

ADA: Final = {"username": "ada@example.org", "password": PASSWORD}


@pytest.fixture
def customer() -> User:
    return CustomerFactory.create(email=ADA["username"], password=PASSWORD)


def key_of(client: Client) -> str:
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def store() -> Any:
    """The class that keeps sessions."""
    return import_module(settings.SESSION_ENGINE).SessionStore


def sign_in(client: Client) -> str:
    """Signs Ada in by the page; returns the key of the session."""
    assert client.post("/sign-in", ADA).status_code == 302
    return key_of(client)


def test_each_sign_in_makes_a_new_session(client: Client, customer: User) -> None:
    chosen = "a" * 32
    client.cookies[settings.SESSION_COOKIE_NAME] = chosen
    first = sign_in(client)
    assert first != chosen
    client.post("/sign-out")
    client.cookies[settings.SESSION_COOKIE_NAME] = first
    assert client.get("/profile").status_code == 302
    assert sign_in(client) not in {first, chosen}


def test_a_key_can_not_be_guessed(client: Client, customer: User) -> None:
    keys = []
    for _ in range(8):
        keys.append(sign_in(client))
        client.post("/sign-out")
    assert len(set(keys)) == len(keys)
    assert min(map(len, keys)) * log2(len(set("".join(keys)))) >= 128, "bits"


def test_a_session_that_was_ended_opens_nothing(client: Client, customer: User) -> None:
    key = sign_in(client)
    assert client.get("/profile").status_code == 200
    client.post("/sign-out")
    assert not store()(key).load()
    client.cookies[settings.SESSION_COOKIE_NAME] = key
    assert client.get("/profile").status_code == 302


def test_looking_makes_no_session(client: Client) -> None:
    for path in ("/", "/sign-in", "/sign-up", "/sign-out", "/admin/login/", "/no-such-page", "/api/v1/me"):
        client.get(path)
    assert settings.SESSION_COOKIE_NAME not in client.cookies
    assert not store().get_model_class().objects.exists()


@pytest.mark.parametrize("path", ["/", "/accounts", "/accounts/open", "/transfer", "/profile", "/no-such-page"])
def test_each_page_of_one_who_is_signed_in_leads_out(client: Client, customer: User, path: str) -> None:
    client.force_login(customer)
    assert 'action="/sign-out"' in text_of(client.get(path))


def test_signing_in_again_makes_a_new_key_and_the_one_of_before_opens_nothing(client: Client, customer: User) -> None:
    before = sign_in(client)
    assert client.post("/sign-in/again", {"proof-password": PASSWORD}).status_code == 302
    assert key_of(client) != before
    client.cookies[settings.SESSION_COOKIE_NAME] = before
    assert client.get("/profile").status_code == 302
