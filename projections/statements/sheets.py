"""Queries for statements: the months of an account, and one month with its entries."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from operator import attrgetter
from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from accounts.domain.zones import zone_of
from eventstore.decider import Refused, phrase
from eventstore.http.paging import Page, pages_upwards
from eventstore.models import TreeHead
from eventstore.proofs import head_over_stream
from projections.balances import current_time
from projections.models import Account, Customer, Entry, Statement
from projections.statements.calendar import Calendar, closing_times, months_so_far, span_of
from projections.statements.local_time import LocalTime
from projections.statements.months import Line, Month, Tally, compute_months
from projections.statements.period import Period

MAX_ENTRIES_SHOWN: Final = 1_000  # on a page or in a PDF; the CSV holds all
LINES_PER_PAGE: Final = 1_000  # that are read together, where all are read

_line_of = attrgetter(*Line._fields)


Shown = tuple[Line, UUID | None]  # an entry, and the one that reverses it


class NotAsIssued(Exception):
    """An issued statement and the entries of its month contradict each other. See manage.py check_ledger."""


@dataclass(frozen=True)
class Sheet:
    """A month with its entries, in the order in which they were recorded; a long one is read page by page."""

    account: Account
    month: Month
    entries: list[Entry]  # none, if there are too many to show
    zone: tzinfo  # its text is the zone's name

    @property
    def is_long(self) -> bool:
        """Whether there are too many entries to show."""
        return self.month.entries > len(self.entries)

    def pages(self) -> Iterator[list[Shown]]:
        """All entries, each with the one of this month that reverses it, page by page in bounded memory.

        A long month is read once more here, after it was held against what was issued. Raises NotAsIssued at the end if
        its entries became others meanwhile.
        """
        if not self.is_long:
            yield [(Line._make(_line_of(entry)), entry.reversed_by) for entry in self.entries]
            return
        tally = Tally.again(self.account, self.month)
        for page in _pages(self.account.account_id, self.month):
            for line in page:
                tally.add(line)
            reversed_by = _reversals_within(self.month, page)
            yield [(line, reversed_by.get(line.entry_id)) for line in page]
        _must_be(tally.month(), self.month)

    @property
    def holder(self) -> str | None:
        """The name of the account's owner; `None` once they are erased."""
        return Customer.objects.values_list("name", flat=True).get(customer_id=self.account.customer_id)

    @property
    def head(self) -> TreeHead | None:
        """The signed head that this month is sealed under, if it is issued: the earliest that covers its last event."""
        if not self.month.issued:
            return None
        return head_over_stream(self.account.account_id, self.month.ends_at)

    def file_name(self, kind: str) -> str:
        """The name of the statement's file of a kind, such as "pdf"."""
        return f"statement-{self.month.period}-{self.account.account_id}.{kind}"


def sheet(account: Account, period: str) -> Sheet:
    """The month of an account that a text such as "2026-03" names.

    Raises Refused STATEMENT_NOT_FOUND for a month in which there was no account yet, or no more, and NotAsIssued where
    the entries are not those that were issued.
    """
    number = _number_of(account, period)
    if number is None:
        raise Refused("STATEMENT_NOT_FOUND", phrase("There is no statement of this month."))
    issued = Statement.objects.filter(account_id=account.account_id, number=number).first()
    span = span_of(issued) if issued else _calendar(account).span(number)
    opening = _balance_before(account.account_id, span.begins_at)
    found = _entries_from(account.account_id, span.begins_at).filter(recorded_at__lt=span.ends_at)
    entries = list(found[: MAX_ENTRIES_SHOWN + 1])
    lines = map(Line._make, map(_line_of, entries))
    if len(entries) > MAX_ENTRIES_SHOWN:
        lines, entries = map(Line._make, found.values_list(*Line._fields).iterator()), []
    (month,) = compute_months(account, lines, [span], opening=opening)
    _attach_reversals_within(entries)
    if issued is None:
        return Sheet(account, month, entries, zone_of(account.timezone))
    return Sheet(account, _checked(month, issued), entries, LocalTime(issued.timezone, issued.offsets))


def months(account: Account, *, before: str | None = None, limit: int) -> Page[Month, str]:
    """The months of an account, newest first; `before` is the `next` of the page before."""
    calendar = _calendar(account)
    last = _months_so_far(account, calendar)
    if before is not None:
        period = Period.parse(before)
        last = min(last, calendar.number(period) - 1) if period else 0
    first = max(last - limit, 0) + 1
    found = [*_issued(account, first, last), *_not_issued(account, calendar, first, last)][::-1]
    return Page(found, str(calendar.period(first)) if first > 1 and found else None)


def _number_of(account: Account, period: str) -> int | None:
    """The number of the month that a text names; `None` if it is no month of the account."""
    named, calendar = Period.parse(period), _calendar(account)
    number = calendar.number(named) if named else 0
    return number if 1 <= number <= _months_so_far(account, calendar) else None


def _calendar(account: Account) -> Calendar:
    return Calendar(account, Statement.objects.filter(account_id=account.account_id).order_by("-number").first())


def _months_so_far(account: Account, calendar: Calendar) -> int:
    closed_at = closing_times([account]).get(account.account_id)
    return months_so_far(account, current_time(account), closed_at, calendar.last)


def _issued(account: Account, first: int, last: int) -> list[Month]:
    found = Statement.objects.filter(account_id=account.account_id, number__range=(first, last))
    return [Month.from_statement(statement) for statement in found.order_by("number")]


def _not_issued(account: Account, calendar: Calendar, first: int, last: int) -> list[Month]:
    """The months after the last issued one, computed anew."""
    spans = list(calendar.spans(max(first, calendar.next), last))
    if not spans:
        return []
    begin = spans[0].begins_at
    lines = _entries_from(account.account_id, begin).values_list(*Line._fields).iterator()
    opening = _balance_before(account.account_id, begin)
    return list(compute_months(account, map(Line._make, lines), spans, opening=opening))


def _entries_from(account_id: UUID, begin: datetime) -> "QuerySet[Entry]":
    later = Entry.objects.filter(account_id=account_id, recorded_at__gte=begin)
    return later.order_by("recorded_at", "position")  # in one stream both rise together


def _balance_before(account_id: UUID, moment: datetime) -> int:
    earlier = Entry.objects.filter(account_id=account_id, recorded_at__lt=moment)
    return earlier.order_by("-recorded_at", "-position").values_list("balance", flat=True).first() or 0


def _checked(month: Month, statement: Statement) -> Month:
    """The month as it was issued; raises NotAsIssued where the computed one differs."""
    issued = Month.from_statement(statement)
    _must_be(month, issued)
    return issued


def _must_be(month: Month, issued: Month) -> None:
    if differences := month.differences(issued):
        raise NotAsIssued(f"{issued.account_id} {issued.period}: {', '.join(differences)}. {NotAsIssued.__doc__}")


def _pages(account_id: UUID, month: Month) -> Iterator[list[Line]]:
    """The entries of a month between its first and its last position: what is recorded since is left out."""
    between = Entry.objects.filter(account_id=account_id, position__range=(month.first_position, month.last_position))
    rows = between.values_list(*Line._fields, named=True)
    return ([Line._make(row) for row in page] for page in pages_upwards(rows, "position", LINES_PER_PAGE))


def _reversals_within(month: Month, page: Iterable[Line]) -> dict[UUID | None, UUID]:
    """The entries of the month that reverse those of a page; later ones are not part of the statement."""
    found = Entry.objects.filter(reverses__in=[line.entry_id for line in page])
    rows = found.values_list("reverses", "entry_id", "position")  # with more conditions another index would be taken
    return {reverses: entry_id for reverses, entry_id, position in rows if position <= (month.last_position or 0)}


def _attach_reversals_within(entries: list[Entry]) -> None:
    """Sets `reversed_by` from reversals in the same month: later ones are not part of the statement."""
    reversed_by = {entry.reverses: entry.entry_id for entry in entries if entry.reverses}
    for entry in entries:
        entry.reversed_by = reversed_by.get(entry.entry_id)
