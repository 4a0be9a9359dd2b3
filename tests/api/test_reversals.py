"""POST entries/{id}/reversal."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.test import override_settings

from projections.models import Account, Entry
from tests.api.caller import Caller

REASON = {"reason": "Paid twice"}


@pytest.fixture
def withdrawal(ada: Caller, adas: Account) -> str:
    return str(ada.post(f"accounts/{adas.account_id}/withdrawals", {"amount": "30.00"}).body["entry_id"])


@pytest.fixture
def sent(ada: Caller, adas: Account, bobs: Account) -> str:
    body = {"from_account": str(adas.account_id), "to_account": str(bobs.account_id), "amount": "25.00"}
    return str(ada.post("transfers", body).body["entry_id"])


def test_a_withdrawal_is_undone(operator: Caller, withdrawal: str) -> None:
    answer = operator.post(f"entries/{withdrawal}/reversal", REASON)
    assert answer.status == 201
    assert answer.body.keys() == {"command_id", "position", "cursor", "entry_id", "reverses", "balance", "currency"}
    assert (answer.body["reverses"], answer.body["balance"]) == (withdrawal, "100.00")
    entry = Entry.objects.get(entry_id=answer.body["entry_id"])
    assert (entry.kind, entry.direction, entry.amount, entry.reference) == ("reversal", "credit", 3000, "Paid twice")


@pytest.mark.parametrize("side", [0, 1])
def test_either_leg_of_a_transfer_undoes_both(
    operator: Caller, sent: str, adas: Account, bobs: Account, side: int
) -> None:
    legs = Entry.objects.filter(transfer_id=Entry.objects.get(entry_id=sent).transfer_id).order_by("position")
    answer = operator.post(f"entries/{legs[side].entry_id}/reversal", REASON)
    assert answer.body["balance"] == ("100.00", "0.00")[side]
    adas.refresh_from_db()
    bobs.refresh_from_db()
    assert (adas.balance, bobs.balance) == (10_000, 0)
    for leg in legs[:2]:
        again = operator.post(f"entries/{leg.entry_id}/reversal", REASON)
        assert again.refusal == (409, "ALREADY_REVERSED", None)


def test_a_reversal_is_final(operator: Caller, withdrawal: str) -> None:
    reversal = operator.post(f"entries/{withdrawal}/reversal", REASON).body["entry_id"]
    assert operator.post(f"entries/{reversal}/reversal", REASON).refusal == (422, "REVERSAL_NOT_REVERSIBLE", None)


def test_no_leg_is_undone_if_one_can_not_be(operator: Caller, bob: Caller, sent: str, bobs: Account) -> None:
    bob.post(f"accounts/{bobs.account_id}/withdrawals", {"amount": "0.01"})
    refused = operator.post(f"entries/{sent}/reversal", REASON)
    assert refused.refusal == (422, "INSUFFICIENT_FUNDS", None)
    assert not Entry.objects.filter(kind="reversal").exists()


@pytest.mark.parametrize("reason", [{}, {"reason": ""}, {"reason": "  "}])
def test_it_takes_a_reason(operator: Caller, withdrawal: str, reason: dict[str, str]) -> None:
    assert operator.post(f"entries/{withdrawal}/reversal", reason).refusal == (422, "REASON_REQUIRED", "reason")


@pytest.mark.parametrize("entry_id", [uuid4(), "nonsense"])
def test_what_is_no_entry_is_not_found(operator: Caller, entry_id: object) -> None:
    assert operator.post(f"entries/{entry_id}/reversal", REASON).refusal == (404, "ENTRY_NOT_FOUND", None)


def test_customers_and_support_do_not_reverse(ada: Caller, auditor: Caller, withdrawal: str) -> None:
    for caller in (ada, auditor):
        assert caller.post(f"entries/{withdrawal}/reversal", REASON).refusal == (403, "FORBIDDEN", None)


def test_what_is_above_the_limit_takes_two(operator: Caller, withdrawal: str) -> None:
    with override_settings(APPROVAL_ABOVE=Decimal(30)):
        assert operator.post(f"entries/{withdrawal}/reversal", REASON, dry_run=1).status == 200
    with override_settings(APPROVAL_ABOVE=Decimal("29.99")):
        assert operator.post(f"entries/{withdrawal}/reversal", REASON).refusal == (403, "APPROVAL_REQUIRED", None)
