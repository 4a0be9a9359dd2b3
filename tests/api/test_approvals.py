"""POST approvals, and approvals/{id}/approve, refuse and withdraw."""

from typing import Any
from uuid import uuid4

import pytest

from accounts.services.staff import SUPERUSER
from accounts.users.roles import Role
from projections.models import Account, Approval, Entry
from tests.api.caller import Answer, Caller
from tests.factories import StaffFactory

REASON = "Fee that was forgotten"


@pytest.fixture
def approver(db: None) -> Caller:
    return Caller.of(StaffFactory.create(role=Role.APPROVER))


def ask(caller: Caller, account: Account, amount: str, reason: str = REASON) -> Answer:
    payload = {"account_id": str(account.account_id), "amount": amount}
    return caller.post("approvals", {"command": "AdjustBalance", "payload": payload, "reason": reason})


def requested(caller: Caller, account: Account, amount: str = "-10.00") -> str:
    return str(ask(caller, account, amount).body["approval_id"])


def decide(caller: Caller, approval_id: object, decision: str, **body: str) -> Answer:
    return caller.post(f"approvals/{approval_id}/{decision}", body)


def balance_of(account: Account) -> int:
    account.refresh_from_db()
    return account.balance


def test_nothing_happens_before_somebody_else_agrees(operator: Caller, adas: Account) -> None:
    answer = ask(operator, adas, "-10.00")
    assert (answer.status, answer.body["status"]) == (201, "open")
    assert balance_of(adas) == 10_000
    row = Approval.objects.get(approval_id=answer.body["approval_id"])
    assert row.payload == {"account_id": str(adas.account_id), "amount": "-10.00"}


def test_a_grant_does_it_at_once(operator: Caller, approver: Caller, adas: Account) -> None:
    approval_id = requested(operator, adas)
    answer = decide(approver, approval_id, "approve")
    assert (answer.status, answer.body["status"]) == (200, "granted")
    assert balance_of(adas) == 9_000
    entry = Entry.objects.get(kind="adjustment")
    assert (entry.direction, entry.amount, entry.reference) == ("debit", 1_000, REASON)


def test_it_is_decided_once(operator: Caller, approver: Caller, adas: Account) -> None:
    approval_id = requested(operator, adas)
    decide(approver, approval_id, "approve")
    for decision in ("approve", "refuse"):
        answer = decide(approver, approval_id, decision, **({"reason": "No"} if decision == "refuse" else {}))
        assert answer.refusal == (409, "APPROVAL_NOT_OPEN", None)
    assert balance_of(adas) == 9_000


def test_who_asks_does_not_decide(adas: Account) -> None:
    boss = Caller.of(StaffFactory.create(role=SUPERUSER))
    approval_id = requested(boss, adas)
    assert decide(boss, approval_id, "approve").refusal == (403, "SELF_APPROVAL", None)
    assert decide(boss, approval_id, "refuse", reason="No").refusal == (403, "SELF_APPROVAL", None)
    assert decide(boss, approval_id, "withdraw").body["status"] == "withdrawn"


def test_a_refusal_takes_a_reason(operator: Caller, approver: Caller, adas: Account) -> None:
    approval_id = requested(operator, adas)
    assert decide(approver, approval_id, "refuse").refusal == (422, "REASON_REQUIRED", "reason")
    assert decide(approver, approval_id, "refuse", reason="No such fee").body["status"] == "refused"
    assert balance_of(adas) == 10_000


def test_only_who_asked_withdraws(operator: Caller, adas: Account) -> None:
    other = Caller.of(StaffFactory.create(role=Role.OPERATOR))
    assert decide(other, requested(operator, adas), "withdraw").refusal == (403, "FORBIDDEN", None)


def test_a_grant_that_is_refused_leaves_the_request_open(operator: Caller, approver: Caller, adas: Account) -> None:
    approval_id = requested(operator, adas)
    freeze = f"accounts/{adas.account_id}/freeze"
    operator.post(freeze, {"scope": "all", "reason": "Police"})
    first = approver.post(f"approvals/{approval_id}/approve", {}, key="once")
    assert first.refusal == (409, "ACCOUNT_FROZEN", None)
    operator.post(f"accounts/{adas.account_id}/unfreeze", {"reason": "Police"})
    assert approver.post(f"approvals/{approval_id}/approve", {}, key="once").raw == first.raw
    assert decide(approver, approval_id, "approve").body["status"] == "granted"


def test_reversals_and_overdrafts_can_be_asked_for(operator: Caller, approver: Caller, adas: Account) -> None:
    deposit = Entry.objects.get(account_id=adas.account_id)
    for command, payload in (
        ("SetOverdraftLimit", {"account_id": str(adas.account_id), "limit": "50.00"}),
        ("ReverseEntry", {"entry_id": str(deposit.entry_id)}),
    ):
        answer = operator.post("approvals", {"command": command, "payload": payload, "reason": REASON})
        assert decide(approver, answer.body["approval_id"], "approve").body["status"] == "granted"
    assert (balance_of(adas), adas.overdraft_limit) == (0, 5_000)


@pytest.mark.parametrize(
    ("command", "payload", "refusal"),
    [
        ("Deposit", {}, (400, "MALFORMED", "command")),
        ("AdjustBalance", {}, (400, "MALFORMED", "account_id")),
        ("AdjustBalance", [], (400, "MALFORMED", "payload")),
        ("AdjustBalance", {"account_id": str(uuid4()), "amount": "1"}, (404, "ACCOUNT_NOT_FOUND", "account_id")),
        ("ReverseEntry", {"entry_id": str(uuid4())}, (404, "ENTRY_NOT_FOUND", None)),
        ("ReverseEntry", {"entry_id": "x"}, (400, "MALFORMED", "entry_id")),
    ],
)
def test_refuses_what_can_not_be_asked_for(operator: Caller, command: str, payload: Any, refusal: Any) -> None:
    answer = operator.post("approvals", {"command": command, "payload": payload, "reason": REASON})
    assert answer.refusal == refusal


@pytest.mark.parametrize(
    ("amount", "code"), [("0.00", "INVALID_AMOUNT"), ("--1", "INVALID_AMOUNT"), ("-1.001", "TOO_MANY_DECIMALS")]
)
def test_refuses_what_is_no_amount(operator: Caller, adas: Account, amount: str, code: str) -> None:
    assert ask(operator, adas, amount).refusal == (422, code, "amount")


def test_it_takes_a_reason(operator: Caller, adas: Account) -> None:
    assert ask(operator, adas, "1.00", " ").refusal == (422, "REASON_REQUIRED", "reason")


@pytest.mark.parametrize("decision", ["approve", "refuse"])
@pytest.mark.parametrize("approval_id", [uuid4(), "nonsense"])
def test_what_was_not_asked_for_is_not_found(approver: Caller, approval_id: object, decision: str) -> None:
    body = {"reason": "No"} if decision == "refuse" else {}
    assert decide(approver, approval_id, decision, **body).refusal == (404, "APPROVAL_NOT_FOUND", None)


def test_each_has_a_part(ada: Caller, auditor: Caller, operator: Caller, approver: Caller, adas: Account) -> None:
    for caller in (ada, auditor, approver):
        assert ask(caller, adas, "1.00").refusal == (403, "FORBIDDEN", None)
    approval_id = requested(operator, adas)
    for caller in (ada, auditor, operator):
        assert decide(caller, approval_id, "approve").refusal == (403, "FORBIDDEN", None)
