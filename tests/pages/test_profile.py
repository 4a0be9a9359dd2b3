"""The profile: a customer sees and changes their details."""

import pytest
from django.conf import LazySettings
from django.test import Client

from accounts.users.models import User
from eventstore.models import Event
from projections.models import Customer
from tests.factories import CustomerFactory
from tests.pages.browser import errors_of, follow, send, text_of

ADA = {"name": "Ada Lovelace", "email": "ada@example.org", "timezone": "UTC", "locale": "en"}


def test_the_form_shows_what_we_know(client: Client, ada: User) -> None:
    text = text_of(client.get("/profile"))
    assert 'value="Ada Lovelace"' in text
    assert 'value="ada@example.org"' in text


def test_a_change_is_saved_and_shown(client: Client, ada: User) -> None:
    page = follow(client, send(client, "/profile", **ADA | {"name": "Ada King", "timezone": "Europe/London"}))
    assert "Your details are saved." in text_of(page)
    assert 'value="Ada King"' in text_of(page)
    customer = Customer.objects.get()
    assert (customer.name, customer.timezone) == ("Ada King", "Europe/London")


def test_only_what_changed_is_recorded(client: Client, ada: User) -> None:
    send(client, "/profile", **ADA | {"timezone": "Europe/London"})
    data = Event.objects.latest("position").data
    assert (data["timezone"], data["name"], data["locale"]) == ("Europe/London", None, None)


def test_nothing_changed_is_nothing_recorded(client: Client, ada: User) -> None:
    before = Event.objects.count()
    send(client, "/profile", **ADA)
    assert Event.objects.count() == before


def test_the_new_email_is_the_one_to_sign_in_with(client: Client, ada: User) -> None:
    send(client, "/profile", **ADA | {"email": "Countess@example.org"})
    ada.refresh_from_db()
    assert ada.email == "countess@example.org"


def test_an_email_that_is_taken_is_refused(client: Client, ada: User) -> None:
    CustomerFactory.create(email="bob@example.org")
    page = send(client, "/profile", **ADA | {"email": "bob@example.org"})
    assert errors_of(page) == {"email": ["This e-mail address belongs to somebody already."]}


def test_the_site_speaks_the_new_language_at_once(client: Client, ada: User, settings: LazySettings) -> None:
    answer = send(client, "/profile", **ADA | {"locale": "zh-hans"})
    assert answer.cookies[settings.LANGUAGE_COOKIE_NAME].value == "zh-hans"
    assert '<html lang="zh-hans">' in text_of(follow(client, answer))


@pytest.mark.parametrize("field", ["name", "email", "timezone", "locale"])
def test_nothing_may_be_left_out(client: Client, ada: User, field: str) -> None:
    assert list(errors_of(send(client, "/profile", **ADA | {field: ""}))) == [field]
