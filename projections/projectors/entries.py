"""The histories of accounts."""

from collections.abc import Iterator
from typing import Any, assert_never
from uuid import UUID

from accounts.events import (
    BalanceAdjusted,
    EntryReversed,
    HoldCaptured,
    MoneyDeposited,
    MoneyEvent,
    MoneyWithdrawn,
    TransferReceived,
    TransferSent,
)
from eventstore.projecting import rows
from eventstore.records import Recorded
from projections.models import Entry


@rows(Entry, version=2)
def entries(event: MoneyEvent, record: Recorded[Any]) -> Iterator[Entry]:
    """The history of each account, line by line."""
    match event:
        case MoneyDeposited():
            yield _entry(event, record, Entry.Kind.DEPOSIT, Entry.Direction.CREDIT)
        case MoneyWithdrawn():
            yield _entry(event, record, Entry.Kind.WITHDRAWAL, Entry.Direction.DEBIT)
        case TransferSent(to_account=other, transfer_id=transfer):
            kind, direction = Entry.Kind.TRANSFER, Entry.Direction.DEBIT
            yield _entry(event, record, kind, direction, counterparty=other, transfer_id=transfer)
        case TransferReceived(from_account=other, transfer_id=transfer):
            kind, direction = Entry.Kind.TRANSFER, Entry.Direction.CREDIT
            yield _entry(event, record, kind, direction, counterparty=other, transfer_id=transfer)
        case HoldCaptured():
            yield _entry(event, record, Entry.Kind.CAPTURE, Entry.Direction.DEBIT)
        case EntryReversed(counterparty=other, transfer_id=transfer):
            kind, direction = Entry.Kind.REVERSAL, Entry.Direction(event.direction)
            yield _entry(event, record, kind, direction, counterparty=other, transfer_id=transfer)
        case BalanceAdjusted():
            direction = Entry.Direction.DEBIT if event.amount < 0 else Entry.Direction.CREDIT
            yield _entry(event, record, Entry.Kind.ADJUSTMENT, direction)
        case _:
            assert_never(event)


def _entry(
    event: MoneyEvent,
    record: Recorded[Any],
    kind: Entry.Kind,
    direction: Entry.Direction,
    *,
    counterparty: UUID | None = None,
    transfer_id: UUID | None = None,
) -> Entry:
    return Entry(
        entry_id=event.entry_id,
        account_id=event.account_id,
        kind=kind,
        direction=direction,
        amount=abs(event.amount),
        currency=event.currency,
        balance=event.balance,
        reference=event.reason if isinstance(event, EntryReversed | BalanceAdjusted) else event.reference,
        counterparty=counterparty,
        transfer_id=transfer_id,
        reverses=event.reverses if isinstance(event, EntryReversed) else None,
        recorded_at=record.recorded_at,
        effective_at=record.effective_at,
        position=record.position,
    )
