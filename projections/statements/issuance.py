"""Issuing of statements: a month is stored for ever once it is over and nothing can be added to it any more.

When is that so? An event gets its time while its transaction holds the head of its stream, from the database's clock.
Closing the stream's time up to the month's end, see `log.close_until`, therefore waits for every transaction that may
have read an earlier time, so its entries are found; and every later transaction records a later time, even if the clock
is set back. The tidemark promises less: it knows of positions, and a transaction reads its time before it draws one.

One account's trouble is its own: where a batch of accounts fails, each of them is tried alone.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import reduce
from itertools import groupby
from operator import itemgetter, or_
from typing import Any, Final
from uuid import UUID

from django.db import (
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    connections,
    transaction,
)
from django.db.models import Q

from eventstore import log
from eventstore.http.paging import pages_upwards
from eventstore.log import log_database, primary_rows
from eventstore.models import Stream
from eventstore.projecting import projections
from eventstore.projecting.inspect import only_stale
from eventstore.service import Stop
from projections.models import Account, Entry, Statement
from projections.statements.calendar import Calendar, Span, closing_times, last_statements, months_over
from projections.statements.local_time import offsets_between
from projections.statements.months import STORED_FIELDS, Line, Month, compute_months

ACCOUNTS_PER_LOCK: Final = 100  # whose heads are locked together, twice for a moment
ACCOUNTS_PER_PAGE: Final = 2_000  # that are read together
MAX_SHOWN: Final = 10  # accounts that a report names because they got no statement

logger = logging.getLogger(__name__)

Progress = Callable[[int], object]


class CannotIssue(Exception):
    """The read models from which statements are computed wait for a rebuild."""


@dataclass
class Report:
    """The result of a run: numbers of accounts and statements that were issued, and of accounts that got none.

    An account gets none if its entries contradict each other, or if it can't be read.
    """

    accounts: int = 0
    issued: int = 0
    broken: int = 0
    named: list[str] = field(default_factory=list)

    def add_broken(self, month: Month) -> None:
        """Counts an account whose entries contradict each other."""
        self._add(f"{month.account_id}: {month.period}, at position {month.broken_at}")

    def add_failure(self, account: Account, error: Exception) -> None:
        """Counts an account with which something else is wrong, and logs it."""
        logger.error("No statement could be issued for the account %s.", account.account_id, exc_info=error)
        self._add(f"{account.account_id}: {error!r}")

    def _add(self, line: str) -> None:
        self.broken += 1
        if len(self.named) < MAX_SHOWN:
            self.named.append(line)


@dataclass(frozen=True)
class Due:
    """An account with its months that are over and not issued yet, of which there is at least one."""

    account: Account
    spans: Sequence[Span]
    opening: int  # the closing balance of the month before them
    zone: tzinfo

    @property
    def first(self) -> int:
        """The number of the first of these months."""
        return self.spans[0].number

    @property
    def begins_at(self) -> datetime:
        """The time at which the first of these months begins."""
        return self.spans[0].begins_at

    @property
    def ends_at(self) -> datetime:
        """The time at which the last of these months ends."""
        return self.spans[-1].ends_at


def issue(*, progress: Progress = lambda _: None, stop: Stop | None = None) -> Report:
    """Issues every month that is over and has no statement.

    Calls `progress` with the number of accounts that were read. Several runs at the same time are safe; one that is
    killed, or ended by `stop`, has issued a part. Raises CannotIssue.
    """
    if stale := only_stale([projections["accounts"], projections["entries"]]):
        names = " ".join(projection.name for projection in stale)
        raise CannotIssue(f"Build them first: manage.py rebuild_projections {names}. Nothing was issued.")
    report, now = Report(), log.now()  # by the clock that events go by
    for accounts in pages_upwards(primary_rows(Account), "account_id", ACCOUNTS_PER_PAGE):
        due = list(_due(accounts, now, report))
        for start in range(0, len(due), ACCOUNTS_PER_LOCK):
            if stop and stop.is_set():
                return report
            _issue_each(due[start : start + ACCOUNTS_PER_LOCK], now, report)
        progress(len(accounts))
    return report


def _due(accounts: Sequence[Account], now: datetime, report: Report) -> Iterator[Due]:
    """The months to issue of those accounts that have any."""
    closed, issued = closing_times(accounts), last_statements(accounts)
    for account in accounts:
        last = issued.get(account.account_id)
        try:
            calendar = Calendar(account, last)
            over = months_over(account, now, closed.get(account.account_id), last)
            spans = list(calendar.spans(calendar.next, over))
        except Exception as error:
            report.add_failure(account, error)
            continue
        if spans:
            yield Due(account, spans, last.closing if last else 0, calendar.zone)


def _issue_each(batch: Sequence[Due], now: datetime, report: Report) -> None:
    """Issues the months of a batch; if that fails, those of each account alone, and reports the ones that fail."""
    try:
        _issue_batch(batch, now, report)
    except Exception as error:
        if _concerns_all(error):
            raise
        if len(batch) == 1:
            report.add_failure(batch[0].account, error)
            return
        for due in batch:
            _issue_each([due], now, report)


def _concerns_all(error: Exception) -> bool:
    """Whether the database fails, rather than what one account has in it or somebody's lock on its head."""
    if not isinstance(error, DatabaseError | InterfaceError) or isinstance(error, DataError | IntegrityError):
        return False
    database = connections[log_database()]
    is_one_lock = isinstance(error, OperationalError) and database.features.has_select_for_update
    return not (is_one_lock and database.is_usable())


def _issue_batch(batch: Sequence[Due], now: datetime, report: Report) -> None:
    """Waits for transactions that may still write, computes without a lock, and stores what is not issued by then."""
    log.close_until({due.account.account_id: due.ends_at for due in batch})
    months, broken = list[Month](), list[Month]()
    for month in _computed(batch):
        (months if month.broken_at is None else broken).append(month)
    zones = {due.account.account_id: due.zone for due in batch}
    with transaction.atomic(using=log_database()):
        _lock_heads(batch)
        new = _not_issued_yet(batch, months)
        primary_rows(Statement).bulk_create(_statement(month, zones[month.account_id], now) for month in new)
    for month in broken:
        report.add_broken(month)
    report.issued += len(new)
    report.accounts += len({month.account_id for month in new})


def _statement(month: Month, zone: tzinfo, now: datetime) -> Statement:
    offsets = offsets_between(zone, month.earliest or month.begins_at, max(now, month.ends_at))
    stored = {name: getattr(month, name) for name in STORED_FIELDS}
    return Statement(**stored, timezone=str(zone), offsets=offsets, issued_at=now)


def _lock_heads(batch: Sequence[Due]) -> None:
    """Locks the accounts' heads, in the order of commands, so that there is no deadlock. SQLite locks everything."""
    heads = primary_rows(Stream).filter(stream_id__in=[due.account.account_id for due in batch])
    list(heads.order_by("stream_id").select_for_update().values_list("stream_id"))


def _computed(batch: Sequence[Due]) -> Iterator[Month]:
    """The months that are due; of an account whose entries contradict each other, those up to the first such month."""
    groups = groupby(_entries(batch), itemgetter(0))
    group = next(groups, None)
    for due in batch:
        account_id = due.account.account_id
        lines: Iterable[Line] = ()
        if is_own := group is not None and group[0] == account_id:
            lines = (Line._make(row[1:]) for row in group[1])
        yield from _sound(compute_months(due.account, lines, due.spans, opening=due.opening))
        if is_own:
            group = next(groups, None)


def _sound(months: Iterable[Month]) -> Iterator[Month]:
    """The months up to and with the first whose entries contradict each other."""
    for month in months:
        yield month
        if month.broken_at is not None:
            return


def _entries(batch: Sequence[Due]) -> Iterator[tuple[Any, ...]]:
    """The lines of the months that are due, each after its account's id, by account and in the order of the log."""
    wanted = _any(
        Q(account_id=due.account.account_id, recorded_at__gte=due.begins_at, recorded_at__lt=due.ends_at)
        for due in batch
    )
    found = primary_rows(Entry).filter(wanted).order_by("account_id", "recorded_at", "position")
    return found.values_list("account_id", *Line._fields).iterator()


def _not_issued_yet(batch: Sequence[Due], months: Iterable[Month]) -> list[Month]:
    """The months of those accounts for which no other run has issued any since; the next run does the rest of those."""
    since = _any(Q(account_id=due.account.account_id, number__gte=due.first) for due in batch)
    overtaken: set[UUID] = set(primary_rows(Statement).filter(since).values_list("account_id", flat=True))
    return [month for month in months if month.account_id not in overtaken]


def _any(conditions: Iterable[Q]) -> Q:
    return reduce(or_, conditions)
