"""The requests that the tests of approvals make."""

from typing import Any

import msgspec

from accounts.domain.approval import Approvable
from accounts.domain.commands import AdjustBalance, RequestApproval, ReverseEntry, SetOverdraftLimit
from accounts.domain.events import ApprovalRequested, BalanceAdjusted
from tests.accounts.examples import ADAS, APPROVAL, ENTRY, NOW, TODAY

MAKER = "staff:1"

ADJUST = AdjustBalance(ADAS, ENTRY, 50, "Our mistake", APPROVAL, NOW)
ADJUSTED = BalanceAdjusted(ADAS, ENTRY, 50, "EUR", 150, "Our mistake", APPROVAL, TODAY)
SET_OVERDRAFT = SetOverdraftLimit(ADAS, 50)
PAYLOAD: dict[str, Any] = {"amount": "0.50"}


def request(order: Approvable, reason: str = "Our mistake") -> RequestApproval:
    return RequestApproval(
        approval_id=APPROVAL,
        account_id=order.account_id,
        other_account=order.other_account if isinstance(order, ReverseEntry) else None,
        command=type(order).__name__,
        payload=PAYLOAD,
        order=msgspec.to_builtins(order),
        reason=reason,
        requested_by=MAKER,
        now=NOW,
    )


def asked_for(order: Approvable) -> ApprovalRequested:
    asked = request(order)
    return ApprovalRequested(
        approval_id=APPROVAL,
        command=asked.command,
        payload=PAYLOAD,
        order=asked.order,
        account_id=asked.account_id,
        other_account=asked.other_account,
        reason=asked.reason,
        requested_by=MAKER,
    )


REQUESTED = asked_for(ADJUST)
