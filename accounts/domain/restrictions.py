"""The rules by which staff restrict an account: overdraft limit, spending limits, freezes."""

from collections.abc import Iterator
from typing import Any, Final

from msgspec import UNSET, UnsetType

from accounts.domain.account import ALL, DEBITS, Account
from accounts.domain.commands import FreezeAccount, SetLimits, SetOverdraftLimit, UnfreezeAccount
from accounts.domain.events import AccountFrozen, AccountUnfrozen, LimitsSet, OverdraftLimitSet
from accounts.domain.money import fits, out_of_range
from accounts.domain.reasons import must_give_reason
from eventstore.decider import Refused
from eventstore.decider import phrase as _

SCOPES: Final = (DEBITS, ALL)


def set_overdraft_limit(account: Account, command: SetOverdraftLimit) -> Iterator[OverdraftLimitSet]:
    """Sets how far below zero an account may go; refuses a limit below the overdraft that is in use already."""
    _must_be_open(account)
    _must_be_a_limit(command.limit, "limit")
    if account.balance - account.held + command.limit < 0:
        raise Refused("OVERDRAFT_BELOW_USAGE", _("More than this is in use already."), field="limit")
    yield OverdraftLimitSet(command.account_id, command.limit, command.reason)


def set_limits(account: Account, command: SetLimits) -> Iterator[LimitsSet]:
    """Sets the limits of a single debit and of all debits of a day; a limit that is not given stays as it is."""
    _must_be_open(account)
    yield LimitsSet(
        account_id=command.account_id,
        per_entry=_limit(command.per_entry, account.per_entry, "per_entry"),
        daily_out=_limit(command.daily_out, account.daily_out, "daily_out"),
        reason=command.reason,
    )


def _limit(given: int | UnsetType | None, present: int | None, field: str) -> int | None:
    if given is UNSET:
        return present
    if given is not None:
        _must_be_a_limit(given, field)
    return given


def _must_be_a_limit(limit: int, field: str) -> None:
    if limit < 0:
        raise Refused("INVALID_AMOUNT", _("A limit can't be less than zero."), field=field)
    if not fits(limit):
        raise out_of_range(field)


def freeze(account: Account, command: FreezeAccount) -> Iterator[AccountFrozen]:
    """Stops debits, or all movements of money; a frozen account gets the new scope."""
    _must_be_open(account)
    must_give_reason(command.reason)
    if command.scope not in SCOPES:
        raise ValueError(f"An account is frozen for {' or '.join(SCOPES)}, not for {command.scope!r}.")
    yield AccountFrozen(command.account_id, command.scope, command.reason)


def unfreeze(account: Account, command: UnfreezeAccount) -> Iterator[AccountUnfrozen]:
    """Lets money move again; an account that is not frozen needs no event."""
    _must_be_open(account)
    must_give_reason(command.reason)
    if account.frozen:
        yield AccountUnfrozen(command.account_id, command.reason)


def _must_be_open(account: Account) -> None:
    account.must_exist()
    account.must_be_open()


def restricted(
    account: Account, command: SetOverdraftLimit | SetLimits | FreezeAccount | UnfreezeAccount
) -> dict[str, Any]:
    """Answers with the account after the command; sums are minor units."""
    return {
        "account_id": str(command.account_id),
        "status": account.status,
        "frozen_scope": account.frozen or None,
        "balance": account.balance,
        "held": account.held,
        "available": account.available,
        "overdraft_limit": account.overdraft_limit,
        "per_entry": account.per_entry,
        "daily_out": account.daily_out,
        "currency": account.currency,
    }
