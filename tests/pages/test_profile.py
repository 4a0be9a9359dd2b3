"""The profile: a customer sees and changes their details."""

import pytest
from django.conf import LazySettings
from django.test import Client

from accounts.services.registration import update_details
from accounts.users.models import User
from eventstore.models import Event
from projections.models import Customer
from tests.emails import change_email, mails_to, unconfirm
from tests.factories import CustomerFactory
from tests.pages.browser import errors_of, follow, path_of, send, text_of

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


def test_a_new_email_counts_once_it_is_confirmed(client: Client, ada: User) -> None:
    page = follow(client, send(client, "/profile", **ADA | {"email": "Countess@example.org"}))
    assert "We sent a mail to countess@example.org." in text_of(page)
    assert "Your details are saved." not in text_of(page)
    assert 'value="ada@example.org"' in text_of(page)
    change_email(ada)
    page = client.get("/profile")
    assert 'value="countess@example.org"' in text_of(page)
    assert "We sent a mail" not in text_of(page)


def test_the_present_email_can_be_kept(client: Client, ada: User) -> None:
    send(client, "/profile", **ADA | {"email": "countess@example.org"})
    page = follow(client, client.post("/profile/email", {"keep": "1"}))
    assert "You keep your present address." in text_of(page)
    assert User.objects.get().new_email == ""


def test_says_that_an_email_is_not_confirmed_and_sends_the_mail_again(client: Client, ada: User) -> None:
    unconfirm(ada)
    assert "ada@example.org is not confirmed yet." in text_of(client.get("/profile"))
    assert path_of(client.post("/profile/email", {"send": "1"})) == "/profile"
    assert mails_to("ada@example.org") == ["confirm_email"]


def test_sends_it_again_a_few_times_alone(client: Client, ada: User, settings: LazySettings) -> None:
    unconfirm(ada)
    settings.ATTEMPT_RATES = {"email_link": "2/hour"}
    for _ in range(5):
        assert path_of(client.post("/profile/email", {"send": "1"})) == "/profile"
    assert mails_to("ada@example.org") == ["confirm_email"] * 2


def test_a_confirmed_email_needs_no_word(client: Client, ada: User) -> None:
    assert "confirm" not in text_of(client.get("/profile"))


def test_too_many_new_emails_are_told_kindly(client: Client, ada: User, settings: LazySettings) -> None:
    settings.ATTEMPT_RATES = {"email_change": "1/hour"}
    send(client, "/profile", **ADA | {"email": "one@example.org"})
    answer = send(client, "/profile", **ADA | {"email": "two@example.org"})
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) >= 1
    assert path_of(send(client, "/profile", **ADA | {"name": "Ada King"})) == "/profile"


def test_an_email_that_is_taken_is_refused(client: Client, ada: User) -> None:
    CustomerFactory.create(email="bob@example.org")
    page = send(client, "/profile", **ADA | {"email": "bob@example.org"})
    assert errors_of(page) == {"email": ["This e-mail address belongs to somebody already."]}


def test_the_site_speaks_the_new_language_at_once(client: Client, ada: User, settings: LazySettings) -> None:
    answer = send(client, "/profile", **ADA | {"locale": "zh-hans"})
    assert answer.cookies[settings.LANGUAGE_COOKIE_NAME].value == "zh-hans"
    assert '<html lang="zh-hans">' in text_of(follow(client, answer))


def test_a_language_that_the_page_does_not_offer_stays_as_it_is(client: Client, ada: User) -> None:
    """The API takes any language; the page offers the two that it speaks, and the customer's own."""
    assert ada.customer_id
    update_details(ada.customer_id, "1", actor=ada.actor, locale="en-gb")
    assert '<option value="en-gb" selected>British English</option>' in text_of(client.get("/profile"))
    before = Event.objects.count()
    answer = send(client, "/profile", **ADA | {"locale": "en-gb"})
    assert Event.objects.count() == before
    assert Customer.objects.get().locale == "en-gb"
    assert '<html lang="en">' in text_of(follow(client, answer))


@pytest.mark.parametrize("field", ["name", "email", "timezone", "locale"])
def test_nothing_may_be_left_out(client: Client, ada: User, field: str) -> None:
    assert list(errors_of(send(client, "/profile", **ADA | {field: ""}))) == [field]
