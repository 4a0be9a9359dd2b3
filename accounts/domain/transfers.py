"""The rules of transfers: one account is debited and another one credited, both or neither."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.domain.account import Account, entry_answer
from accounts.domain.commands import Transfer
from accounts.domain.customer import Customer
from accounts.domain.events import TransferReceived, TransferSent
from eventstore.decider import Refused
from eventstore.decider import phrase as _


@dataclass(frozen=True, slots=True)
class TransferDetails:
    """The amount of a transfer, in minor units, its time, and its ids on both accounts."""

    transfer_id: UUID
    sent_entry_id: UUID
    received_entry_id: UUID
    amount: int
    now: datetime
    reference: str = ""


def transfer(
    source: Account, target: Account, owner: Customer, command: Transfer
) -> Iterator[TransferSent | TransferReceived]:
    """Sends money from an account of its owner to any account in the same currency."""
    source.must_belong_to(command.customer_id, "from_account")
    owner.must_be_active()
    target.must_exist("to_account")
    must_be_transferable(source, target)
    source.must_allow_debits("from_account")
    target.must_allow_credits("to_account")
    yield from legs(source, target, _details(command))


def _details(command: Transfer) -> TransferDetails:
    return TransferDetails(
        transfer_id=command.transfer_id,
        sent_entry_id=command.sent_entry_id,
        received_entry_id=command.received_entry_id,
        amount=command.amount,
        now=command.now,
        reference=command.reference,
    )


def must_be_transferable(source: Account, target: Account, field: str = "to_account") -> None:
    """Refuses SAME_ACCOUNT for one account on both sides, CURRENCY_MISMATCH for two currencies."""
    if source.account_id == target.account_id:
        raise Refused("SAME_ACCOUNT", _("Choose two different accounts."), field=field)
    if source.currency != target.currency:
        raise Refused(
            "CURRENCY_MISMATCH",
            _("Money in %(source)s can't be sent to an account in %(target)s."),
            field=field,
            source=source.currency,
            target=target.currency,
        )


def legs(source: Account, target: Account, details: TransferDetails) -> Iterator[TransferSent | TransferReceived]:
    """Yields the debit of the source and the credit of the target; refuses an amount that the source can't spend."""
    assert source.account_id
    assert target.account_id
    source_balance = source.debited(details.amount, details.now)
    target_balance = target.credited(details.amount)
    yield TransferSent(
        account_id=source.account_id,
        entry_id=details.sent_entry_id,
        transfer_id=details.transfer_id,
        to_account=target.account_id,
        amount=details.amount,
        currency=source.currency,
        balance=source_balance,
        reference=details.reference,
        day=source.day(details.now),
    )
    yield TransferReceived(
        account_id=target.account_id,
        entry_id=details.received_entry_id,
        transfer_id=details.transfer_id,
        from_account=source.account_id,
        amount=details.amount,
        currency=target.currency,
        balance=target_balance,
        reference=details.reference,
        day=target.day(details.now),
    )


def sent(source: Account, _target: Account, _owner: Customer, command: Transfer) -> dict[str, Any]:
    """Answers with the sender's entry; the recipient's balance stays hidden."""
    return {"transfer_id": str(command.transfer_id), **entry_answer(source, command.sent_entry_id)}
