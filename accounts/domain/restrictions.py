"""The rules by which staff set the conditions of an account: overdraft, limits, freezes."""

from collections.abc import Iterator
from typing import Any, Final, assert_never

from msgspec import UNSET, UnsetType

from accounts.domain.account import ALL, DEBITS, Account
from accounts.domain.commands import FreezeAccount, SetLimits, SetOverdraftLimit, UnfreezeAccount
from accounts.domain.events import AccountFrozen, AccountUnfrozen, ConditionEvent, LimitsSet, OverdraftLimitSet
from accounts.domain.money import fits, out_of_range
from accounts.domain.reasons import must_give_reason
from eventstore.decider import Refused
from eventstore.decider import phrase as _

Command = SetOverdraftLimit | SetLimits | FreezeAccount | UnfreezeAccount

SCOPES: Final = (DEBITS, ALL)


def decide(account: Account, command: Command) -> Iterator[ConditionEvent]:
    """Yield what changes, or refuse it."""
    account.must_exist()
    account.must_be_open()
    match command:
        case SetOverdraftLimit():
            yield from set_overdraft(account, command)
        case SetLimits():
            yield _set_limits(account, command)
        case FreezeAccount():
            must_give_reason(command.reason)
            _must_be_a_scope(command.scope)
            yield AccountFrozen(command.account_id, command.scope, command.reason)
        case UnfreezeAccount():
            must_give_reason(command.reason)
            if account.frozen:
                yield AccountUnfrozen(command.account_id, command.reason)
        case _:
            assert_never(command)


def set_overdraft(account: Account, command: SetOverdraftLimit) -> Iterator[OverdraftLimitSet]:
    """A limit that is lower than what is in use already would be broken at once."""
    account.must_exist()
    account.must_be_open()
    _must_be_a_limit(command.limit, "limit")
    if account.balance - account.held + command.limit < 0:
        raise Refused("OVERDRAFT_BELOW_USAGE", _("More than this is in use already."), field="limit")
    yield OverdraftLimitSet(command.account_id, command.limit, command.reason)


def _set_limits(account: Account, command: SetLimits) -> LimitsSet:
    return LimitsSet(
        account_id=command.account_id,
        per_entry=_limit(command.per_entry, account.per_entry, "per_entry"),
        daily_out=_limit(command.daily_out, account.daily_out, "daily_out"),
        reason=command.reason,
    )


def _limit(asked: int | UnsetType | None, present: int | None, field: str) -> int | None:
    if asked is UNSET:
        return present
    if asked is not None:
        _must_be_a_limit(asked, field)
    return asked


def _must_be_a_limit(limit: int, field: str) -> None:
    if limit < 0:
        raise Refused("INVALID_AMOUNT", _("A limit can't be less than zero."), field=field)
    if not fits(limit):
        raise out_of_range(field)


def _must_be_a_scope(scope: str) -> None:
    if scope not in SCOPES:
        raise ValueError(f"An account is frozen for {' or '.join(SCOPES)}, not for {scope!r}.")


def answer(account: Account, command: Command) -> dict[str, Any]:
    """The account as it is now, in minor units."""
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
