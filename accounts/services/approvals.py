"""Approvals: what a person asks for becomes a command in full, which a second person lets happen or not."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, assert_never
from uuid import UUID

import msgspec
from django.conf import settings
from django.utils import timezone

from accounts.domain.approval import Approvable, Approval
from accounts.domain.commands import AdjustBalance, Approve, RequestApproval, ReverseEntry, SetOverdraftLimit
from accounts.domain.money import exponent_of
from accounts.services.ids import new_id
from eventstore import log
from eventstore.decider import Refused
from eventstore.decider import phrase as _


def request_of(order: Approvable, payload: Mapping[str, Any], reason: str, requested_by: str) -> RequestApproval:
    """The command that asks for another one; `payload` is how that was put, with amounts in major units."""
    return RequestApproval(
        approval_id=order.approval_id if isinstance(order, AdjustBalance) else new_id(),
        account_id=order.account_id,
        other_account=order.other_account if isinstance(order, ReverseEntry) else None,
        command=type(order).__name__,
        payload=dict(payload),
        order=msgspec.to_builtins(order),
        reason=reason,
        requested_by=requested_by,
        now=timezone.now(),
    )


def approval_of(approval_id: UUID, approver: str) -> Approve:
    """The command that agrees to a request, with the accounts that it names; none, where there is no such request."""
    approval: Approval = log.current("approval", approval_id)
    return Approve(
        approval_id=approval_id,
        account_id=approval.account_id,
        other_account=approval.other_account,
        approver=approver,
        now=timezone.now(),
    )


def must_not_need_approval(command: ReverseEntry | SetOverdraftLimit) -> None:
    """Raise Refused APPROVAL_REQUIRED for what is above the amount that one person may decide over."""
    above: Decimal | None = settings.APPROVAL_ABOVE
    if above is None:
        return
    currency = log.current("account", command.account_id).currency
    if currency and Decimal(_amount(command)).scaleb(-exponent_of(currency)) > above:
        raise Refused("APPROVAL_REQUIRED", _("This takes the approval of a second person."))


def _amount(command: ReverseEntry | SetOverdraftLimit) -> int:
    match command:
        case ReverseEntry():
            return abs(command.leg.amount)
        case SetOverdraftLimit():
            return command.limit
        case _:
            assert_never(command)
