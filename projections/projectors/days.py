"""The projectors of daily balances and daily volumes."""

from datetime import UTC, date
from typing import Any

from accounts.domain.events import MoneyEvent
from eventstore.log import Recorded
from eventstore.projecting import fold
from projections.models import DailyBalance, Entry, Volume
from projections.projectors.entries import direction_of


def account_day(event: MoneyEvent, record: Recorded[Any]) -> str:
    """The key of an account's day; events from before events had days count on that of UTC."""
    return f"{event.account_id}/{_day(event, record)}"


@fold(DailyBalance, key=account_day, delayed=True)
def daily_balances(row: DailyBalance | None, event: MoneyEvent, record: Recorded[Any]) -> DailyBalance:
    """Each account's closing balance, credits and debits of each day on which money moved."""
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
    """The key of a volume: the day in UTC, the currency and the type of event."""
    return f"{utc_day(record)}/{event.currency}/{record.type}"


@fold(Volume, key=currency_day, delayed=True, global_order=True)
def volumes(row: Volume | None, event: MoneyEvent, record: Recorded[Any]) -> Volume:
    """The number and sum of each type of event, by day and currency."""
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
    """The day in UTC on which an event was recorded."""
    return record.recorded_at.astimezone(UTC).date()
