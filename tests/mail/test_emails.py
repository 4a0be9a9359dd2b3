"""Mails about e-mail addresses: their links, and who gets which."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core import mail as outbox
from django.test import Client

from accounts.services import emails, passwords
from accounts.services.ids import new_id
from accounts.services.mail import Report, send_due
from accounts.services.registration import register_customer, update_details
from accounts.users import factors
from accounts.users.code_devices import CodeApp
from accounts.users.email_links import Purpose, State, read_link
from accounts.users.mail import OutgoingMail
from accounts.users.models import User
from accounts.users.sessions import SessionStore
from tests.emails import change_email, confirm_email, mails_to, release_email
from tests.factories import PASSWORD, ErasureFactory, NewcomerFactory, StaffFactory
from tests.second_factors import code_of

pytestmark = pytest.mark.django_db

ADA = "ada@example.org"
LINK = re.compile(r"http://bank\.example/email/(\S+)")
DETAILS = {"name": "Ada", "email": ADA, "password": PASSWORD}


@pytest.fixture(autouse=True)
def _site(settings: LazySettings) -> None:
    settings.SITE_URL = "http://bank.example"


def confirmed() -> User:
    ada = NewcomerFactory.create(email=ADA)
    confirm_email(ada)
    return ada


def sent() -> list[tuple[str, str]]:
    """Whom mails go to that are due, and their subjects."""
    outbox.outbox.clear()
    send_due(Report())
    assert not OutgoingMail.objects.exists()
    return [(message.to[0], str(message.subject)) for message in outbox.outbox]


def secret_in(text: str) -> str:
    found = LINK.search(text)
    assert found, text
    return found[1]


def test_a_new_customer_is_asked_to_confirm_the_address() -> None:
    ada = NewcomerFactory.create(name="Ada", email=ADA)
    assert sent() == [(ADA, "Confirm your e-mail address")]
    text = str(outbox.outbox[0].body)
    link = read_link(secret_in(text))
    assert link
    assert (link.purpose, link.user, link.email) == (Purpose.OWN, ada, ADA)
    assert ADA not in secret_in(text), "logs of proxies keep addresses of pages"


def test_a_registration_that_is_sent_again_sends_no_other_mail() -> None:
    register_customer("1", **DETAILS)
    register_customer("1", **DETAILS)
    register_customer("2", **DETAILS)
    assert sent() == [(ADA, "Confirm your e-mail address")]


def test_a_rehearsal_sends_none() -> None:
    assert register_customer("1", **DETAILS, dry_run=True).accepted
    assert sent() == []


def test_what_is_confirmed_by_then_is_not_asked_for() -> None:
    confirm_email(NewcomerFactory.create(email=ADA))
    assert sent() == []


def test_nor_what_was_given_back_by_then() -> None:
    release_email(NewcomerFactory.create(email=ADA))
    assert sent() == []


def test_a_new_address_gets_the_link_and_the_old_one_notices() -> None:
    ada = NewcomerFactory.create(email=ADA)
    confirm_email(ada)
    sent()
    assert ada.customer_id
    update_details(ada.customer_id, "1", actor=ada.actor, email="king@example.org")
    assert sent() == [
        ("king@example.org", "Confirm your new e-mail address"),
        (ADA, "Somebody wants to change your e-mail address"),
    ]
    first, notice = (str(message.body) for message in outbox.outbox)
    assert not LINK.search(notice), "only the new mailbox proves the new address"
    assert "king@example.org" not in notice
    link = read_link(secret_in(first))
    assert link
    assert (link.purpose, link.email) == (Purpose.CHANGE, "king@example.org")
    change_email(ada)
    assert sent() == [(ADA, "Your e-mail address was changed")]
    assert "king@example.org" not in str(outbox.outbox[0].body)


def test_only_the_last_that_was_asked_for_gets_a_link() -> None:
    ada = NewcomerFactory.create(email=ADA)
    confirm_email(ada)
    sent()
    assert ada.customer_id
    for number in (1, 2):
        update_details(ada.customer_id, str(number), actor=ada.actor, email=f"king{number}@example.org")
    assert [to for to, _ in sent()] == [ADA, "king2@example.org", ADA]


def test_mails_are_in_the_customers_language() -> None:
    NewcomerFactory.create(email=ADA, locale="zh-hans")
    assert OutgoingMail.objects.get().language == "zh-hans"


def test_who_takes_an_address_back_gets_a_link() -> None:
    squatter = NewcomerFactory.create(email=ADA)
    sent()
    emails.ask_for_link(ADA)
    assert [to for to, _ in sent()] == [ADA]
    secret = secret_in(str(outbox.outbox[0].body))
    link = read_link(secret)
    assert link
    assert link.user == squatter
    assert Client().post(f"/email/{secret}", {"release": "1"}).status_code == 302
    assert emails.state_of(secret) is State.RELEASED


def test_nobody_gets_a_mail_at_an_address_that_nobody_has() -> None:
    erased = NewcomerFactory.create(email="erased@example.org")
    ErasureFactory.create(customer=erased)
    released = NewcomerFactory.create(email="released@example.org")
    release_email(released)
    for email in ("nobody@example.org", "erased@example.org", "released@example.org", released.email):
        emails.ask_for_link(email)
    assert sent() == []


@pytest.mark.parametrize("make", [confirmed, lambda: StaffFactory.create(email=ADA)], ids=["customer", "staff"])
def test_who_has_confirmed_is_told_how_to_choose_a_new_password(make: object) -> None:
    assert callable(make)
    make()
    sent()
    emails.ask_for_link(ADA)
    assert [to for to, _ in sent()] == [ADA]
    text = str(outbox.outbox[0].body)
    assert not LINK.search(text)
    assert "choose a new one here" in text


def test_the_same_work_is_done_for_any_address() -> None:
    NewcomerFactory.create(email=ADA)
    before = OutgoingMail.objects.count()
    for email in (ADA, "nobody@example.org"):
        emails.ask_for_link(email)
    rows = OutgoingMail.objects.order_by("pk").values("kind", "user_id")[before:]
    assert list(rows) == [{"kind": "claim_email", "user_id": None}] * 2


def changes_the_password(user: User) -> None:
    assert passwords.change_password(user, PASSWORD)


def adds_and_removes_a_factor(user: User) -> None:
    CodeApp.objects.create(user=user, confirmed=True)
    User.objects.filter(pk=user.pk).update(has_second_factor=True)
    assert factors.remove_app(user)


def adds_a_factor(user: User) -> None:
    app = factors.new_app(user, SessionStore())
    assert factors.confirm_app(user, app, code_of(user, confirmed=False)) is not None


def asks_for_another_address(user: User) -> None:
    assert user.customer_id
    email = f"{new_id()}@example.org"
    assert update_details(user.customer_id, str(new_id()), actor=user.actor, email=email).accepted


@pytest.mark.parametrize(
    "does", [changes_the_password, adds_a_factor, adds_and_removes_a_factor, asks_for_another_address]
)
def test_who_registered_with_a_strangers_address_does_not_fill_the_mailbox(
    does: Callable[[User], None], settings: LazySettings
) -> None:
    squatter = NewcomerFactory.create(email=ADA)
    settings.ATTEMPT_RATES = {"email_link": "2/hour"}
    sent()
    for _ in range(4):
        does(squatter)
    assert [to for to, _ in sent()].count(ADA) == 2


def test_many_who_ask_for_a_strangers_address_do_not_fill_the_mailbox(settings: LazySettings) -> None:
    settings.ATTEMPT_RATES = {"email_link": "2/hour"}
    for number in range(4):
        user = NewcomerFactory.create(email=f"eve{number}@example.org")
        assert user.customer_id
        assert update_details(user.customer_id, str(number), actor=user.actor, email=ADA).accepted
    assert [to for to, _ in sent()].count(ADA) == 2


def test_one_kind_of_mail_leaves_room_for_the_others(settings: LazySettings) -> None:
    settings.ATTEMPT_RATES = {"email_link": "2/hour"}
    for _ in range(4):
        emails.ask_for_link(ADA)  # anybody may, to keep Ada from confirming her address
    ada = NewcomerFactory.create(email=ADA)
    assert mails_to(ada.email)[-1] == "confirm_email"


def test_each_mail_is_counted_by_who_queues_it() -> None:
    calls = {
        path.stem
        for path in Path("accounts").rglob("*.py")
        if path.name != "mail.py" and re.search(r"^[^`]*\bqueue_mail\(", path.read_text(), re.MULTILINE)
    }
    assert calls == {"passwords"}, "links for a new password have a count of their own; for others there is queue_few"


def test_an_address_gets_a_few_mails_alone(settings: LazySettings) -> None:
    settings.ATTEMPT_RATES = {"email_link": "2/hour"}
    for _ in range(5):
        emails.ask_for_link(ADA)
    assert OutgoingMail.objects.count() == 2
