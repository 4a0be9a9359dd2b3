"""A customer changes the password that they know."""

from typing import Any

import pytest
from django.conf import LazySettings
from django.core import mail as outbox
from django.test import Client

from accounts.services import passwords
from accounts.users.models import User
from accounts.users.tokens import caller_of
from tests.factories import PASSWORD, SuspensionFactory
from tests.mail.letters import NEW_PASSWORD, send_all
from tests.pages.browser import errors_of, follow, path_of, text_of
from tests.tokens import token_of

NEW = {"old_password": PASSWORD, "new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}


def change(client: Client, **fields: str) -> Any:
    return client.post("/profile/password", {**NEW, **fields})


def has_password(user: User, password: str) -> bool:
    return User.objects.get(pk=user.pk).check_password(password)


def test_the_profile_leads_to_it(client: Client, ada: User) -> None:
    assert 'href="/profile/password"' in text_of(client.get("/profile"))
    assert "Old password" in text_of(client.get("/profile/password"))


def test_the_new_password_holds_and_this_session_goes_on(client: Client, ada: User) -> None:
    page = follow(client, change(client))
    assert "Your password is changed." in text_of(page)
    assert has_password(ada, NEW_PASSWORD)


def test_all_other_sessions_end(client: Client, ada: User) -> None:
    elsewhere = Client()
    elsewhere.force_login(ada)
    change(client)
    assert path_of(elsewhere.get("/profile")) == "/sign-in"
    assert client.get("/profile").status_code == 200


def test_all_tokens_end(client: Client, ada: User) -> None:
    token = token_of(ada)
    change(client)
    assert caller_of(token) is None


def test_the_session_has_another_key_afterwards(client: Client, ada: User) -> None:
    before = client.session.session_key
    change(client)
    assert client.session.session_key != before


def test_the_owner_is_told_by_mail(client: Client, ada: User) -> None:
    change(client)
    assert send_all().sent == 1
    assert (outbox.outbox[-1].to, outbox.outbox[-1].subject) == ([ada.email], "Your password was changed")


def test_without_the_old_password_nothing_changes_and_nobody_is_told(client: Client, ada: User) -> None:
    errors = errors_of(change(client, old_password="wrong"))
    assert list(errors) == ["old_password"]
    assert has_password(ada, PASSWORD)
    assert send_all().is_empty


def test_wrong_old_passwords_are_counted_as_at_all_doors(client: Client, ada: User, settings: LazySettings) -> None:
    settings.ATTEMPT_RATES = {**settings.ATTEMPT_RATES, "sign_in": "3/hour"}
    for _ in range(3):
        change(client, old_password="wrong")
    assert errors_of(change(client))["old_password"][0].startswith("There were too many attempts.")
    assert has_password(ada, PASSWORD)


def test_a_right_old_password_costs_nothing(client: Client, ada: User, settings: LazySettings) -> None:
    settings.ATTEMPT_RATES = {**settings.ATTEMPT_RATES, "sign_in": "3/hour"}
    for _ in range(3):
        change(client, new_password2="something else")
    assert change(client).status_code == 302


@pytest.mark.parametrize("password", ["12345678", "short", "ada@example.org"])
def test_the_rules_are_those_of_signing_up(client: Client, ada: User, password: str) -> None:
    errors = errors_of(change(client, new_password1=password, new_password2=password))
    assert list(errors) == ["new_password2"]
    assert has_password(ada, PASSWORD)


def test_somebody_who_is_suspended_may_change_it(client: Client, ada: User) -> None:
    SuspensionFactory.create(customer=ada)
    assert change(client).status_code == 302


def test_what_others_write_meanwhile_is_not_undone(client: Client, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow_hash(password: str) -> str:
        User.objects.filter(pk=ada.pk).update(is_active=False)
        return "!"

    monkeypatch.setattr(passwords, "make_password", slow_hash)
    assert list(errors_of(change(client))) == ["old_password"]
    ada.refresh_from_db()
    assert (ada.is_active, ada.check_password(PASSWORD)) == (False, True)
