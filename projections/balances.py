"""Balances of an account: at any time, by recording or by effective date, and day by day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db.models import F, Max, Min, QuerySet
from django.utils import timezone

from accounts.domain.zones import zone_of
from projections.models import Account, DailyBalance, Entry
from projections.sums import SIGNED, sum_of, sum_parts


class Axis(StrEnum):
    """The two times of a movement of money: when it was recorded, and from when it counts."""

    RECORDED = "recorded"
    EFFECTIVE = "effective"


@dataclass(frozen=True, slots=True)
class Day:
    """One day of an account, in its time zone: the closing balance, and the sums of credits and debits."""

    day: date
    balance: int
    credits: int
    debits: int
    currency: str


def balance_as_of(account_id: UUID, moment: datetime, axis: Axis = Axis.RECORDED) -> int:
    """The sum of all movements up to and including a time, on one of the two axes."""
    recorded = _recorded_by(account_id, moment)
    return recorded + _backdated_past(account_id, moment) if axis is Axis.EFFECTIVE else recorded


def current_time(account: Account) -> datetime:
    """The present, but never before the account's last entry: the database's clock may be ahead of this machine's."""
    last = _latest_first(account.account_id).values_list("recorded_at", flat=True).first()
    return max(timezone.now(), last or account.opened_at)


def daily_balances(account: Account, first: date, last: date) -> Iterator[Day]:
    """Each day from the first to the last; a day without movements closes as the day before it did."""
    rows = DailyBalance.objects.filter(account_id=account.account_id)
    moved = {row.day: row for row in rows.filter(day__range=(first, last))}
    earlier = rows.filter(day__lt=first).order_by("-day").first()
    balance = earlier.balance if earlier else 0
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        row = moved.get(day)
        balance = row.balance if row else balance
        yield Day(day, balance, row.credits if row else 0, row.debits if row else 0, account.currency)


def days_of(account: Account) -> tuple[date, date]:
    """The day of the opening and today, in the account's time zone; recorded days lie within, whatever its rules."""
    recorded = DailyBalance.objects.filter(account_id=account.account_id).aggregate(first=Min("day"), last=Max("day"))
    opened, today = (_day_at(account, moment) for moment in (account.opened_at, current_time(account)))
    return min(opened, recorded["first"] or opened), max(today, recorded["last"] or today)


def _day_at(account: Account, moment: datetime) -> date:
    return moment.astimezone(zone_of(account.timezone)).date()


def _recorded_by(account_id: UUID, moment: datetime) -> int:
    """The balance after the last entry up to a time; each entry holds its own."""
    earlier = _latest_first(account_id).filter(recorded_at__lte=moment)
    return earlier.values_list("balance", flat=True).first() or 0


def _latest_first(account_id: UUID) -> "QuerySet[Entry]":
    return Entry.objects.filter(account_id=account_id).order_by("-recorded_at", "-position")


def _backdated_past(account_id: UUID, moment: datetime) -> int:
    """The sum of the entries that were recorded after a time and are effective by then.

    No effective date lies after the recording, so the two axes differ by nothing else; and an index holds nothing
    but backdated entries, so a long history does not slow it down.
    """
    backdated = Entry.objects.filter(account_id=account_id, effective_at__lt=F("recorded_at"))
    return sum_of(backdated.filter(effective_at__lte=moment, recorded_at__gt=moment).aggregate(**sum_parts(SIGNED)))
