"""Becoming a customer."""

from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client

from accounts.users.models import User
from projections.models import Customer
from tests.factories import PASSWORD, CustomerFactory
from tests.pages.browser import command_id_of, errors_of, follow, path_of, send, stored, text_of

pytestmark = pytest.mark.django_db

MIRA = {"name": "Mira", "email": "Mira@Example.org ", "password": PASSWORD, "timezone": "Europe/Berlin"}


def test_a_stranger_becomes_a_customer_and_is_signed_in(client: Client) -> None:
    page = follow(client, send(client, "/sign-up", **MIRA))
    assert "Hello, Mira" in text_of(page)
    customer = Customer.objects.get()
    assert (customer.email, customer.timezone, customer.locale) == ("mira@example.org", "Europe/Berlin", "en")


def test_the_language_of_the_page_becomes_the_customers(client: Client) -> None:
    client.post("/i18n/setlang/", {"language": "zh-hans"})
    send(client, "/sign-up", **MIRA)
    assert Customer.objects.get().locale == "zh-hans"


def test_the_password_of_a_new_customer_is_hashed_once(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    encode = MD5PasswordHasher.encode

    def counted(hasher: MD5PasswordHasher, password: str, *args: Any) -> str:
        hashed.append(password)
        return encode(hasher, password, *args)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    send(client, "/sign-up", **MIRA)
    assert "_auth_user_id" in client.session
    assert hashed == [PASSWORD]


def test_who_was_just_registered_is_signed_in_whatever_others_guess(client: Client, settings: LazySettings) -> None:
    settings.ATTEMPT_RATES = {"sign_in_account": "0/hour"}
    send(client, "/sign-up", **MIRA)
    assert "_auth_user_id" in client.session


def test_sending_it_twice_makes_one_customer_and_signs_in_again(client: Client) -> None:
    command_id = command_id_of(client.get("/sign-up"))
    stranger = Client()
    first = send(client, "/sign-up", command_id=command_id, **MIRA)
    second = send(stranger, "/sign-up", command_id=command_id, **MIRA)
    assert path_of(first) == path_of(second) == "/"
    assert User.objects.count() == 1
    assert "Hello, Mira" in text_of(stranger.get("/"))


def test_knowing_the_command_id_opens_nothing_without_the_password(client: Client) -> None:
    command_id = command_id_of(client.get("/sign-up"))
    send(client, "/sign-up", command_id=command_id, **MIRA)
    thief = Client()
    page = send(thief, "/sign-up", command_id=command_id, **{**MIRA, "password": "something else entirely"})
    assert errors_of(page)
    assert "_auth_user_id" not in thief.session


def test_an_email_that_is_taken_is_refused_at_its_field(client: Client) -> None:
    CustomerFactory.create(email="mira@example.org")
    page = send(client, "/sign-up", **MIRA)
    assert errors_of(page) == {"email": ["This e-mail address belongs to somebody already."]}
    assert 'value="Mira"' in text_of(page)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 201),
        ("name", "tab\there"),
        ("name", "nul\0"),
        ("email", "nobody"),
        ("email", ""),
        ("password", "1234"),
        ("password", "mira@example.org"),
        ("timezone", "Mars/Olympus"),
    ],
)
def test_a_typing_error_is_shown_at_its_field_and_stores_nothing(client: Client, field: str, value: str) -> None:
    page = send(client, "/sign-up", **{**MIRA, field: value})
    assert list(errors_of(page)) == [field]
    assert stored() == (0, 0)


def test_the_password_is_never_sent_back(client: Client) -> None:
    assert PASSWORD not in text_of(send(client, "/sign-up", **{**MIRA, "name": ""}))


def test_who_is_signed_in_has_nothing_to_do_here(client: Client, ada: User) -> None:
    assert path_of(client.get("/sign-up")) == "/"
