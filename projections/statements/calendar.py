"""The months of an account: numbered from the one of its opening, in its time zone, up to now or to its closing."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from eventstore.log import primary_rows
from eventstore.models import Event
from projections.models import Account
from projections.statements.period import Period

# A month is over when no event can be recorded in it any more. A database that takes over from another one may have a
# clock that is behind, by less than this.
GRACE: Final = timedelta(minutes=10)


class Calendar:
    """Converts between an account's months, their numbers, and times; number 1 is the month of the opening."""

    def __init__(self, account: Account) -> None:
        self.zone = ZoneInfo(account.timezone)
        self.first = Period.of(account.opened_at, self.zone)

    def period(self, number: int) -> Period:
        """The month with a number."""
        return self.first.plus(number - 1)

    def number(self, period: Period) -> int:
        """The number of a month; zero or less if it is before the opening."""
        return period.since(self.first) + 1

    def number_at(self, moment: datetime) -> int:
        """The number of the month of a time."""
        return self.number(Period.of(moment, self.zone))

    def begins_at(self, number: int) -> datetime:
        """The time at which the month with a number begins."""
        return self.period(number).begins_at(self.zone)

    def ends_at(self, number: int) -> datetime:
        """The time at which the month with a number ends, and the next one begins."""
        return self.period(number).ends_at(self.zone)


def months_so_far(account: Account, now: datetime, closed_at: datetime | None) -> int:
    """The number of months of an account: up to the current one, or to the one of its closing."""
    return Calendar(account).number_at(now if closed_at is None else min(now, closed_at))


def months_over(account: Account, now: datetime, closed_at: datetime | None) -> int:
    """The number of months of an account that have ended, and can get no further entry."""
    return min(Calendar(account).number_at(now - GRACE) - 1, months_so_far(account, now, closed_at))


def closing_times(accounts: Iterable[Account]) -> Mapping[UUID, datetime]:
    """The closing time of each closed account: the time of its last event, as nothing follows a closing."""
    closed = {account.position: account.account_id for account in accounts if account.status == Account.Status.CLOSED}
    last = primary_rows(Event).filter(position__in=closed).values_list("position", "recorded_at")
    return {closed[position]: recorded_at for position, recorded_at in last}
