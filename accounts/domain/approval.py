"""The rules of approvals: one person asks, another one agrees, and only then, and at once, it is done."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, assert_never
from uuid import UUID

import msgspec

from accounts.domain import adjustments, restrictions, reversals
from accounts.domain.account import Account
from accounts.domain.commands import (
    AdjustBalance,
    Approve,
    Refuse,
    RequestApproval,
    ReverseEntry,
    SetOverdraftLimit,
    WithdrawRequest,
)
from accounts.domain.events import (
    AccountEvent,
    ApprovalEvent,
    ApprovalGranted,
    ApprovalRefused,
    ApprovalRequested,
    ApprovalWithdrawn,
)
from accounts.domain.reasons import must_give_reason
from eventstore.decider import Refused
from eventstore.decider import phrase as _
from eventstore.messages import type_of

Approvable = AdjustBalance | ReverseEntry | SetOverdraftLimit
Decision = Refuse | WithdrawRequest

APPROVABLE: Final[Mapping[str, type[Approvable]]] = {
    kind.__name__: kind for kind in (AdjustBalance, ReverseEntry, SetOverdraftLimit)
}

OPEN: Final = "open"


@dataclass(frozen=True, slots=True)
class Approval:
    """What the next decision about a request needs."""

    approval_id: UUID | None = None
    status: str = OPEN  # then granted, refused or withdrawn
    requested_by: str = ""
    command: str = ""
    order: Mapping[str, Any] = field(default_factory=dict)
    account_id: UUID | None = None
    other_account: UUID | None = None

    def must_be_new(self) -> None:
        """One asks once under an id."""
        if self.approval_id is not None:
            raise Refused("VERSION_CONFLICT", _("This has been asked for already."), field="approval_id")

    def must_be_open(self) -> None:
        """What was decided stays decided."""
        if self.approval_id is None:
            raise not_found()
        if self.status != OPEN:
            raise Refused("APPROVAL_NOT_OPEN", _("This request has been decided already."))

    def must_not_be_of(self, person: str) -> None:
        """Who asks does not decide."""
        if person == self.requested_by:
            raise Refused("SELF_APPROVAL", _("You asked for this yourself, so somebody else has to decide."))

    def must_be_of(self, person: str) -> None:
        """Only who asked can take it back."""
        if person != self.requested_by:
            raise Refused("FORBIDDEN", _("Only who asked for this can withdraw it."))


def not_found() -> Refused:
    """The refusal of a request that is not there."""
    return Refused("APPROVAL_NOT_FOUND", _("There is no such request."))


def request(
    approval: Approval, account: Account, other: Account | None, command: RequestApproval
) -> Iterator[ApprovalRequested]:
    """Yield the request, if what is asked for would be done as things stand."""
    approval.must_be_new()
    must_give_reason(command.reason)
    list(_decided_events(account, other, _order(command.command, command.order)))
    yield ApprovalRequested(
        approval_id=command.approval_id,
        command=command.command,
        payload=command.payload,
        order=command.order,
        account_id=command.account_id,
        other_account=command.other_account,
        reason=command.reason,
        requested_by=command.requested_by,
    )


def approve(
    approval: Approval, account: Account, other: Account | None, command: Approve
) -> Iterator[AccountEvent | ApprovalGranted]:
    """Yield what was asked for, decided anew as things stand now, and the grant; if it is refused, so is the grant."""
    approval.must_be_open()
    approval.must_not_be_of(command.approver)
    order = _order(approval.command, approval.order)
    yield from _decided_events(account, other, type_of(order).at(order, command.now))
    yield ApprovalGranted(command.approval_id)


def _order(name: str, order: Mapping[str, Any]) -> Approvable:
    return msgspec.convert(order, APPROVABLE[name])


def _decided_events(account: Account, other: Account | None, order: Approvable) -> Iterator[AccountEvent]:
    match order:
        case AdjustBalance():
            return adjustments.adjust(account, order)
        case ReverseEntry():
            return reversals.decide(account, other, order)
        case SetOverdraftLimit():
            return restrictions.set_overdraft(account, order)
        case _:
            assert_never(order)


def decide(approval: Approval, command: Decision) -> Iterator[ApprovalEvent]:
    """Yield the end of a request without anything being done."""
    approval.must_be_open()
    match command:
        case Refuse():
            approval.must_not_be_of(command.approver)
            must_give_reason(command.reason)
            yield ApprovalRefused(command.approval_id, command.reason)
        case WithdrawRequest():
            approval.must_be_of(command.requested_by)
            yield ApprovalWithdrawn(command.approval_id)
        case _:
            assert_never(command)


def evolve(approval: Approval, event: ApprovalEvent) -> Approval:
    """The state after an event."""
    match event:
        case ApprovalRequested():
            return Approval(
                approval_id=event.approval_id,
                requested_by=event.requested_by,
                command=event.command,
                order=event.order,
                account_id=event.account_id,
                other_account=event.other_account,
            )
        case ApprovalGranted():
            return replace(approval, status="granted")
        case ApprovalRefused():
            return replace(approval, status="refused")
        case ApprovalWithdrawn():
            return replace(approval, status="withdrawn")
        case _:
            assert_never(event)


def answer(approval: Approval, command: Decision) -> dict[str, Any]:
    """What became of the request."""
    return {"approval_id": str(command.approval_id), "status": approval.status}


def answer_with_accounts(
    approval: Approval, _account: Account, _other: Account | None, command: RequestApproval | Approve
) -> dict[str, Any]:
    """Likewise, where it was decided together with the accounts that it concerns."""
    return {"approval_id": str(command.approval_id), "status": approval.status}
