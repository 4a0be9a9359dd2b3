"""Issuing of statements: a month is stored for ever once it is over and nothing can be added to it any more.

When is that so? An event gets its time while its transaction holds the head of its stream, from the database's clock.
Locking the head after the month has ended therefore waits for every transaction that may have read an earlier time, so
its entries are found, and every later transaction reads a later time. The tidemark promises less: it knows of
positions, and a transaction reads its time before it draws one.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from itertools import groupby
from operator import itemgetter, or_
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Q, QuerySet

from eventstore import log
from eventstore.http.paging import pages_upwards
from eventstore.log import log_database, primary_rows
from eventstore.models import Stream
from eventstore.projecting import projections
from eventstore.projecting.inspect import only_stale
from projections.models import Account, Entry, Statement
from projections.statements.calendar import Calendar, closing_times, months_over
from projections.statements.months import STORED_FIELDS, Line, Month, compute_months

ACCOUNTS_PER_LOCK: Final = 100  # whose heads are locked together, twice for a moment
ACCOUNTS_PER_PAGE: Final = 2_000  # that are read together
MAX_SHOWN: Final = 10  # accounts that a report names because their entries do not add up

Progress = Callable[[int], object]


class CannotIssue(Exception):
    """The read models from which statements are computed wait for a rebuild."""


@dataclass
class Report:
    """The result of a run: numbers of accounts and statements that were issued, and accounts that do not add up."""

    accounts: int = 0
    issued: int = 0
    broken: int = 0
    named: list[str] = field(default_factory=list)

    def add_broken(self, month: Month) -> None:
        """Counts an account whose entries contradict each other, and names the first ones."""
        self.broken += 1
        if len(self.named) < MAX_SHOWN:
            self.named.append(f"{month.account_id}: {month.period}, at position {month.broken_at}")


@dataclass(frozen=True)
class Due:
    """An account with the numbers of its first and last month that are over and not issued yet."""

    account: Account
    first: int
    last: int

    @property
    def begins_at(self) -> datetime:
        """The time at which the first of these months begins."""
        return Calendar(self.account).begins_at(self.first)

    @property
    def ends_at(self) -> datetime:
        """The time at which the last of these months ends."""
        return Calendar(self.account).ends_at(self.last)


def issue(*, progress: Progress = lambda _: None, stop: threading.Event | None = None) -> Report:
    """Issues every month that is over and has no statement.

    Calls `progress` with the number of accounts that were read. Several runs at the same time are safe; one that is
    killed, or ended by `stop`, has issued a part. Raises CannotIssue.
    """
    if stale := only_stale([projections["accounts"], projections["entries"]]):
        names = " ".join(projection.name for projection in stale)
        raise CannotIssue(f"Build them first: manage.py rebuild_projections {names}. Nothing was issued.")
    report, now = Report(), log.now()  # by the clock that events go by
    for accounts in pages_upwards(primary_rows(Account), "account_id", ACCOUNTS_PER_PAGE):
        due = _due(accounts, now)
        for start in range(0, len(due), ACCOUNTS_PER_LOCK):
            if stop and stop.is_set():
                return report
            _issue_batch(due[start : start + ACCOUNTS_PER_LOCK], now, report)
        progress(len(accounts))
    return report


def _due(accounts: Sequence[Account], now: datetime) -> list[Due]:
    """The months to issue of those accounts that have any."""
    closed = closing_times(accounts)
    statements = _statements_of(account.account_id for account in accounts)
    issued = dict(statements.values("account_id").annotate(last=Max("number")).values_list("account_id", "last"))
    due = (
        Due(account, issued.get(account.account_id, 0) + 1, months_over(account, now, closed.get(account.account_id)))
        for account in accounts
    )
    return [one for one in due if one.first <= one.last]


def _issue_batch(batch: Sequence[Due], now: datetime, report: Report) -> None:
    """Waits for transactions that may still write, computes without a lock, and stores what is not issued by then."""
    with transaction.atomic(using=log_database()):
        _lock_heads(batch)
    months = list(_computed(batch, report))
    with transaction.atomic(using=log_database()):
        _lock_heads(batch)
        new = _not_issued_yet(batch, months)
        primary_rows(Statement).bulk_create(_statement(month, now) for month in new)
    report.issued += len(new)
    report.accounts += len({month.account_id for month in new})


def _statement(month: Month, now: datetime) -> Statement:
    return Statement(**{name: getattr(month, name) for name in STORED_FIELDS}, issued_at=now)


def _lock_heads(batch: Sequence[Due]) -> None:
    """Locks the accounts' heads, in the order of commands, so that there is no deadlock. SQLite locks everything."""
    heads = primary_rows(Stream).filter(stream_id__in=[due.account.account_id for due in batch])
    list(heads.order_by("stream_id").select_for_update().values_list("stream_id"))


def _computed(batch: Sequence[Due], report: Report) -> Iterator[Month]:
    """The months that are due; of an account whose entries contradict each other, those before the first such month."""
    closing = _closing_before(batch)
    groups = groupby(_entries(batch), itemgetter(0))
    group = next(groups, None)
    for due in batch:
        account_id = due.account.account_id
        lines: Iterable[Line] = ()
        if is_own := group is not None and group[0] == account_id:
            lines = (Line._make(row[1:]) for row in group[1])
        opening = closing.get(account_id, 0)
        yield from _sound(compute_months(due.account, lines, opening=opening, first=due.first, last=due.last), report)
        if is_own:
            group = next(groups, None)


def _sound(months: Iterable[Month], report: Report) -> Iterator[Month]:
    """The months up to the first whose entries contradict each other, which is reported."""
    for month in months:
        if month.broken_at is not None:
            report.add_broken(month)
            return
        yield month


def _entries(batch: Sequence[Due]) -> Iterator[tuple[Any, ...]]:
    """The lines of the months that are due, each after its account's id, by account and in the order of the log."""
    wanted = _any(
        Q(account_id=due.account.account_id, recorded_at__gte=due.begins_at, recorded_at__lt=due.ends_at)
        for due in batch
    )
    found = primary_rows(Entry).filter(wanted).order_by("account_id", "recorded_at", "position")
    return found.values_list("account_id", *Line._fields).iterator()


def _closing_before(batch: Sequence[Due]) -> dict[UUID, int]:
    """The closing balance of each account's last statement."""
    last = _any(Q(account_id=due.account.account_id, number=due.first - 1) for due in batch)
    return dict(primary_rows(Statement).filter(last).values_list("account_id", "closing"))


def _not_issued_yet(batch: Sequence[Due], months: Iterable[Month]) -> list[Month]:
    """The months that no other run has issued since they were computed."""
    here = _statements_of(due.account.account_id for due in batch)
    issued = set(here.filter(number__gte=min(due.first for due in batch)).values_list("account_id", "number"))
    return [month for month in months if (month.account_id, month.number) not in issued]


def _statements_of(account_ids: Iterable[UUID]) -> "QuerySet[Statement]":
    return primary_rows(Statement).filter(account_id__in=list(account_ids))


def _any(conditions: Iterable[Q]) -> Q:
    return reduce(or_, conditions)
