"""What an account held: at any time, on either axis, and day by day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F, QuerySet

from projections.models import Account, DailyBalance, Entry
from projections.sums import SIGNED, halves, whole


class Axis(StrEnum):
    """By which of its two times a movement of money counts."""

    RECORDED = "recorded"
    EFFECTIVE = "effective"


@dataclass(frozen=True, slots=True)
class Day:
    """An account on one day of its time zone: what was in it at the end, what came in and what left."""

    day: date
    balance: int
    credits: int
    debits: int
    currency: str


def balance_as_of(account_id: UUID, moment: datetime, axis: Axis = Axis.RECORDED) -> int:
    """The sum of all movements up to and with a time, by when they were recorded or by when they count from."""
    recorded = _recorded_by(account_id, moment)
    return recorded + _backdated_across(account_id, moment) if axis is Axis.EFFECTIVE else recorded


def last_moment(account_id: UUID) -> datetime | None:
    """When money last moved."""
    return _by_time(account_id).values_list("recorded_at", flat=True).first()


def daily_balances(account: Account, first: date, last: date) -> Iterator[Day]:
    """Each day from one to another, oldest first; a day without movements ends as the one before it did."""
    rows = DailyBalance.objects.filter(account_id=account.account_id)
    moved = {row.day: row for row in rows.filter(day__range=(first, last))}
    earlier = rows.filter(day__lt=first).order_by("-day").first()
    balance = earlier.balance if earlier else 0
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        row = moved.get(day)
        balance = row.balance if row else balance
        yield Day(day, balance, row.credits if row else 0, row.debits if row else 0, account.currency)


def day_at(account: Account, moment: datetime) -> date:
    """The day that it was at an account."""
    return moment.astimezone(ZoneInfo(account.timezone)).date()


def _recorded_by(account_id: UUID, moment: datetime) -> int:
    """The balance after the last line by then: each line tells it."""
    line = _by_time(account_id).filter(recorded_at__lte=moment).values_list("balance", flat=True).first()
    return line or 0


def _by_time(account_id: UUID) -> "QuerySet[Entry]":
    return Entry.objects.filter(account_id=account_id).order_by("-recorded_at", "-position")


def _backdated_across(account_id: UUID, moment: datetime) -> int:
    """What was recorded after a time and counts from before it.

    No effective date lies after the recording, so this is all that the two axes differ by; and an index holds nothing
    but backdated lines, so that it takes no longer in a long history.
    """
    backdated = Entry.objects.filter(account_id=account_id, effective_at__lt=F("recorded_at"))
    return whole(backdated.filter(effective_at__lte=moment, recorded_at__gt=moment).aggregate(**halves(SIGNED)))
