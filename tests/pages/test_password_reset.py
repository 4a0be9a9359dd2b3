"""A customer who has forgotten the password asks for a link by mail, and chooses a new one by it."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import LazySettings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core import mail as outbox
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.services import emails, passwords
from accounts.users import attempts
from accounts.users.mail import OutgoingMail
from accounts.users.models import User
from accounts.users.tokens import caller_of
from tests.factories import PASSWORD, CustomerFactory, ErasureFactory, NewcomerFactory, StaffFactory
from tests.mail.letters import NEW_PASSWORD, customer, mailed_link, send_all
from tests.pages.browser import errors_of, follow, path_of, text_of
from tests.second_factors import give_app
from tests.tokens import token_of

pytestmark = pytest.mark.django_db

VALUE = re.compile(r"'[^']*'|[0-9]+")
NEW = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}


def ask(client: Client, email: str = "ada@example.org", **headers: Any) -> Any:
    return client.post("/password-reset", {"email": email}, **headers)


def form_of(client: Client, link: str) -> str:
    """The address of the form that a link leads to."""
    return path_of(client.get(link))


def choose(client: Client, link: str, **fields: str) -> Any:
    return client.post(form_of(client, link), {**NEW, **fields})


def sign_in(client: Client, password: str) -> bool:
    client.post("/sign-in", {"username": "ada@example.org", "password": password})
    return "_auth_user_id" in client.session


def test_the_way_back_in(client: Client) -> None:
    ada = customer()
    assert "/password-reset" in text_of(client.get("/sign-in"))
    page = follow(client, ask(client, " ADA@example.org "))
    assert "Look into your mail" in text_of(page)
    link = mailed_link()
    assert outbox.outbox[-1].to == ["ada@example.org"]
    assert "Choose a new password" in text_of(client.get(form_of(client, link)))
    page = follow(client, choose(client, link))
    assert "Your password is changed. Sign in with the new one." in text_of(page)
    assert sign_in(client, NEW_PASSWORD)
    ada.refresh_from_db()
    assert not ada.check_password(PASSWORD)


def test_the_admin_leads_to_it_too(client: Client) -> None:
    assert 'href="/password-reset"' in text_of(client.get("/admin/login/"))


def test_staff_come_back_in_by_it(client: Client) -> None:
    sam = StaffFactory.create(email="sam@example.org")
    ask(client, "sam@example.org")
    assert path_of(choose(client, mailed_link())) == "/sign-in"
    sam.refresh_from_db()
    assert sam.check_password(NEW_PASSWORD)
    assert "_auth_user_id" not in client.session  # whoever has a second factor is asked for it when they sign in


def inactive() -> None:
    User.objects.filter(pk=customer().pk).update(is_active=False)


def erased() -> None:
    ErasureFactory.create(customer=customer())


@pytest.mark.parametrize("make", [customer, inactive, erased])
def test_the_answer_and_the_work_are_the_same_as_for_an_email_that_is_nobodys(client: Client, make: Any) -> None:
    make()
    assert work(client, "ada@example.org") == work(client, "nobody@example.org")


def work(client: Client, email: str) -> list[str]:
    """The statements that a request takes, without their values."""
    attempts.AttemptCount.objects.all().delete()
    with CaptureQueriesContext(connection) as queries:
        answer = ask(client, email)
    assert answer["Location"] == "/password-reset/sent"
    assert not client.cookies
    statements = [VALUE.sub("?", query["sql"]) for query in queries]
    assert "outgoingmail" in statements[-1]
    assert not [sql for sql in statements if "accounts_user" in sql]
    return statements


def without_password() -> None:
    StaffFactory.create(email="ada@example.org", password=None)


@pytest.mark.parametrize("make", [lambda: None, inactive, erased, without_password])
def test_only_who_may_sign_in_gets_a_mail(client: Client, make: Any) -> None:
    make()
    ask(client)
    assert (send_all().void, outbox.outbox) == (1, [])


def test_what_waited_for_the_mail_is_forgotten_with_the_person(client: Client) -> None:
    ada = customer()
    ask(client)
    ErasureFactory.create(customer=ada)
    assert not OutgoingMail.objects.exists()


def test_what_is_no_email_is_said_to_be_none(client: Client) -> None:
    assert errors_of(ask(client, "ada"))["email"] == ["Enter an e-mail address such as ada@example.org."]
    assert errors_of(ask(client, ""))["email"] == ["This field is required."]


def test_no_secret_is_stored_in_the_queue(client: Client) -> None:
    customer()
    ask(client)
    (row,) = OutgoingMail.objects.values()
    assert (row["kind"], row["email"], row["user_id"]) == ("password_reset", "ada@example.org", None)


def test_the_host_that_a_request_names_is_in_no_link(client: Client, settings: LazySettings) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    settings.SITE_URL = "https://bank.example"
    customer()
    ask(client, HTTP_HOST="evil.example")
    assert mailed_link().startswith("/password-reset/")
    assert "evil" not in outbox.outbox[-1].body


def test_a_link_is_good_for_one_time(client: Client) -> None:
    customer()
    ask(client)
    link = mailed_link()
    assert choose(client, link).status_code == 302
    assert "This link is not good any more" in text_of(client.get(link, follow=True))


def test_of_two_links_the_second_is_dead_once_the_first_was_used(client: Client) -> None:
    customer()
    ask(client)
    first = mailed_link()
    ask(client)
    second = mailed_link()
    choose(client, first)
    assert "This link is not good any more" in text_of(Client().get(second, follow=True))


def test_of_two_who_use_a_link_at_once_one_comes_late(client: Client) -> None:
    customer()
    ask(client)
    link, other = mailed_link(), Client()
    address = form_of(client, link)
    form_of(other, link)
    others = {"new_password1": PASSWORD, "new_password2": PASSWORD}
    page = _choose_while(client, address, lambda: other.post(address, others))
    assert "This link is not good any more" in text_of(page)
    assert User.objects.get().check_password(PASSWORD)


def _choose_while(client: Client, address: str, meanwhile: Callable[[], object]) -> Any:
    """Send the form, and let something happen after the link was found good."""

    def slowly(password: str) -> str:
        with patch.object(passwords, "make_password", make_password):
            meanwhile()
        return make_password(password)

    with patch.object(passwords, "make_password", slowly):
        return client.post(address, NEW)


def test_somebody_who_is_deactivated_meanwhile_stays_out(client: Client) -> None:
    ada = customer()
    ask(client)
    address = form_of(client, mailed_link())
    page = _choose_while(client, address, lambda: User.objects.update(is_active=False))
    assert "This link is not good any more" in text_of(page)
    ada.refresh_from_db()
    assert (ada.is_active, ada.check_password(PASSWORD)) == (False, True)


def test_a_link_dies_after_an_hour(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    customer()
    ask(client)
    link = mailed_link()
    later = timezone.now().replace(tzinfo=None) + timedelta(minutes=61)
    monkeypatch.setattr(PasswordResetTokenGenerator, "_now", lambda _: later)
    assert "This link is not good any more" in text_of(client.get(link, follow=True))


def test_a_link_dies_with_a_change_of_email_and_with_a_deactivation(client: Client) -> None:
    ada = customer()
    ask(client)
    link = mailed_link()
    User.objects.filter(pk=ada.pk).update(is_active=False)
    assert "This link is not good any more" in text_of(client.get(link, follow=True))
    User.objects.filter(pk=ada.pk).update(is_active=True, email="new@example.org")
    assert "This link is not good any more" in text_of(client.get(link, follow=True))


def test_who_merely_opens_a_link_does_not_use_it_up(client: Client) -> None:
    customer()
    ask(client)
    link = mailed_link()
    for scanner in (Client(), Client()):
        scanner.head(link)
        scanner.get(link, follow=True)
    assert choose(client, link).status_code == 302


@pytest.mark.parametrize(
    "link",
    [
        "/password-reset/MQ/set-password",
        "/password-reset/MQ/abc-def",
        "/password-reset/~/1-2",
        "/password-reset/OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5/1-2",
    ],
)
def test_a_link_that_was_made_up_is_not_good(client: Client, link: str) -> None:
    assert "This link is not good any more" in text_of(client.get(link, follow=True))
    assert "This link is not good any more" in text_of(client.post(link, NEW, follow=True))


def test_the_secret_is_told_to_nobody(client: Client) -> None:
    customer()
    ask(client)
    link = mailed_link()
    answer = client.get(link)
    secret = link.rpartition("/")[2]
    page = client.get(answer["Location"])
    assert secret not in answer["Location"] + text_of(page)
    bad = client.get("/password-reset/MQ/1-2")
    assert path_of(bad) == "/password-reset/MQ/set-password"
    assert [each["Referrer-Policy"] for each in (answer, bad, page)] == ["no-referrer", "no-referrer", "same-origin"]
    assert all("no-store" in each["Cache-Control"] for each in (answer, bad, page, client.get(bad["Location"])))


def test_a_link_that_is_not_good_ends_the_one_that_was_opened_before(client: Client) -> None:
    customer()
    ask(client)
    address = form_of(client, mailed_link())
    client.get(address.replace("set-password", "1-2"))
    assert "This link is not good any more" in text_of(client.post(address, NEW))


def test_a_password_that_the_rules_reject_is_said_and_changes_nothing(client: Client) -> None:
    ada = customer()
    ask(client)
    link = mailed_link()
    assert "new_password2" in errors_of(choose(client, link, new_password1="12345678", new_password2="12345678"))
    assert "new_password2" in errors_of(choose(client, link, new_password2="another one entirely"))
    ada.refresh_from_db()
    assert ada.check_password(PASSWORD)
    assert choose(client, link).status_code == 302


def test_all_sessions_end_with_it(client: Client) -> None:
    ada = customer()
    elsewhere = Client()
    elsewhere.force_login(ada)
    ask(client)
    choose(client, mailed_link())
    assert path_of(elsewhere.get("/profile")) == "/sign-in"


def test_all_tokens_end_with_it(client: Client) -> None:
    token = token_of(customer())
    assert caller_of(token)
    ask(client)
    choose(client, mailed_link())
    assert caller_of(token) is None


def test_who_has_read_the_mail_has_confirmed_the_address(client: Client) -> None:
    ada = customer()
    User.objects.update(email_confirmed_at=None, new_email="eve@example.org")
    ask(client)
    choose(client, mailed_link())
    ada.refresh_from_db()
    assert ada.email_confirmed_at
    assert ada.new_email == ""  # somebody else may have asked for it
    confirmed_at = ada.email_confirmed_at
    ask(client)
    choose(client, mailed_link(), new_password1=PASSWORD, new_password2=PASSWORD)
    ada.refresh_from_db()
    assert ada.email_confirmed_at == confirmed_at


def test_a_second_factor_of_who_registered_with_it_keeps_no_address_from_its_owner(client: Client) -> None:
    squatter = NewcomerFactory.create(email="ada@example.org")
    give_app(squatter)
    ask(client)
    choose(client, mailed_link())
    assert (
        path_of(client.post("/sign-in", {"username": "ada@example.org", "password": NEW_PASSWORD})) == "/sign-in/code"
    )
    emails.ask_for_link("ada@example.org")
    send_all()
    (link,) = re.findall(r"/email/\S+", str(outbox.outbox[-1].body))
    assert path_of(client.post(link, {"release": "1"})) == "/sign-up"


def test_who_knows_the_password_can_not_keep_the_owner_from_choosing_another(client: Client) -> None:
    customer()
    ask(client)
    link = mailed_link()
    assert sign_in(Client(), PASSWORD)  # again and again: each one must not end the link
    assert path_of(choose(client, link)) == "/sign-in"


def test_the_owner_is_told_by_mail(client: Client) -> None:
    customer()
    ask(client)
    choose(client, mailed_link())
    assert send_all().sent == 1
    message = outbox.outbox[-1]
    assert (message.to, message.subject) == (["ada@example.org"], "Your password was changed")
    assert "/password-reset" in message.body


def test_whoever_was_signed_in_in_this_browser_is_signed_out(client: Client) -> None:
    customer()
    client.force_login(CustomerFactory.create())
    ask(client)
    choose(client, mailed_link())
    assert "_auth_user_id" not in client.session


def test_who_was_locked_out_by_others_comes_back_in_by_it(client: Client, settings: LazySettings) -> None:
    settings.ATTEMPT_RATES = {**settings.ATTEMPT_RATES, "sign_in_account": "3/hour"}
    customer()
    for number in range(4):
        guesser = Client(REMOTE_ADDR=f"192.0.2.{number}")
        guesser.post("/sign-in", {"username": "ada@example.org", "password": "wrong"})
    assert not sign_in(client, PASSWORD)
    ask(client)
    choose(client, mailed_link())
    assert sign_in(client, NEW_PASSWORD)


def test_a_mailbox_is_not_filled(client: Client) -> None:
    customer()
    answers = [ask(client)["Location"] for _ in range(6)]
    assert set(answers) == {"/password-reset/sent"}
    assert send_all().sent == 3


def test_who_was_back_and_forgets_again_gets_another_mail(client: Client) -> None:
    customer()
    for _ in range(3):
        ask(client)
    choose(client, mailed_link())
    send_all()
    ask(client)
    assert path_of(client.get(mailed_link())).endswith("/set-password")
    assert outbox.outbox[-1].subject == "Choose a new password"


def test_one_network_asks_only_so_often(client: Client) -> None:
    for number in range(20):
        assert ask(client, f"somebody{number}@example.org").status_code == 302
    page = ask(client, "one-more@example.org")
    assert errors_of(page, 429)["__all__"][0].startswith("There were too many attempts.")
    assert int(page["Retry-After"]) > 0
    assert ask(client, "one-more@example.org", REMOTE_ADDR="192.0.2.1").status_code == 302


def test_nothing_counts_where_no_rate_is_set(client: Client, settings: LazySettings) -> None:
    settings.ATTEMPT_RATES = {}
    customer()
    for _ in range(5):
        ask(client)
    assert send_all().sent == 5
    assert not attempts.AttemptCount.objects.exists()
