"""Double entry."""

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
from projections.models import Entry, JournalLeg


@rows(JournalLeg, delayed=True, version=2)
def journal_legs(event: MoneyEvent, record: Recorded[Any]) -> Iterator[JournalLeg]:
    """Every movement of money twice: where it left and where it arrived.

    What arrives from another account gives no legs, for its departure gives both: so however far the log is read,
    and in whatever parts, the legs balance.
    """
    world, account = f"cash:{event.currency}", str(event.account_id)
    match event:
        case MoneyDeposited():
            yield from _legs(event, record, source=world, target=account, movement=event.entry_id)
        case MoneyWithdrawn() | HoldCaptured():
            yield from _legs(event, record, source=account, target=world, movement=event.entry_id)
        case TransferSent(to_account=other):
            yield from _legs(event, record, source=account, target=str(other), movement=event.transfer_id)
        case TransferReceived():
            return
        case BalanceAdjusted():
            house = f"adjustments:{event.currency}"
            yield from _legs(event, record, source=house, target=account, movement=event.entry_id)
        case EntryReversed():
            yield from _reversal_legs(event, record, str(event.counterparty or world))
        case _:
            assert_never(event)


def _reversal_legs(event: EntryReversed, record: Recorded[Any], other: str) -> Iterator[JournalLeg]:
    account, movement = str(event.account_id), event.transfer_id or event.entry_id
    if event.direction == Entry.Direction.DEBIT:
        yield from _legs(event, record, source=account, target=other, movement=movement)
    elif event.counterparty is None:
        yield from _legs(event, record, source=other, target=account, movement=movement)


def _legs(
    event: MoneyEvent, record: Recorded[Any], *, source: str, target: str, movement: UUID
) -> Iterator[JournalLeg]:
    for number, (account, amount) in enumerate([(source, -event.amount), (target, event.amount)]):
        yield JournalLeg(
            leg=2 * record.position + number,
            account=account,
            currency=event.currency,
            amount=amount,
            movement=movement,
            recorded_at=record.recorded_at,
            effective_at=record.effective_at,
            position=record.position,
        )
