"""From what a form holds to the command that it means. `about` is the id of what the action is about."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.domain.account import Account
from accounts.domain.commands import (
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
from accounts.domain.money import format_amount
from accounts.services.approvals import approval_of, must_not_need_approval, request_of
from accounts.services.id_lookup import id_lookup
from accounts.services.ids import new_id
from accounts.services.reversals import reverse_entry
from eventstore import log

FormData = Mapping[str, Any]


def freeze(about: UUID, data: FormData, _actor: str) -> FreezeAccount:
    """Stop money from leaving, or from moving at all."""
    return FreezeAccount(about, data["scope"], data["reason"])


def set_overdraft(about: UUID, data: FormData, _actor: str) -> SetOverdraftLimit:
    """Let an account go below zero; raises Refused APPROVAL_REQUIRED where that takes two."""
    command = SetOverdraftLimit(about, data["limit"], data["reason"])
    must_not_need_approval(command)
    return command


def ask_overdraft(about: UUID, data: FormData, actor: str) -> RequestApproval:
    """Ask a second person for it."""
    payload = {"account_id": str(about), "limit": _in_major_units(about, data["limit"])}
    return request_of(SetOverdraftLimit(about, data["limit"], data["reason"]), payload, data["reason"], actor)


def set_limits(about: UUID, data: FormData, _actor: str) -> SetLimits:
    """Limit what may leave."""
    return SetLimits(about, data["per_entry"], data["daily_out"], data["reason"])


def ask_adjustment(about: UUID, data: FormData, actor: str) -> RequestApproval:
    """Ask a second person to agree to the correction of a balance."""
    order = AdjustBalance(about, new_id(), data["amount"], data["reason"], new_id(), timezone.now())
    payload = {"account_id": str(about), "amount": _in_major_units(about, data["amount"])}
    return request_of(order, payload, data["reason"], actor)


def _in_major_units(account_id: UUID, amount: int) -> str:
    account: Account = log.current("account", account_id)
    return format_amount(amount, account.currency)


def reverse(about: UUID, data: FormData, _actor: str) -> ReverseEntry:
    """Undo a movement of money; raises Refused APPROVAL_REQUIRED where that takes two."""
    command = reverse_entry(about, data["reason"])
    must_not_need_approval(command)
    return command


def ask_reversal(about: UUID, data: FormData, actor: str) -> RequestApproval:
    """Ask a second person for it."""
    reason = data["reason"]
    return request_of(reverse_entry(about, reason), {"entry_id": str(about)}, reason, actor)


def capture(about: UUID, data: FormData, _actor: str) -> CaptureHold:
    """Take what was set aside."""
    return CaptureHold(_account_of(about), None, about, new_id(), timezone.now(), data["amount"])


def release(about: UUID, data: FormData, _actor: str) -> ReleaseHold:
    """Let go what was set aside."""
    return ReleaseHold(_account_of(about), None, about, timezone.now(), data["reason"])


def _account_of(hold_id: UUID) -> UUID:
    found = id_lookup().account_of_hold(hold_id)
    assert found, "who shows the form has looked"
    return found


def approve(about: UUID, _data: FormData, actor: str) -> Approve:
    """Agree, and have it done."""
    return approval_of(about, actor)


def refuse(about: UUID, data: FormData, actor: str) -> Refuse:
    """Disagree."""
    return Refuse(about, actor, data["reason"])


def withdraw(about: UUID, _data: FormData, actor: str) -> WithdrawRequest:
    """Take one's own request back."""
    return WithdrawRequest(about, actor)
