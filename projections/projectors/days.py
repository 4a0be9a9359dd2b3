"""What happened on each day: to an account, and as a whole."""

from datetime import UTC, date
from typing import Any

from accounts.domain.events import MoneyEvent
from eventstore.log import Recorded
from eventstore.projecting import fold
from projections.models import DailyBalance, Entry, Volume
from projections.projectors.entries import direction_of


def account_day(event: MoneyEvent, record: Recorded[Any]) -> str:
    """The account and its day; before days were kept, that of UTC."""
    return f"{event.account_id}/{_day(event, record)}"


@fold(DailyBalance, key=account_day, delayed=True)
def daily_balances(row: DailyBalance | None, event: MoneyEvent, record: Recorded[Any]) -> DailyBalance:
    """Each account at the end of each day on which money moved, and how much came and went on it."""
    row = row or DailyBalance(
        key=account_day(event, record),
        account_id=event.account_id,
        day=_day(event, record),
        currency=event.currency,
    )
    if direction_of(event) is Entry.Direction.CREDIT:
        row.credits += abs(event.amount)
    else:
        row.debits += abs(event.amount)
    row.balance, row.position = event.balance, record.position
    return row


def _day(event: MoneyEvent, record: Recorded[Any]) -> date:
    return event.day or utc_day(record)


def currency_day(event: MoneyEvent, record: Recorded[Any]) -> str:
    """The day in UTC, the currency and the type of event."""
    return f"{utc_day(record)}/{event.currency}/{record.type}"


@fold(Volume, key=currency_day, delayed=True, global_order=True)
def volumes(row: Volume | None, event: MoneyEvent, record: Recorded[Any]) -> Volume:
    """How much moved on each day, by currency and type of event."""
    row = row or Volume(
        key=currency_day(event, record),
        day=utc_day(record),
        currency=event.currency,
        type=record.type,
    )
    row.number += 1
    row.amount += abs(event.amount)
    row.position = record.position
    return row


def utc_day(record: Recorded[Any]) -> date:
    """The day on which it was recorded, in UTC."""
    return record.recorded_at.astimezone(UTC).date()
