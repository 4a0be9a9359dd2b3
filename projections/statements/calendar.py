"""The months of an account: numbered from the one of its opening, in its time zone, up to now or to its closing.

Issued months begin and end as they were issued, whatever the rules of the time zone say by now. The next one begins
where the last issued one ended, so between them nothing is lost, and nothing counts twice.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from django.db.models import OuterRef, Subquery

from accounts.domain.zones import zone_of
from eventstore.log import primary_rows
from eventstore.models import Event
from projections.models import Account, Statement
from projections.statements.period import Period

# A month is over when no event can be recorded in it any more. A database that takes over from another one may have a
# clock that is behind, by less than this.
GRACE: Final = timedelta(minutes=10)


class Span(NamedTuple):
    """The number, the name, the begin and the end of an account's month; the end is the begin of the next one."""

    number: int
    period: str
    begins_at: datetime
    ends_at: datetime


class Calendar:
    """Converts between an account's months that are not issued yet, their numbers, and times.

    Number 1 is the month of the opening; `last` is the last issued one.
    """

    def __init__(self, account: Account, last: Statement | None = None) -> None:
        self.zone, self.last = zone_of(account.timezone), last
        named = Period.parse(last.period) if last else None
        self.first = named.plus(1 - last.number) if last and named else Period.of(account.opened_at, self.zone)

    @property
    def next(self) -> int:
        """The number of the first month that is not issued."""
        return self.last.number + 1 if self.last else 1

    def period(self, number: int) -> Period:
        """The month with a number."""
        return self.first.plus(number - 1)

    def number(self, period: Period) -> int:
        """The number of a month; zero or less if it is before the opening."""
        return period.since(self.first) + 1

    def number_at(self, moment: datetime) -> int:
        """The number of the month of a time; of one within issued months, the number of the last of these."""
        if self.last and moment < self.last.ends_at:
            return self.last.number
        return max(self.number(Period.of(moment, self.zone)), self.next)

    def span(self, number: int) -> Span:
        """The month with a number, which is not issued."""
        begins_at = self._ends_at(number - 1) if number > 1 else self.period(1).begins_at(self.zone)
        return Span(number, str(self.period(number)), begins_at, self._ends_at(number))

    def spans(self, first: int, last: int) -> Iterator[Span]:
        """The months from one number to another."""
        return map(self.span, range(first, last + 1))

    def _ends_at(self, number: int) -> datetime:
        end = self.period(number).ends_at(self.zone)
        if self.last is None:
            return end
        return self.last.ends_at if number < self.next else max(end, self.last.ends_at)


def issued_spans(statements: Sequence[Statement]) -> Iterator[Span]:
    """The months up to the last of these statements, in order; one whose statement is missing lies between others."""
    by_number = {statement.number: statement for statement in statements}
    for number in range(1, max(by_number, default=0) + 1):
        if found := by_number.get(number):
            yield span_of(found)
        else:
            yield _missing(number, by_number)


def span_of(statement: Statement) -> Span:
    """An issued month."""
    return Span(statement.number, statement.period, statement.begins_at, statement.ends_at)


def last_statements(accounts: Iterable[Account]) -> Mapping[UUID, Statement]:
    """The last statement of each account that has one, from the primary."""
    statements = primary_rows(Statement)
    own = statements.filter(account_id=OuterRef("account_id")).order_by("-number").values("number")
    last = statements.filter(account_id__in=[account.account_id for account in accounts], number=Subquery(own[:1]))
    return {statement.account_id: statement for statement in last}


def months_so_far(account: Account, now: datetime, closed_at: datetime | None, last: Statement | None = None) -> int:
    """The number of months of an account: up to the current one, or to the one of its closing."""
    return Calendar(account, last).number_at(now if closed_at is None else min(now, closed_at))


def months_over(account: Account, now: datetime, closed_at: datetime | None, last: Statement | None = None) -> int:
    """The number of months of an account that have ended, and can get no further entry."""
    over = Calendar(account, last).number_at(now - GRACE) - 1
    return min(over, months_so_far(account, now, closed_at, last))


def closing_times(accounts: Iterable[Account]) -> Mapping[UUID, datetime]:
    """The closing time of each closed account: the time of its last event, as nothing follows a closing."""
    closed = {account.position: account.account_id for account in accounts if account.status == Account.Status.CLOSED}
    last = primary_rows(Event).filter(position__in=closed).values_list("position", "recorded_at")
    return {closed[position]: recorded_at for position, recorded_at in last}


def _missing(number: int, others: Mapping[int, Statement]) -> Span:
    """The place of a statement that is not there: between the one before it and the next one."""
    following = others[min(found for found in others if found > number)]
    before = [others[found] for found in others if found < number]
    named = Period.parse(following.period)
    period = str(named.plus(number - following.number)) if named else ""
    begins_at = max((one.ends_at for one in before), default=following.begins_at)
    return Span(number, period, begins_at, following.begins_at)
