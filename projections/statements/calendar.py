"""Which months an account has, and which of them are over."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from eventstore.log import current_rows
from eventstore.models import Event
from projections.models import Account
from projections.statements.months import begun_in
from projections.statements.period import Period

# A month is over when no event can be recorded in it any more. A database that takes over from another one may have a
# clock that is behind, by less than this.
GRACE: Final = timedelta(minutes=10)


def months_so_far(account: Account, now: datetime, closed_at: datetime | None) -> int:
    """How many months an account has had: up to the current one, or up to the one in which it was closed."""
    return _number(account, now if closed_at is None else min(now, closed_at))


def months_over(account: Account, now: datetime, closed_at: datetime | None) -> int:
    """How many of them have ended."""
    return min(_number(account, now - GRACE) - 1, months_so_far(account, now, closed_at))


def closing_times(accounts: Iterable[Account]) -> Mapping[UUID, datetime]:
    """When the closed ones among these were closed: nothing comes after that, so it is the last that happened."""
    closed = {account.position: account.account_id for account in accounts if account.status == Account.Status.CLOSED}
    last = current_rows(Event).filter(position__in=closed).values_list("position", "recorded_at")
    return {closed[position]: recorded_at for position, recorded_at in last}


def _number(account: Account, moment: datetime) -> int:
    """The month that it is at a moment, counted from the one of the opening, which is 1."""
    return Period.of(moment, ZoneInfo(account.timezone)).since(begun_in(account)) + 1
