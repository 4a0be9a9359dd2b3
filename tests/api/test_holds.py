"""POST accounts/{id}/holds, holds/{id}/capture and holds/{id}/release."""

from uuid import uuid4

import pytest

from projections.models import Account, Entry
from tests.api.caller import Answer, Caller


@pytest.fixture
def hold_id(ada: Caller, adas: Account) -> str:
    return str(place(ada, adas, amount="40.00", reference="Hotel").body["hold_id"])


def place(caller: Caller, account: Account, **body: str) -> Answer:
    return caller.post(f"accounts/{account.account_id}/holds", body)


def test_money_is_set_aside(ada: Caller, adas: Account) -> None:
    answer = place(ada, adas, amount="40.00")
    assert answer.status == 201
    assert answer.body.keys() == {"command_id", "position", "cursor", "hold_id", "held", "available", "currency"}
    assert (answer.body["held"], answer.body["available"]) == ("40.00", "60.00")


def test_what_is_set_aside_is_not_available(ada: Caller, adas: Account, hold_id: str) -> None:
    refused = ada.post(f"accounts/{adas.account_id}/withdrawals", {"amount": "60.01"})
    assert refused.refusal == (422, "INSUFFICIENT_FUNDS", "amount")
    assert place(ada, adas, amount="60.01").refusal == (422, "INSUFFICIENT_FUNDS", "amount")


def test_a_hold_expires_in_the_future(ada: Caller, adas: Account) -> None:
    answer = place(ada, adas, amount="1.00", expires_at="2020-01-01T00:00:00Z")
    assert answer.refusal == (422, "EFFECTIVE_DATE_INVALID", "expires_at")


def test_a_part_is_captured_and_the_rest_released(ada: Caller, adas: Account, hold_id: str) -> None:
    answer = ada.post(f"holds/{hold_id}/capture", {"amount": "30.00"})
    assert answer.status == 201
    sums = answer.body["balance"], answer.body["held"], answer.body["available"]
    assert sums == ("70.00", "0.00", "70.00")
    entry = Entry.objects.get(entry_id=answer.body["entry_id"])
    assert (entry.kind, entry.amount, entry.reference) == ("capture", 3000, "Hotel")


def test_all_of_it_is_captured_unless_less_is_asked_for(ada: Caller, hold_id: str) -> None:
    assert ada.post(f"holds/{hold_id}/capture", {}).body["balance"] == "60.00"


@pytest.mark.parametrize(
    ("amount", "code"),
    [("40.01", "CAPTURE_EXCEEDS_HOLD"), ("0.00", "INVALID_AMOUNT"), ("1.001", "TOO_MANY_DECIMALS")],
)
def test_no_more_than_was_set_aside_is_captured(ada: Caller, hold_id: str, amount: str, code: str) -> None:
    assert ada.post(f"holds/{hold_id}/capture", {"amount": amount}).refusal == (422, code, "amount")


@pytest.mark.parametrize("end", ["capture", "release"])
def test_a_hold_ends_once(ada: Caller, hold_id: str, end: str) -> None:
    ada.post(f"holds/{hold_id}/{end}", {})
    for again in ("capture", "release"):
        assert ada.post(f"holds/{hold_id}/{again}", {}).refusal == (409, "HOLD_NOT_OPEN", None)


def test_what_is_released_is_available_again(ada: Caller, hold_id: str) -> None:
    answer = ada.post(f"holds/{hold_id}/release", {"reason": "Cancelled"})
    assert answer.status == 200
    assert (answer.body["held"], answer.body["available"]) == ("0.00", "100.00")


@pytest.mark.parametrize("act", ["capture", "release"])
def test_somebody_elses_hold_is_as_good_as_none(bob: Caller, hold_id: str, act: str) -> None:
    foreign, nothing = (bob.post(f"holds/{each}/{act}", {}) for each in (hold_id, uuid4()))
    assert foreign.refusal == (404, "HOLD_NOT_FOUND", None)
    assert foreign.raw == nothing.raw == bob.post(f"holds/nonsense/{act}", {}).raw


def test_operators_handle_holds_of_customers(operator: Caller, adas: Account) -> None:
    hold_id = place(operator, adas, amount="10.00").body["hold_id"]
    assert operator.post(f"holds/{hold_id}/capture", {}).body["balance"] == "90.00"


def test_other_staff_do_not(auditor: Caller, adas: Account, hold_id: str) -> None:
    assert place(auditor, adas, amount="1.00").refusal == (403, "FORBIDDEN", None)
    assert auditor.post(f"holds/{hold_id}/release", {}).refusal == (403, "FORBIDDEN", None)


def test_a_hold_is_placed_once_for_each_key(ada: Caller, adas: Account) -> None:
    path = f"accounts/{adas.account_id}/holds"
    first, again = (ada.post(path, {"amount": "60.00"}, key="hold") for _ in range(2))
    assert first.raw == again.raw
