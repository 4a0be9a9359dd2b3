"""The rules of adjustments: staff correct a balance, which always takes the approval of a second person."""

from collections.abc import Iterator

from accounts.domain.account import Account
from accounts.domain.commands import AdjustBalance
from accounts.domain.events import BalanceAdjusted
from accounts.domain.money import fits, out_of_range
from accounts.domain.reasons import must_give_reason
from eventstore.decider import Refused
from eventstore.decider import phrase as _


def adjust_unapproved(_account: Account, _command: AdjustBalance) -> Iterator[BalanceAdjusted]:
    """Refuses APPROVAL_REQUIRED: a balance is adjusted only by the approval of a request, see `adjust`."""
    raise Refused("APPROVAL_REQUIRED", _("This takes the approval of a second person."))


def adjust(account: Account, command: AdjustBalance) -> Iterator[BalanceAdjusted]:
    """Corrects a balance; the correction may exceed the available sum, for money that was never due may be spent."""
    account.must_exist()
    if not command.amount:
        raise Refused("INVALID_AMOUNT", _("An adjustment must be more or less than zero."), field="amount")
    if not fits(abs(command.amount)):  # the lowest number of a 64-bit column has no positive counterpart
        raise out_of_range()
    must_give_reason(command.reason)
    (account.must_allow_debits if command.amount < 0 else account.must_allow_credits)()
    yield BalanceAdjusted(
        account_id=command.account_id,
        entry_id=command.entry_id,
        amount=command.amount,
        currency=account.currency,
        balance=account.moved(command.amount),
        reason=command.reason,
        approval_id=command.approval_id,
        day=account.day(command.now),
    )
