"""POST customers."""

from typing import Any

import pytest

from accounts.users.models import User
from eventstore.log import cursor
from eventstore.models import Command, Event
from projections.models import Account
from tests.api.caller import Caller

EVE = {"name": "Eve", "email": "Eve@Example.org", "password": "correct horse battery"}


def without(field: str) -> dict[str, str]:
    return {name: value for name, value in EVE.items() if name != field}


def test_anybody_becomes_a_customer(stranger: Caller) -> None:
    answer = stranger.post("customers", {**EVE, "locale": "zh-hans", "timezone": "Asia/Shanghai"})
    assert answer.status == 201
    assert answer.body == {
        "command_id": answer.body["command_id"],
        "position": answer.body["position"],
        "cursor": cursor(answer.body["position"]),
        "customer_id": answer.body["customer_id"],
        "name": "Eve",
        "email": "eve@example.org",
        "locale": "zh-hans",
        "timezone": "Asia/Shanghai",
        "status": "active",
    }


def test_signs_in_with_the_password(stranger: Caller) -> None:
    customer_id = stranger.post("customers", EVE).body["customer_id"]
    token = stranger.post("token", {"email": EVE["email"], "password": EVE["password"]}, key=None).body["token"]
    assert Caller(token).get("me").body["customer_id"] == customer_id


def test_the_customer_is_there_as_the_answer_says(stranger: Caller, auditor: Caller) -> None:
    registered = stranger.post("customers", EVE).body
    found = auditor.get(f"customers/{registered['customer_id']}", min_position=registered["position"]).body
    assert found == {name: value for name, value in registered.items() if name != "command_id"}


def test_speaks_english_in_utc_unless_told_otherwise(stranger: Caller) -> None:
    body = stranger.post("customers", EVE).body
    assert (body["locale"], body["timezone"]) == ("en", "UTC")


def test_an_email_belongs_to_one_customer(stranger: Caller, adas: Account) -> None:
    answer = stranger.post("customers", {**EVE, "email": " ADA@example.ORG"})
    assert answer.refusal == (409, "EMAIL_TAKEN", "email")


@pytest.mark.parametrize("field", ["name", "email", "password"])
def test_name_email_and_password_are_needed(stranger: Caller, field: str) -> None:
    assert stranger.post("customers", without(field)).refusal == (400, "MALFORMED", field)
    assert stranger.post("customers", {**EVE, field: ""}).refusal == (400, "MALFORMED", field)
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "   "),
        ("name", "x" * 201),
        ("name", "a\0b"),
        ("name", 5),
        ("name", ["Eve"]),
        ("email", "eve"),
        ("email", "eve@example"),
        ("email", "e" * 250 + "@example.org"),
        ("password", "short"),
        ("password", "password"),
        ("password", "12345678901"),
        ("password", "eve@example.org"),
        ("password", 12345678),
        ("password", "\ud800 correct horse"),
        ("locale", "no locale"),
        ("locale", ""),
        ("timezone", "Mars/Olympus"),
        ("timezone", "../../etc/passwd"),
        ("timezone", None),
        ("role", "superuser"),
        ("customer_id", "0190a6f2-7c3e-7d4a-8b1f-3c2d1e0f9a8b"),
    ],
)
def test_refuses_what_it_can_not_take(stranger: Caller, field: str, value: Any) -> None:
    assert stranger.post("customers", {**EVE, field: value}).refusal == (400, "MALFORMED", field)
    assert not Command.objects.exists()


def test_the_password_is_stored_nowhere_but_in_its_hash(stranger: Caller) -> None:
    stranger.post("customers", EVE, key="1")
    rows = [*Command.objects.values(), *Event.objects.values()]
    assert rows
    assert EVE["password"] not in str(rows)
    assert "eve@example.org" not in str(rows)


def test_a_key_is_scoped_to_the_email(stranger: Caller) -> None:
    first = stranger.post("customers", EVE, key="1")
    assert stranger.post("customers", {**EVE, "email": "other@example.org"}, key="1").status == 201
    assert stranger.post("customers", EVE, key="1").raw == first.raw


def test_the_password_counts_in_what_was_asked(stranger: Caller) -> None:
    stranger.post("customers", EVE, key="1")
    again = stranger.post("customers", {**EVE, "password": "another horse battery"}, key="1")
    assert again.refusal == (422, "IDEMPOTENCY_KEY_REUSED", None)


def test_a_rehearsal_makes_nobody(stranger: Caller) -> None:
    answer = stranger.post("customers", EVE, key="1", dry_run=1)
    assert (answer.status, answer.body["dry_run"]) == (200, True)
    assert not User.objects.exists()
    assert stranger.post("customers", EVE, key="1").status == 201
