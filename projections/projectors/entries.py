"""The projector of entries."""

from collections.abc import Iterator
from typing import Any, assert_never
from uuid import UUID

from accounts.domain.events import (
    BalanceAdjusted,
    EntryReversed,
    HoldCaptured,
    MoneyDeposited,
    MoneyEvent,
    MoneyWithdrawn,
    TransferReceived,
    TransferSent,
)
from eventstore.log import Recorded
from eventstore.projecting import rows
from projections.models import Entry


@rows(Entry, version=2)
def entries(event: MoneyEvent, record: Recorded[Any]) -> Iterator[Entry]:
    """An entry for each movement of money."""
    match event:
        case MoneyDeposited():
            yield _entry(event, record, Entry.Kind.DEPOSIT, event.reference)
        case MoneyWithdrawn():
            yield _entry(event, record, Entry.Kind.WITHDRAWAL, event.reference)
        case (
            TransferSent(to_account=other, transfer_id=transfer)
            | TransferReceived(from_account=other, transfer_id=transfer)
        ):
            yield _entry(event, record, Entry.Kind.TRANSFER, event.reference, counterparty=other, transfer_id=transfer)
        case HoldCaptured():
            yield _entry(event, record, Entry.Kind.CAPTURE, event.reference)
        case EntryReversed(counterparty=other, transfer_id=transfer, reverses=undone):
            kind = Entry.Kind.REVERSAL
            yield _entry(event, record, kind, event.reason, counterparty=other, transfer_id=transfer, reverses=undone)
        case BalanceAdjusted():
            yield _entry(event, record, Entry.Kind.ADJUSTMENT, event.reason)
        case _:
            assert_never(event)


def direction_of(event: MoneyEvent) -> Entry.Direction:
    """The direction of a movement of money."""
    match event:
        case MoneyWithdrawn() | TransferSent() | HoldCaptured():
            return Entry.Direction.DEBIT
        case MoneyDeposited() | TransferReceived():
            return Entry.Direction.CREDIT
        case EntryReversed():
            return Entry.Direction(event.direction)
        case BalanceAdjusted():
            return Entry.Direction.DEBIT if event.amount < 0 else Entry.Direction.CREDIT
        case _:
            assert_never(event)


def _entry(
    event: MoneyEvent,
    record: Recorded[Any],
    kind: Entry.Kind,
    reference: str,
    *,
    counterparty: UUID | None = None,
    transfer_id: UUID | None = None,
    reverses: UUID | None = None,
) -> Entry:
    return Entry(
        entry_id=event.entry_id,
        account_id=event.account_id,
        kind=kind,
        direction=direction_of(event),
        amount=abs(event.amount),
        currency=event.currency,
        balance=event.balance,
        reference=reference,
        counterparty=counterparty,
        transfer_id=transfer_id,
        reverses=reverses,
        recorded_at=record.recorded_at,
        effective_at=record.effective_at,
        position=record.position,
    )
