"""Issuing: what is over is written down for ever, once nothing can be added to it any more.

When is that so? An event gets its time while its transaction holds the head of its stream, from the database's clock.
So whoever locks the head after the month has ended, has waited for every transaction that may have read an earlier
time, finds its entries, and knows that whoever comes next reads a later one. It is a stronger promise than the tidemark
gives, which knows of positions, and a transaction reads its time before it draws one.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from itertools import groupby
from operator import itemgetter, or_
from typing import Any, Final, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Max, Model, Q

from eventstore import log
from eventstore.log import current_rows, log_database
from eventstore.models import Projection, Stream
from eventstore.projecting.declaration.registry import projections
from projections.models import Account, Entry, Statement
from projections.statements.calendar import closing_times, months_over
from projections.statements.months import KEPT, Line, Month, month_of, reckon

BATCH: Final = 100  # accounts whose heads are locked together, twice for a moment
PAGE: Final = 2_000  # accounts that are looked at together
MAX_SHOWN: Final = 10  # accounts that are named because their entries do not add up

M = TypeVar("M", bound=Model)
Progress = Callable[[int], object]


class CannotIssue(Exception):
    """The read models that statements are reckoned from are not complete."""


@dataclass
class Report:
    """What came of it: accounts and statements that were issued, and accounts whose entries do not add up."""

    accounts: int = 0
    issued: int = 0
    broken: int = 0
    named: list[str] = field(default_factory=list)

    def add_broken(self, month: Month) -> None:
        """Count an account whose entries contradict each other, and name the first of them."""
        self.broken += 1
        if len(self.named) < MAX_SHOWN:
            self.named.append(f"{month.account_id}: {month.period}, at position {month.broken_at}")


@dataclass(frozen=True)
class Due:
    """An account with months that are over and not issued yet: from one number to another."""

    account: Account
    first: int
    last: int

    @property
    def begins_at(self) -> datetime:
        """The moment at which the first of these months begins."""
        return month_of(self.account, self.first).begins_at(ZoneInfo(self.account.timezone))

    @property
    def ends_at(self) -> datetime:
        """The moment at which the last of these months is over."""
        return month_of(self.account, self.last).ends_at(ZoneInfo(self.account.timezone))


def issue(*, progress: Progress = lambda _: None, stop: threading.Event | None = None) -> Report:
    """Issue every month that is over and has no statement; `progress` is told how many accounts were looked at.

    Any number may do this at the same time. Whoever is killed, or told to `stop`, has issued what it has. Raises
    CannotIssue.
    """
    _must_be_live("accounts", "entries")
    report, now = Report(), log.now()  # by the clock that events go by
    for accounts in _pages():
        due = _due(accounts, now)
        for start in range(0, len(due), BATCH):
            if stop and stop.is_set():
                return report
            _issue_batch(due[start : start + BATCH], now, report)
        progress(len(accounts))
    return report


def _must_be_live(*names: str) -> None:
    """A table that waits to be built anew does not hold what has happened, and a statement would be wrong for ever."""
    built = dict(current_rows(Projection).filter(is_live=True).values_list("name", "version"))
    if stale := [name for name in names if built.get(name) != projections[name].version]:
        raise CannotIssue(f"Build them first: manage.py rebuild_projections {' '.join(stale)}. Nothing was issued.")


def _pages() -> Iterator[list[Account]]:
    accounts = current_rows(Account).order_by("account_id")
    page = list(accounts[:PAGE])
    while page:
        yield page
        page = list(accounts.filter(account_id__gt=page[-1].account_id)[:PAGE])


def _due(accounts: Sequence[Account], now: datetime) -> list[Due]:
    """Those of these accounts that have something to issue."""
    closed = closing_times(accounts)
    statements = current_rows(Statement).filter(account_id__in=[account.account_id for account in accounts])
    issued = dict(statements.values("account_id").annotate(last=Max("number")).values_list("account_id", "last"))
    due = (
        Due(account, issued.get(account.account_id, 0) + 1, months_over(account, now, closed.get(account.account_id)))
        for account in accounts
    )
    return [one for one in due if one.first <= one.last]


def _issue_batch(batch: Sequence[Due], now: datetime, report: Report) -> None:
    """Wait for who may still be writing, reckon without a lock, and write in one go what nobody else has written."""
    with transaction.atomic(using=log_database()):
        _lock_heads(batch)
    months = list(_reckoned(batch, report))
    with transaction.atomic(using=log_database()):
        _lock_heads(batch)
        new = _not_issued_yet(batch, months)
        statements = [Statement(**{name: getattr(month, name) for name in KEPT}, issued_at=now) for month in new]
        current_rows(Statement).bulk_create(statements)
    report.issued += len(new)
    report.accounts += len({month.account_id for month in new})


def _lock_heads(batch: Sequence[Due]) -> None:
    """In the order in which commands lock them, so that nobody waits in a circle. On SQLite it is the only writer."""
    heads = current_rows(Stream).filter(stream_id__in=[due.account.account_id for due in batch])
    list(heads.order_by("stream_id").select_for_update().values_list("stream_id"))


def _reckoned(batch: Sequence[Due], report: Report) -> Iterator[Month]:
    """The months that are due; none of an account from the first one on in which its entries contradict each other."""
    closing = _closing_before(batch)
    groups = groupby(_entries(batch), itemgetter(0))
    group = next(groups, None)
    for due in batch:
        account_id = due.account.account_id
        lines: Iterable[Line] = ()
        if is_own := group is not None and group[0] == account_id:
            lines = (Line._make(row[1:]) for row in group[1])
        yield from _sound(
            reckon(due.account, lines, opening=closing.get(account_id, 0), first=due.first, last=due.last), report
        )
        if is_own:
            group = next(groups, None)


def _sound(months: Iterable[Month], report: Report) -> Iterator[Month]:
    for month in months:
        if month.broken_at is not None:
            report.add_broken(month)
            return
        yield month


def _entries(batch: Sequence[Due]) -> Iterator[tuple[Any, ...]]:
    """The lines of what is due, each after its account, in the order of the accounts and of the log."""
    wanted = _any(
        Q(account_id=due.account.account_id, recorded_at__gte=due.begins_at, recorded_at__lt=due.ends_at)
        for due in batch
    )
    found = current_rows(Entry).filter(wanted).order_by("account_id", "recorded_at", "position")
    return found.values_list("account_id", *Line._fields).iterator()


def _closing_before(batch: Sequence[Due]) -> dict[UUID, int]:
    """What the accounts' last statements closed with."""
    last = _any(Q(account_id=due.account.account_id, number=due.first - 1) for due in batch)
    return dict(current_rows(Statement).filter(last).values_list("account_id", "closing"))


def _not_issued_yet(batch: Sequence[Due], months: Iterable[Month]) -> list[Month]:
    """What nobody else has issued meanwhile."""
    here = current_rows(Statement).filter(account_id__in=[due.account.account_id for due in batch])
    issued = set(here.filter(number__gte=min(due.first for due in batch)).values_list("account_id", "number"))
    return [month for month in months if (month.account_id, month.number) not in issued]


def _any(conditions: Iterable[Q]) -> Q:
    return reduce(or_, conditions)
