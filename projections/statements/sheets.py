"""Queries for statements: the months of an account, and one month with its entries."""

from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from eventstore.decider import Refused, phrase
from eventstore.http.paging import Page
from projections.balances import current_time
from projections.models import Account, Customer, Entry, Statement
from projections.statements.calendar import Calendar, closing_times, months_so_far
from projections.statements.months import Line, Month, compute_months
from projections.statements.period import Period

MAX_ENTRIES_SHOWN: Final = 1_000  # on a page or in a PDF; the CSV holds all

_line_of = attrgetter(*Line._fields)


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
        """Whether there are too many entries to show."""
        return len(self.entries) > MAX_ENTRIES_SHOWN

    @property
    def holder(self) -> str | None:
        """The name of the account's owner; `None` once they are erased."""
        return Customer.objects.values_list("name", flat=True).get(customer_id=self.account.customer_id)

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
    calendar = Calendar(account)
    begin, end = calendar.begins_at(number), calendar.ends_at(number)
    opening = _balance_before(account.account_id, begin)
    issued = Statement.objects.filter(account_id=account.account_id, number=number).first()
    entries = list(_entries_from(account.account_id, begin).filter(recorded_at__lt=end))
    lines = (Line._make(_line_of(entry)) for entry in entries)
    (month,) = compute_months(account, lines, opening=opening, first=number, last=number)
    _attach_reversals_within(entries)
    return Sheet(account, _checked(month, issued) if issued else month, entries)


def months(account: Account, *, before: str | None = None, limit: int) -> Page[Month, str]:
    """The months of an account, newest first; `before` is the `next` of the page before."""
    calendar, last = Calendar(account), _months_so_far(account)
    if before is not None:
        period = Period.parse(before)
        last = min(last, calendar.number(period) - 1) if period else 0
    first = max(last - limit, 0) + 1
    found = [*_issued(account, first, last), *_not_issued(account, first, last)][::-1]
    return Page(found, str(calendar.period(first)) if first > 1 and found else None)


def _number_of(account: Account, period: str) -> int | None:
    """The number of the month that a text names; `None` if it is no month of the account."""
    named = Period.parse(period)
    number = Calendar(account).number(named) if named else 0
    return number if 1 <= number <= _months_so_far(account) else None


def _months_so_far(account: Account) -> int:
    return months_so_far(account, current_time(account), closing_times([account]).get(account.account_id))


def _issued(account: Account, first: int, last: int) -> list[Month]:
    found = Statement.objects.filter(account_id=account.account_id, number__range=(first, last))
    return [Month.from_statement(statement) for statement in found.order_by("number")]


def _not_issued(account: Account, first: int, last: int) -> list[Month]:
    """The months after the last issued one, computed anew."""
    issued = Statement.objects.filter(account_id=account.account_id).order_by("-number").first()
    first = max(first, issued.number + 1 if issued else 1)
    if first > last:
        return []
    begin = Calendar(account).begins_at(first)
    lines = _entries_from(account.account_id, begin).values_list(*Line._fields).iterator()
    opening = _balance_before(account.account_id, begin)
    return list(compute_months(account, map(Line._make, lines), opening=opening, first=first, last=last))


def _entries_from(account_id: UUID, begin: datetime) -> "QuerySet[Entry]":
    later = Entry.objects.filter(account_id=account_id, recorded_at__gte=begin)
    return later.order_by("recorded_at", "position")  # in one stream both rise together


def _balance_before(account_id: UUID, moment: datetime) -> int:
    earlier = Entry.objects.filter(account_id=account_id, recorded_at__lt=moment)
    return earlier.order_by("-recorded_at", "-position").values_list("balance", flat=True).first() or 0


def _checked(month: Month, statement: Statement) -> Month:
    """The month as it was issued; raises NotAsIssued where the computed one differs."""
    issued = Month.from_statement(statement)
    if differences := month.differences(issued):
        raise NotAsIssued(f"{statement}: {', '.join(differences)}. {NotAsIssued.__doc__}")
    return issued


def _attach_reversals_within(entries: list[Entry]) -> None:
    """Sets `reversed_by` from reversals in the same month: later ones are not part of the statement."""
    reversed_by = {entry.reverses: entry.entry_id for entry in entries if entry.reverses}
    for entry in entries:
        entry.reversed_by = reversed_by.get(entry.entry_id)
