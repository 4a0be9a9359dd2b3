"""Approvals: the commands that request, and grant, what takes a second person, and the policy that says what does."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, assert_never
from uuid import UUID

import msgspec
from django.conf import settings
from django.utils import timezone

from accounts.domain.approval import Approvable
from accounts.domain.commands import AdjustBalance, Approve, RequestApproval, ReverseEntry, SetOverdraftLimit
from accounts.domain.money import exponent_of, format_amount
from accounts.domain.rules import ACCOUNTS, APPROVALS
from accounts.services.ids import new_id
from eventstore.decider import Refused
from eventstore.decider import phrase as _


def build_adjustment(account_id: UUID, amount: int, reason: str) -> AdjustBalance:
    """The command that corrects a balance by minor units, negative for a debit; only an approval executes it."""
    return AdjustBalance(account_id, new_id(), amount, reason, approval_id=new_id(), now=timezone.now())


def build_approval_request(
    command: Approvable, payload: Mapping[str, Any], reason: str, requested_by: str
) -> RequestApproval:
    """The command that requests another one; `payload` are its fields as requested, with amounts in major units."""
    return RequestApproval(
        approval_id=command.approval_id if isinstance(command, AdjustBalance) else new_id(),
        account_id=command.account_id,
        other_account=command.other_account if isinstance(command, ReverseEntry) else None,
        command=type(command).__name__,
        payload=dict(payload),
        order=msgspec.to_builtins(command),
        reason=reason,
        requested_by=requested_by,
        now=timezone.now(),
    )


def payload_of(command: Approvable) -> dict[str, str]:
    """The fields of a command as the API takes them for an approval: ids and amounts as text, in major units."""
    match command:
        case AdjustBalance():
            return {"account_id": str(command.account_id), "amount": _in_major_units(command.amount, command)}
        case ReverseEntry():
            return {"entry_id": str(command.leg.entry_id)}
        case SetOverdraftLimit():
            return {"account_id": str(command.account_id), "limit": _in_major_units(command.limit, command)}
        case _:
            assert_never(command)


def _in_major_units(amount: int, command: Approvable) -> str:
    return format_amount(amount, _currency_of(command))


def build_approval(approval_id: UUID, approver: str) -> Approve:
    """The command that approves a request, with the accounts that the request names; with none for an unknown id."""
    approval = APPROVALS.current(approval_id)
    return Approve(
        approval_id=approval_id,
        account_id=approval.account_id,
        other_account=approval.other_account,
        approver=approver,
        now=timezone.now(),
    )


def must_not_need_approval(command: ReverseEntry | SetOverdraftLimit) -> None:
    """Raises Refused APPROVAL_REQUIRED for more than one person may decide over, see `approval_above`."""
    currency = _currency_of(command)
    if currency and is_above_limit(_amount(command), currency):
        raise Refused("APPROVAL_REQUIRED", _("This takes the approval of a second person."))


def is_above_limit(amount: int, currency: str) -> bool:
    """Whether an amount in minor units, of either sign, takes the approval of a second person."""
    above = approval_above(currency)
    return above is not None and Decimal(abs(amount)).scaleb(-exponent_of(currency)) > above


def approval_above(currency: str) -> Decimal | None:
    """The most that one person may decide over, in major units of a currency; None lets one decide over any amount.

    settings.APPROVAL_ABOVE_IN has amounts for single currencies, settings.APPROVAL_ABOVE that of all others.
    """
    exceptions: Mapping[str, Decimal] = settings.APPROVAL_ABOVE_IN
    above: Decimal | None = settings.APPROVAL_ABOVE
    return exceptions.get(currency, above)


def _currency_of(command: Approvable) -> str:
    """The currency of a command's account; empty where there is no such account."""
    account = ACCOUNTS.current(command.account_id)
    return account.currency


def _amount(command: ReverseEntry | SetOverdraftLimit) -> int:
    match command:
        case ReverseEntry():
            return command.leg.amount
        case SetOverdraftLimit():
            return command.limit
        case _:
            assert_never(command)
