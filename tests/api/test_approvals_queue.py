"""GET approvals, GET approvals/{id}."""

from uuid import uuid4

import pytest

from accounts.domain.commands import Refuse, WithdrawRequest
from accounts.users.models import User
from accounts.users.roles import Role
from eventstore.log import cursor
from projections.models import Account
from tests.api.caller import Caller
from tests.factories import AdjustmentFactory, ApprovalFactory, StaffFactory, execute_as_user


@pytest.fixture
def maker(db: None) -> User:
    return StaffFactory.create(role=Role.OPERATOR)


@pytest.fixture
def checker(db: None) -> User:
    return StaffFactory.create(role=Role.APPROVER)


def test_a_request_tells_what_is_asked_for_by_whom_and_why(operator: Caller, auditor: Caller, adas: Account) -> None:
    payload = {"account_id": str(adas.account_id), "amount": "-5.00"}
    requested = operator.post("approvals", {"command": "AdjustBalance", "payload": payload, "reason": "Ticket 7"})
    assert requested.status == 201, requested.body
    body = auditor.get(f"approvals/{requested.body['approval_id']}", min_position=requested.body["position"]).body
    assert body == {
        "approval_id": requested.body["approval_id"],
        "command": "AdjustBalance",
        "payload": payload,
        "account_id": str(adas.account_id),
        "reason": "Ticket 7",
        "status": "open",
        "requested_by": body["requested_by"],
        "requested_at": body["requested_at"],
        "decided_by": "",
        "decided_at": None,
        "decision_reason": "",
        "position": body["position"],
        "cursor": cursor(body["position"]),
    }
    assert body["requested_by"].startswith("staff:")


def test_and_who_decided_it_and_how(auditor: Caller, adas: Account, maker: User, checker: User) -> None:
    refused, withdrawn = (ApprovalFactory.create(account=adas, by=maker) for _ in range(2))
    granted = AdjustmentFactory.create(account=adas, maker=maker, checker=checker).answer["approval_id"]
    execute_as_user(Refuse(refused.approval_id, checker.actor, "No proof"), checker)
    execute_as_user(WithdrawRequest(withdrawn.approval_id, maker.actor), maker)
    rows = {row["approval_id"]: row for row in auditor.get("approvals").body["results"]}
    first, second, third = (rows[str(key)] for key in (granted, refused.approval_id, withdrawn.approval_id))
    assert (first["status"], first["decided_by"], first["decision_reason"]) == ("granted", checker.actor, "")
    assert (second["status"], second["decided_by"], second["decision_reason"]) == ("refused", checker.actor, "No proof")
    assert (third["status"], third["decided_by"]) == ("withdrawn", maker.actor)
    assert all(row["decided_at"] > row["requested_at"] for row in rows.values())


def test_the_queue_is_what_is_open(auditor: Caller, adas: Account, maker: User, checker: User) -> None:
    waiting = [str(ApprovalFactory.create(account=adas, by=maker).approval_id) for _ in range(3)]
    AdjustmentFactory.create(account=adas, maker=maker, checker=checker)
    page = auditor.get("approvals", status="open", limit=2).body
    found = page["results"] + auditor.get(page["next"]).body["results"]
    assert [row["approval_id"] for row in found] == waiting[::-1]
    assert len(auditor.get("approvals").body["results"]) == 4


@pytest.mark.parametrize(("name", "value"), [("status", "x"), ("status", ""), ("cursor", "x"), ("limit", "201")])
def test_refuses_what_it_can_not_take(auditor: Caller, name: str, value: str) -> None:
    assert auditor.get("approvals", **{name: value}).refusal == (400, "MALFORMED", name)


def test_it_is_for_staff(ada: Caller, stranger: Caller, auditor: Caller, adas: Account) -> None:
    approval = ApprovalFactory.create(account=adas)
    for path in ("approvals", f"approvals/{approval.approval_id}", "approvals/x"):
        assert ada.get(path).refusal == (403, "FORBIDDEN", None)
        assert stranger.get(path).refusal == (401, "NOT_SIGNED_IN", None)
    for approval_id in (uuid4(), "x"):
        assert auditor.get(f"approvals/{approval_id}").refusal == (404, "APPROVAL_NOT_FOUND", None)
