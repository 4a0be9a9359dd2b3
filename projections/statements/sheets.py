"""Asking for statements: the months of an account, and one of them with its entries."""

from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils import timezone

from eventstore.decider import Refused, phrase
from eventstore.http.paging import Page
from projections.balances import last_moment
from projections.models import Account, Customer, Entry, Statement
from projections.statements.calendar import closing_times, months_so_far
from projections.statements.months import Line, Month, begun_in, month_of, reckon
from projections.statements.period import Period

MANY: Final = 1_000  # lines, beyond which a page or a PDF is no longer for people

_line = attrgetter(*Line._fields)


class NotAsIssued(Exception):
    """An issued statement and the entries of its month contradict each other. See manage.py check_ledger."""


@dataclass(frozen=True)
class Sheet:
    """A month with its entries, in the order in which they were recorded."""

    account: Account
    month: Month
    entries: list[Entry]

    @property
    def is_long(self) -> bool:
        """Whether it has more lines than anybody would read."""
        return len(self.entries) > MANY

    @property
    def holder(self) -> str | None:
        """Whose account it is; nobody's name, once they are erased."""
        return Customer.objects.values_list("name", flat=True).get(customer_id=self.account.customer_id)

    def file_name(self, kind: str) -> str:
        """What a file with it is called."""
        return f"statement-{self.month.period}-{self.account.account_id}.{kind}"


def sheet(account: Account, period: str) -> Sheet:
    """A month of an account; raises Refused STATEMENT_NOT_FOUND for one that it never had.

    Raises NotAsIssued where the entries are not those that were issued.
    """
    number = _number_of(account, period)
    if number is None:
        raise Refused("STATEMENT_NOT_FOUND", phrase("There is no statement of this month."))
    own, zone = month_of(account, number), ZoneInfo(account.timezone)
    begin, end = own.begins_at(zone), own.ends_at(zone)
    opening = _balance_before(account.account_id, begin)
    issued = Statement.objects.filter(account_id=account.account_id, number=number).first()
    entries = list(_entries(account.account_id, begin).filter(recorded_at__lt=end))
    lines = (Line._make(_line(entry)) for entry in entries)
    (month,) = reckon(account, lines, opening=opening, first=number, last=number)
    _tell_reversals(entries)
    return Sheet(account, _as_issued(month, issued) if issued else month, entries)


def months(account: Account, *, before: str | None = None, limit: int) -> Page[Month, str]:
    """The months of an account, newest first; `before` is the period that the last page ended with."""
    last, begun = _months_so_far(account), begun_in(account)
    if before is not None:
        cursor = Period.parse(before)
        last = min(last, cursor.since(begun)) if cursor else 0
    first = max(last - limit, 0) + 1
    found = [*_issued(account, first, last), *_open(account, first, last)][::-1]
    return Page(found, str(begun.plus(first - 1)) if first > 1 and found else None)


def _number_of(account: Account, period: str) -> int | None:
    """Which of an account's months a period is, if it is one of them."""
    named = Period.parse(period)
    number = named.since(begun_in(account)) + 1 if named else 0
    return number if 1 <= number <= _months_so_far(account) else None


def _months_so_far(account: Account) -> int:
    """The clock of the database may be ahead of ours: what was recorded has been, whatever we say."""
    now = max(timezone.now(), last_moment(account.account_id) or account.opened_at)
    return months_so_far(account, now, closing_times([account]).get(account.account_id))


def _issued(account: Account, first: int, last: int) -> list[Month]:
    found = Statement.objects.filter(account_id=account.account_id, number__range=(first, last))
    return [Month.of(statement) for statement in found.order_by("number")]


def _open(account: Account, first: int, last: int) -> list[Month]:
    """Those that are not issued: the ones that follow the last issued one."""
    issued = Statement.objects.filter(account_id=account.account_id).order_by("-number").first()
    first = max(first, issued.number + 1 if issued else 1)
    if first > last:
        return []
    begin = month_of(account, first).begins_at(ZoneInfo(account.timezone))
    lines = _entries(account.account_id, begin).values_list(*Line._fields).iterator()
    opening = _balance_before(account.account_id, begin)
    return list(reckon(account, map(Line._make, lines), opening=opening, first=first, last=last))


def _entries(account_id: UUID, begin: datetime) -> "QuerySet[Entry]":
    later = Entry.objects.filter(account_id=account_id, recorded_at__gte=begin)
    return later.order_by("recorded_at", "position")  # in one stream both rise together


def _balance_before(account_id: UUID, moment: datetime) -> int:
    earlier = Entry.objects.filter(account_id=account_id, recorded_at__lt=moment)
    return earlier.order_by("-recorded_at", "-position").values_list("balance", flat=True).first() or 0


def _as_issued(month: Month, statement: Statement) -> Month:
    issued = Month.of(statement)
    if differences := month.differences(issued):
        raise NotAsIssued(f"{statement}: {', '.join(differences)}. {NotAsIssued.__doc__}")
    return issued


def _tell_reversals(entries: list[Entry]) -> None:
    """Say of each line which one undid it in the same month: a later one is not part of this statement."""
    undone_by = {entry.reverses: entry.entry_id for entry in entries if entry.reverses}
    for entry in entries:
        entry.reversed_by = undone_by.get(entry.entry_id)
