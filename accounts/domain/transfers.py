"""The rules of a transfer: money leaves one account and arrives in another, or nothing happens."""

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
    """Money on its way: how much, when, and by which ids it is known on both sides."""

    transfer_id: UUID
    sent_entry_id: UUID
    received_entry_id: UUID
    amount: int
    now: datetime
    reference: str = ""


def decide(
    source: Account, target: Account, owner: Customer, command: Transfer
) -> Iterator[TransferSent | TransferReceived]:
    """Yield both legs of a transfer, or refuse it whole."""
    source.must_belong_to(command.customer_id, "from_account")
    owner.must_be_active()
    target.must_exist("to_account")
    must_fit_together(source, target)
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


def must_fit_together(source: Account, target: Account, field: str = "to_account") -> None:
    """They are two, in one currency."""
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


def legs(source: Account, target: Account, passage: TransferDetails) -> Iterator[TransferSent | TransferReceived]:
    """Both sides of it; refuses what the source has not, or may not let go."""
    assert source.account_id
    assert target.account_id
    sent, received = source.debited(passage.amount, passage.now), target.credited(passage.amount)
    yield TransferSent(
        account_id=source.account_id,
        entry_id=passage.sent_entry_id,
        transfer_id=passage.transfer_id,
        to_account=target.account_id,
        amount=passage.amount,
        currency=source.currency,
        balance=sent,
        reference=passage.reference,
        day=source.day(passage.now),
    )
    yield TransferReceived(
        account_id=target.account_id,
        entry_id=passage.received_entry_id,
        transfer_id=passage.transfer_id,
        from_account=source.account_id,
        amount=passage.amount,
        currency=target.currency,
        balance=received,
        reference=passage.reference,
        day=target.day(passage.now),
    )


def answer(source: Account, _target: Account, _owner: Customer, command: Transfer) -> dict[str, Any]:
    """What the sender is told: their own side only."""
    return {"transfer_id": str(command.transfer_id), **entry_answer(source, command.sent_entry_id)}
