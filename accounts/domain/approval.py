"""The state and the rules of approvals: one person requests a command, and a second person's approval executes it."""

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

APPROVABLE: Final[Mapping[str, type[Approvable]]] = {
    command_class.__name__: command_class for command_class in (AdjustBalance, ReverseEntry, SetOverdraftLimit)
}

OPEN: Final = "open"


@dataclass(frozen=True, slots=True)
class Approval:
    """What the next decision about a request needs."""

    approval_id: UUID | None = None
    status: str = OPEN  # then granted, refused or withdrawn
    requested_by: str = ""
    command: str = ""  # the name of the requested command's class
    order: Mapping[str, Any] = field(default_factory=dict)  # the fields of that command
    account_id: UUID | None = None
    other_account: UUID | None = None

    def must_be_new(self) -> None:
        """Refuses VERSION_CONFLICT for an id under which a request was made already."""
        if self.approval_id is not None:
            raise Refused("VERSION_CONFLICT", _("This has been asked for already."), field="approval_id")

    def must_be_open(self) -> None:
        """Refuses a request that does not exist, or that was decided or withdrawn."""
        if self.approval_id is None:
            raise not_found()
        if self.status != OPEN:
            raise Refused("APPROVAL_NOT_OPEN", _("This request has been decided already."))

    def must_not_be_requested_by(self, person: str) -> None:
        """Refuses SELF_APPROVAL where the requester decides over the request."""
        if person == self.requested_by:
            raise Refused("SELF_APPROVAL", _("You asked for this yourself, so somebody else has to decide."))

    def must_be_requested_by(self, person: str) -> None:
        """Refuses FORBIDDEN where somebody other than the requester withdraws the request."""
        if person != self.requested_by:
            raise Refused("FORBIDDEN", _("Only who asked for this can withdraw it."))


def not_found() -> Refused:
    """The refusal of a request that does not exist."""
    return Refused("APPROVAL_NOT_FOUND", _("There is no such request."))


def request(
    approval: Approval, account: Account, other: Account | None, command: RequestApproval
) -> Iterator[ApprovalRequested]:
    """Records a request, if the requested command would be accepted now."""
    approval.must_be_new()
    must_give_reason(command.reason)
    list(_events_of(_requested_command(command.command, command.order), account, other))
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
    """Decides over the requested command anew and executes it; a refusal of that command refuses the approval too."""
    approval.must_be_open()
    approval.must_not_be_requested_by(command.approver)
    requested = _requested_command(approval.command, approval.order)
    yield from _events_of(type_of(requested).at(requested, command.now), account, other)
    yield ApprovalGranted(command.approval_id)


def _requested_command(name: str, fields: Mapping[str, Any]) -> Approvable:
    return msgspec.convert(fields, APPROVABLE[name])


def _events_of(requested: Approvable, account: Account, other: Account | None) -> Iterator[AccountEvent]:
    match requested:
        case AdjustBalance():
            return adjustments.adjust(account, requested)
        case ReverseEntry():
            return reversals.reverse(account, other, requested)
        case SetOverdraftLimit():
            return restrictions.set_overdraft_limit(account, requested)
        case _:
            assert_never(requested)


def refuse(approval: Approval, command: Refuse) -> Iterator[ApprovalRefused]:
    """Closes a request of another person without executing the requested command."""
    approval.must_be_open()
    approval.must_not_be_requested_by(command.approver)
    must_give_reason(command.reason)
    yield ApprovalRefused(command.approval_id, command.reason)


def withdraw(approval: Approval, command: WithdrawRequest) -> Iterator[ApprovalWithdrawn]:
    """Closes one's own request without executing the requested command."""
    approval.must_be_open()
    approval.must_be_requested_by(command.requested_by)
    yield ApprovalWithdrawn(command.approval_id)


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


def status(approval: Approval, command: Refuse | WithdrawRequest) -> dict[str, Any]:
    """Answers with the status of the request."""
    return {"approval_id": str(command.approval_id), "status": approval.status}


def status_with_accounts(
    approval: Approval, _account: Account, _other: Account | None, command: RequestApproval | Approve
) -> dict[str, Any]:
    """Answers with the status of a request that was decided together with the accounts that it concerns."""
    return {"approval_id": str(command.approval_id), "status": approval.status}
