"""From what a form holds to the command that it means. `about` is the id of what the deed is about."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.account import Account
from accounts.approving import approval_of, must_not_need_approval, request_of
from accounts.commands import (
    AdjustBalance,
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
from accounts.handlers import new_id
from accounts.money import format_amount
from accounts.undoing import reversal_of
from accounts.whereabouts import whereabouts
from eventstore import log

Asked = Mapping[str, Any]


def freeze(about: UUID, asked: Asked, _actor: str) -> FreezeAccount:
    """Stop money from leaving, or from moving at all."""
    return FreezeAccount(about, asked["scope"], asked["reason"])


def set_overdraft(about: UUID, asked: Asked, _actor: str) -> SetOverdraftLimit:
    """Let an account go below zero; raises Refused APPROVAL_REQUIRED where that takes two."""
    command = SetOverdraftLimit(about, asked["limit"], asked["reason"])
    must_not_need_approval(command)
    return command


def ask_overdraft(about: UUID, asked: Asked, actor: str) -> RequestApproval:
    """Ask a second person for it."""
    payload = {"account_id": str(about), "limit": _in_major_units(about, asked["limit"])}
    return request_of(SetOverdraftLimit(about, asked["limit"], asked["reason"]), payload, asked["reason"], actor)


def set_limits(about: UUID, asked: Asked, _actor: str) -> SetLimits:
    """Limit what may leave."""
    return SetLimits(about, asked["per_entry"], asked["daily_out"], asked["reason"])


def ask_adjustment(about: UUID, asked: Asked, actor: str) -> RequestApproval:
    """Ask a second person to agree to the correction of a balance."""
    order = AdjustBalance(about, new_id(), asked["amount"], asked["reason"], new_id(), timezone.now())
    payload = {"account_id": str(about), "amount": _in_major_units(about, asked["amount"])}
    return request_of(order, payload, asked["reason"], actor)


def _in_major_units(account_id: UUID, amount: int) -> str:
    account: Account = log.current("account", account_id)
    return format_amount(amount, account.currency)


def reverse(about: UUID, asked: Asked, _actor: str) -> ReverseEntry:
    """Undo a movement of money; raises Refused APPROVAL_REQUIRED where that takes two."""
    command = reversal_of(about, asked["reason"])
    must_not_need_approval(command)
    return command


def ask_reversal(about: UUID, asked: Asked, actor: str) -> RequestApproval:
    """Ask a second person for it."""
    reason = asked["reason"]
    return request_of(reversal_of(about, reason), {"entry_id": str(about)}, reason, actor)


def capture(about: UUID, asked: Asked, _actor: str) -> CaptureHold:
    """Take what was set aside."""
    return CaptureHold(_account_of(about), None, about, new_id(), timezone.now(), asked["amount"])


def release(about: UUID, asked: Asked, _actor: str) -> ReleaseHold:
    """Let go what was set aside."""
    return ReleaseHold(_account_of(about), None, about, timezone.now(), asked["reason"])


def _account_of(hold_id: UUID) -> UUID:
    found = whereabouts().account_of_hold(hold_id)
    assert found, "who shows the form has looked"
    return found


def approve(about: UUID, _asked: Asked, actor: str) -> Approve:
    """Agree, and have it done."""
    return approval_of(about, actor)


def refuse(about: UUID, asked: Asked, actor: str) -> Refuse:
    """Disagree."""
    return Refuse(about, actor, asked["reason"])


def withdraw(about: UUID, _asked: Asked, actor: str) -> WithdrawRequest:
    """Take one's own request back."""
    return WithdrawRequest(about, actor)
