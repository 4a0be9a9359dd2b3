"""Builders: each makes the command of a staff action from the id of its subject, its form's data and the actor."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.domain.approval import Approvable
from accounts.domain.commands import (
    Approve,
    CaptureHold,
    FreezeAccount,
    Refuse,
    ReleaseHold,
    RequestApproval,
    ReverseEntry,
    SetLimits,
    SetOverdraftLimit,
    WithdrawRequest,
)
from accounts.services.approvals import build_adjustment, build_approval, build_approval_request, payload_of
from accounts.services.id_lookup import id_lookup
from accounts.services.ids import new_id
from accounts.services.reversals import build_reversal

FormData = Mapping[str, Any]
Builder = Callable[[UUID, FormData, str], Any]


def with_reason(command_class: type[Any]) -> Builder:
    """The builder of a command that has no fields but the id of its subject and a reason."""
    return lambda subject_id, data, _actor: command_class(subject_id, data["reason"])


def freeze(account_id: UUID, data: FormData, _actor: str) -> FreezeAccount:
    """The command that freezes an account."""
    return FreezeAccount(account_id, data["scope"], data["reason"])


def set_overdraft(account_id: UUID, data: FormData, _actor: str = "") -> SetOverdraftLimit:
    """The command that sets the overdraft limit of an account."""
    return SetOverdraftLimit(account_id, data["limit"], data["reason"])


def set_limits(account_id: UUID, data: FormData, _actor: str) -> SetLimits:
    """The command that sets the limits of debits of an account."""
    return SetLimits(account_id, data["per_entry"], data["daily_out"], data["reason"])


def reverse(entry_id: UUID, data: FormData, _actor: str = "") -> ReverseEntry:
    """The command that reverses an entry."""
    return build_reversal(entry_id, data["reason"])


def request_overdraft(account_id: UUID, data: FormData, actor: str) -> RequestApproval:
    """The command that requests the approval of an overdraft limit."""
    return _request(set_overdraft(account_id, data), data, actor)


def request_adjustment(account_id: UUID, data: FormData, actor: str) -> RequestApproval:
    """The command that requests the approval of an adjustment."""
    return _request(build_adjustment(account_id, data["amount"], data["reason"]), data, actor)


def request_reversal(entry_id: UUID, data: FormData, actor: str) -> RequestApproval:
    """The command that requests the approval of a reversal."""
    return _request(reverse(entry_id, data), data, actor)


def _request(command: Approvable, data: FormData, actor: str) -> RequestApproval:
    return build_approval_request(command, payload_of(command), data["reason"], actor)


def capture(hold_id: UUID, data: FormData, _actor: str) -> CaptureHold:
    """The command that captures a hold, all of it or a part."""
    return CaptureHold(_account_of(hold_id), None, hold_id, new_id(), timezone.now(), data["amount"])


def release(hold_id: UUID, data: FormData, _actor: str) -> ReleaseHold:
    """The command that releases a hold."""
    return ReleaseHold(_account_of(hold_id), None, hold_id, timezone.now(), data["reason"])


def _account_of(hold_id: UUID) -> UUID:
    found = id_lookup().account_of_hold(hold_id)
    assert found, "the page answers 404 for a hold that does not exist"
    return found


def approve(approval_id: UUID, _data: FormData, actor: str) -> Approve:
    """The command that approves a request."""
    return build_approval(approval_id, actor)


def refuse(approval_id: UUID, data: FormData, actor: str) -> Refuse:
    """The command that refuses a request."""
    return Refuse(approval_id, actor, data["reason"])


def withdraw(approval_id: UUID, _data: FormData, actor: str) -> WithdrawRequest:
    """The command that withdraws one's own request."""
    return WithdrawRequest(approval_id, actor)
