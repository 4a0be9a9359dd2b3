"""The rules of reversals: an entry is reversed once, on every account that it touched, or not at all."""

from collections.abc import Iterator
from typing import Any, Final

from accounts.domain.account import Account
from accounts.domain.commands import Leg, ReverseEntry
from accounts.domain.events import BalanceAdjusted, EntryReversed
from accounts.domain.money import CREDIT, DEBIT
from accounts.domain.reasons import must_give_reason
from eventstore.decider import Refused
from eventstore.decider import phrase as _
from eventstore.messages import type_of

# Stored names of the events whose entries can't be reversed, each with the sentence that says why.
IRREVERSIBLE: Final = {
    type_of(EntryReversed).name: _("A reversal can't be reversed."),
    type_of(BalanceAdjusted).name: _("An adjustment can't be reversed. Ask for another adjustment."),
}


def reverse(account: Account, other: Account | None, command: ReverseEntry) -> Iterator[EntryReversed]:
    """Writes the counter-entry on each account that an entry touched; a refused leg refuses the whole reversal."""
    account.must_exist()
    must_give_reason(command.reason)
    if command.event in IRREVERSIBLE:
        raise Refused("REVERSAL_NOT_REVERSIBLE", IRREVERSIBLE[command.event])
    yield _reversal(account, command.leg, other, command)
    if other is not None and command.other_leg is not None:
        yield _reversal(other, command.other_leg, account, command)


def _reversal(account: Account, leg: Leg, other: Account | None, command: ReverseEntry) -> EntryReversed:
    if leg.entry_id in account.reversed:
        raise Refused("ALREADY_REVERSED", _("This entry has been reversed already."))
    is_debit = leg.amount > 0
    if is_debit:
        account.must_allow_debits()
        account.must_afford(leg.amount, field=None)
    else:
        account.must_allow_credits()
    return EntryReversed(
        account_id=leg.account_id,
        entry_id=leg.undone_by,
        reverses=leg.entry_id,
        amount=abs(leg.amount),
        direction=DEBIT if is_debit else CREDIT,
        currency=account.currency,
        balance=account.moved(-leg.amount),
        reason=command.reason,
        transfer_id=command.transfer_id,
        counterparty=other.account_id if other else None,
        day=account.day(command.now),
    )


def reversed_entry(account: Account, _other: Account | None, command: ReverseEntry) -> dict[str, Any]:
    """Answers with the counter-entry on the account whose entry was named; the balance is in minor units."""
    return {
        "entry_id": str(command.leg.undone_by),
        "reverses": str(command.leg.entry_id),
        "balance": account.balance,
        "currency": account.currency,
    }
