"""Text that nobody sees, and spellings of e-mails, as they come in by the API."""

from typing import Any

import pytest

from accounts.users.models import User
from eventstore.models import Command, Event
from projections.models import Account
from tests.api.caller import Caller

EVE = {"name": "Eve", "email": "eve@bank.example", "password": "correct horse battery"}
UNSEEN = ["\u200b", "\u2060", "\u00ad", "\u3164", "\u2800", "\u202e", "\U000e0041"]


@pytest.mark.parametrize("character", UNSEEN)
def test_a_name_that_nobody_sees_is_none(stranger: Caller, character: str) -> None:
    answer = stranger.post("customers", {**EVE, "name": character})
    assert answer.refusal == (400, "MALFORMED", "name")
    assert not Event.objects.exists()


@pytest.mark.parametrize("character", [*UNSEEN, "\u200d"])
def test_an_email_with_what_nobody_sees_is_nobodys(stranger: Caller, character: str) -> None:
    assert stranger.post("customers", EVE).status == 201
    assert stranger.post("customers", {**EVE, "email": EVE["email"] + character}).refusal == (400, "MALFORMED", "email")
    assert User.objects.count() == 1


@pytest.mark.parametrize("character", UNSEEN)
def test_a_reason_that_nobody_sees_is_missing(operator: Caller, adas: Account, character: str) -> None:
    answer = operator.post(f"accounts/{adas.account_id}/freeze", {"scope": "all", "reason": character})
    assert answer.refusal == (422, "REASON_REQUIRED", "reason")


@pytest.mark.parametrize("body", [{"label": "Sav\u202eings"}, {"label": "Sav\u200bings"}])
def test_a_label_shows_what_it_says(ada: Caller, body: dict[str, Any]) -> None:
    before = Command.objects.count()
    assert ada.post("accounts", {"currency": "EUR", **body}).refusal == (400, "MALFORMED", "label")
    assert Command.objects.count() == before


@pytest.mark.parametrize("again", ["eve@xn--fu-hia.example", "EVE@FUß.example"])
def test_a_domain_and_its_punycode_are_one(stranger: Caller, again: str) -> None:
    made = stranger.post("customers", {**EVE, "email": "eve@fuß.example"})
    assert made.body["email"] == "eve@xn--fu-hia.example"
    assert stranger.post("customers", {**EVE, "email": again}).refusal == (409, "EMAIL_TAKEN", "email")
    signed_in = stranger.post("token", {"email": again, "password": EVE["password"]}, key=None)
    assert signed_in.status == 200


def test_two_mailboxes_are_two_customers(stranger: Caller) -> None:
    for email in ("straße@bank.example", "strasse@bank.example"):
        assert stranger.post("customers", {**EVE, "email": email}).body["email"] == email
