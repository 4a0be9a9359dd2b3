"""The rules of adjustments: the house corrects a balance, which always takes two of its people."""

from collections.abc import Iterator

from accounts.domain.account import Account
from accounts.domain.commands import AdjustBalance
from accounts.domain.events import BalanceAdjusted
from accounts.domain.money import fits, out_of_range
from accounts.domain.reasons import must_give_reason
from eventstore.decider import Refused
from eventstore.decider import phrase as _


def decide(_account: Account, _command: AdjustBalance) -> Iterator[BalanceAdjusted]:
    """Refuse: only the grant of an approval adjusts a balance."""
    raise Refused("APPROVAL_REQUIRED", _("This takes the approval of a second person."))


def adjust(account: Account, command: AdjustBalance) -> Iterator[BalanceAdjusted]:
    """Yield the correction. It may take more than is available: what should never have been there may be gone."""
    account.must_exist()
    if not command.amount:
        raise Refused("INVALID_AMOUNT", _("An adjustment must be more or less than zero."), field="amount")
    if not fits(abs(command.amount)):  # which is one less, below zero, than a column holds
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
