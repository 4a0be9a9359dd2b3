"""The projector of journal legs: double entry."""

from collections.abc import Iterable
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
from projections.models import Entry, JournalLeg


@rows(JournalLeg, delayed=True, version=2)
def journal_legs(event: MoneyEvent, record: Recorded[Any]) -> Iterable[JournalLeg]:
    """Two legs for each movement of money: one on the account that it leaves, one on the account where it arrives.

    The receiving event of a transfer gives no legs, as the sending event gives both: so however far the log is read,
    and in whatever parts, the legs balance.
    """
    world, account = f"cash:{event.currency}", str(event.account_id)
    match event:
        case MoneyDeposited():
            return _legs(event, record, source=world, target=account, movement=event.entry_id)
        case MoneyWithdrawn() | HoldCaptured():
            return _legs(event, record, source=account, target=world, movement=event.entry_id)
        case TransferSent(to_account=other):
            return _legs(event, record, source=account, target=str(other), movement=event.transfer_id)
        case TransferReceived():
            return []
        case BalanceAdjusted():
            house = f"adjustments:{event.currency}"
            return _legs(event, record, source=house, target=account, movement=event.entry_id)
        case EntryReversed():
            return _reversal_legs(event, record, str(event.counterparty or world))
        case _:
            assert_never(event)


def _reversal_legs(event: EntryReversed, record: Recorded[Any], other: str) -> Iterable[JournalLeg]:
    account, movement = str(event.account_id), event.transfer_id or event.entry_id
    if event.direction == Entry.Direction.DEBIT:
        return _legs(event, record, source=account, target=other, movement=movement)
    if event.counterparty is None:
        return _legs(event, record, source=other, target=account, movement=movement)
    return []


def _legs(
    event: MoneyEvent, record: Recorded[Any], *, source: str, target: str, movement: UUID
) -> Iterable[JournalLeg]:
    recorded_at, effective_at, position = record.recorded_at, record.effective_at, record.position

    def leg(number: int, account: str, amount: int) -> JournalLeg:
        return JournalLeg(
            leg=2 * position + number,
            account=account,
            currency=event.currency,
            amount=amount,
            movement=movement,
            recorded_at=recorded_at,
            effective_at=effective_at,
            position=position,
        )

    return leg(0, source, -event.amount), leg(1, target, event.amount)
