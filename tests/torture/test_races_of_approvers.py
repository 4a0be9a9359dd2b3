"""Of several approvers of one request one decides, and the requested command is executed once.

A design that marks the request as granted in one transaction, and does what it is for in another, or that looks at the
request without a lock, adjusts a balance twice.
"""

from collections.abc import Callable

import pytest

from accounts.domain.commands import Refuse, WithdrawRequest
from accounts.services.approvals import build_approval
from accounts.users.models import User
from eventstore import log
from projections.models import Account, Approval
from tests.factories import ApprovalFactory, StaffFactory
from tests.torture import races
from tests.torture.races import DONE, Contender, race, rounds, sent, while_uncommitted

pytestmark = pytest.mark.django_db(transaction=True)

Decision = Callable[[Approval], Contender]

DECISIONS = ("approval.granted", "approval.refused", "approval.withdrawn")


def approver() -> User:
    return StaffFactory.create(role="approver")


def approve(approval: Approval) -> Contender:
    actor = approver().actor
    return sent(build_approval(approval.approval_id, actor), actor)


def refuse(approval: Approval) -> Contender:
    actor = approver().actor
    return sent(Refuse(approval.approval_id, actor, "No such mistake"), actor)


def decided_once(approval: Approval, came: list[str]) -> None:
    assert sorted(came) == ["APPROVAL_NOT_OPEN"] * (len(came) - 1) + [DONE]
    happened = races.log(approval.approval_id, approval.account_id)
    (decision,) = [name for name in happened if name in DECISIONS]
    granted = decision == "approval.granted"
    assert happened.count("account.balance_adjusted") == granted
    assert log.load("account", approval.account_id)[0].balance == 100 * granted
    assert Account.objects.get(account_id=approval.account_id).balance == 100 * granted


def test_approvers_at_once() -> None:
    for chance in rounds():
        approval = ApprovalFactory.create()
        came = race([approve(approval) for _ in range(4)], chance)
        decided_once(approval, came)
        assert Approval.objects.get(pk=approval.pk).status == "granted"


def test_one_approves_another_refuses_and_the_maker_withdraws() -> None:
    for chance in rounds():
        approval = ApprovalFactory.create()
        withdraw = sent(WithdrawRequest(approval.approval_id, approval.requested_by), approval.requested_by)
        decided_once(approval, race([approve(approval), refuse(approval), withdraw], chance))


@pytest.mark.postgresql
@pytest.mark.parametrize("first", [approve, refuse])
@pytest.mark.parametrize("second", [approve, refuse])
def test_a_decision_waits_for_the_one_that_is_not_committed_yet(first: Decision, second: Decision) -> None:
    approval = ApprovalFactory.create()
    decided_once(approval, list(while_uncommitted(first(approval), second(approval))))
