"""GET streams/{category}/{id}: time travel."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from eventstore.models import Event
from projections.models import Account
from tests.api.caller import Caller


@pytest.fixture
def stream(ada: Caller, adas: Account) -> str:
    ada.post(f"accounts/{adas.account_id}/withdrawals", {"amount": "40.00"})
    return f"streams/account/{adas.account_id}"


def balance(caller: Caller, stream: str, **query: Any) -> tuple[int, int]:
    body = caller.get(stream, **query).body
    return body["version"], body["state"]["balance"]


def test_tells_the_state_in_minor_units(auditor: Caller, adas: Account, stream: str) -> None:
    body = auditor.get(stream).body
    assert body.keys() == {"category", "stream_id", "version", "state", "position", "cursor"}
    assert (body["category"], body["stream_id"], body["version"]) == ("account", str(adas.account_id), 3)
    assert body["state"]["balance"] == 6_000


def test_at_any_version(auditor: Caller, stream: str) -> None:
    assert balance(auditor, stream, version=1) == (1, 0)
    assert balance(auditor, stream, version=2) == (2, 10_000)
    assert balance(auditor, stream, version=3) == (3, 6_000)


def test_at_any_time(auditor: Caller, adas: Account, stream: str) -> None:
    deposit = Event.objects.get(stream_id=adas.account_id, version=2).recorded_at
    assert balance(auditor, stream, at=deposit.isoformat()) == (2, 10_000)
    assert balance(auditor, stream, at=(deposit - timedelta(microseconds=1)).isoformat()) == (1, 0)
    assert balance(auditor, stream, at="2999-01-01T00:00:00Z", version=2) == (2, 10_000)


@pytest.mark.parametrize("query", [{"version": 0}, {"version": 4}, {"at": "2001-01-01T00:00:00Z"}])
def test_what_was_not_then_is_not_found(auditor: Caller, stream: str, query: dict[str, Any]) -> None:
    assert auditor.get(stream, **query).refusal == (404, "NOT_FOUND", None)


def test_so_is_what_never_was(auditor: Caller, adas: Account) -> None:
    for path in (f"customer/{adas.account_id}", f"nothing/{adas.account_id}", f"account/{uuid4()}", "account/x"):
        assert auditor.get(f"streams/{path}").refusal == (404, "NOT_FOUND", None)


@pytest.mark.parametrize(
    ("name", "value"), [("version", "-1"), ("version", "x"), ("at", "yesterday"), ("at", "2026-01-01T00:00:00")]
)
def test_refuses_what_it_can_not_take(auditor: Caller, stream: str, name: str, value: str) -> None:
    assert auditor.get(stream, **{name: value}).refusal == (400, "MALFORMED", name)


def test_is_for_staff(ada: Caller, stranger: Caller, stream: str) -> None:
    assert ada.get(stream).refusal == (403, "FORBIDDEN", None)
    assert stranger.get(stream).refusal == (401, "NOT_SIGNED_IN", None)
