"""Figures of the log, read from its database once for each scrape: bounded, reading only, and each part by itself.

A part that can't be read in time hides no other; that it could not is a figure as well.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from django.conf import settings
from django.db import Error

from eventstore import feed
from eventstore.backends import store
from eventstore.checks.watch import Code, Limits, problems
from eventstore.checks.watch.disk import free_bytes
from eventstore.checks.watch.runners import runners
from eventstore.checks.watch.timeouts import statement_timeout
from eventstore.checks.watch.verification import verified
from eventstore.integrity import trees
from eventstore.integrity.tail import unsealed_since
from eventstore.integrity.trees import Tree
from eventstore.log.database import now, primary_rows
from eventstore.log.identity import identity
from eventstore.models import Drill
from eventstore.projecting.inspect.statuses import Status, status
from eventstore.relay import relays
from eventstore.telemetry import catalogue, postgresql
from eventstore.telemetry.catalogue import Metric

__all__ = ["Figure", "figures"]


class Figure(NamedTuple):
    """The value of a metric, for values of its labels."""

    metric: Metric
    value: float
    labels: tuple[str, ...] = ()


def figures() -> list[Figure]:
    """All figures; those of a part that can't be read are missing. Raises nothing of the database's."""
    began = time.monotonic()
    if not _answers():
        found = [Figure(catalogue.DATABASE_UP, 0)]
    else:
        found = [Figure(catalogue.DATABASE_UP, 1), *(figure for part in PARTS for figure in _read(part))]
    return [*found, *backup(), Figure(catalogue.SCRAPE_SECONDS, time.monotonic() - began)]


def movement() -> Iterator[Figure]:
    """What the watcher reports, and the runners that are alive."""
    limits = Limits()
    found = Counter(problem.code for problem in problems(limits))
    yield from (Figure(catalogue.PROBLEMS, found[code], (code.value,)) for code in Code)
    yield Figure(catalogue.RUNNERS, sum(runner.is_alive for runner in runners(limits)))
    if (free := free_bytes()) is not None:
        yield Figure(catalogue.DISK_FREE, free)


def mark() -> Iterator[Figure]:
    """The tidemark, and for how long it has stood below what is recorded."""
    backend = store()
    yield Figure(catalogue.MARK_POSITION, feed.tidemark())
    yield Figure(catalogue.EPOCH, identity().epoch)
    state = backend.mark_state()
    behind = state is not None and not backend.follows() and backend.last_drawn() != state[:2]
    yield Figure(catalogue.MARK_AGE, state.held_for.total_seconds() if state and behind else 0)


def projections() -> Iterator[Figure]:
    """How far projections, reactions and targets are behind, and what is parked."""
    targets = {relay.name: name for name, relay in relays().items()}
    for each in status(feed.tidemark()):
        yield from _lag(each, targets.get(each.name))
        yield Figure(catalogue.PARKED, each.parked, (each.name,))
        yield Figure(catalogue.GIVEN_UP, each.given_up, (each.name,))


def seals() -> Iterator[Figure]:
    """The newest signed heads, and what waits for one; a read database has none of its own."""
    for tree in Tree if not store().subscribes() else ():
        head, since = trees.newest_head(tree), unsealed_since(tree)
        if head:
            yield Figure(catalogue.SEALED_AT, head.signed_at.timestamp(), (tree.value,))
        yield Figure(catalogue.UNSEALED_AGE, (now() - since).total_seconds() if since else 0, (tree.value,))


def verification() -> Iterator[Figure]:
    """The last verification of the whole log, and the faults that are known."""
    found = verified()
    if found.at:
        yield Figure(catalogue.VERIFIED_AT, found.at.timestamp())
    yield Figure(catalogue.FAULTS, found.faulty.faults if found.faulty else 0)


def drills() -> Iterator[Figure]:
    """The last restore drill that came to its end."""
    last = primary_rows(Drill).filter(ended_at__isnull=False).order_by("-began_at").first()
    if last:
        yield Figure(catalogue.DRILLED_AT, last.began_at.timestamp())
        yield Figure(catalogue.DRILL_SUCCEEDED, bool(last.succeeded))


def server() -> Iterator[Figure]:
    """What a server of PostgreSQL tells of itself."""
    if store().connection.vendor != "postgresql":
        return
    connections = postgresql.connections(store().connection)
    yield from (Figure(catalogue.CONNECTIONS, number, (state,)) for state, number in connections.by_state.items())
    yield Figure(catalogue.CONNECTIONS_MAX, connections.most)
    archiver = postgresql.archiver(store().connection)
    yield from _at(catalogue.WAL_ARCHIVED_AT, archiver.archived_at)
    yield Figure(catalogue.WAL_FAILING, archiver.is_failing)


def backup() -> Iterator[Figure]:
    """When the file that each backup writes was last written; nothing, if no file is named or there is none yet."""
    named = getattr(settings, "METRICS_BACKUP_FILE", "")
    with suppress(OSError):
        if named:
            yield Figure(catalogue.BACKED_UP_AT, Path(named).stat().st_mtime)


PARTS: Final[Sequence[Callable[[], Iterator[Figure]]]] = (
    movement,
    mark,
    projections,
    seals,
    verification,
    drills,
    server,
)


def _answers() -> bool:
    try:
        with statement_timeout(), store().connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return False
    return True


def _read(part: Callable[[], Iterator[Figure]]) -> list[Figure]:
    """The figures of a part, each within the time that a statement may take."""
    try:
        if part is movement:  # which sees to its own time, and goes on where a part of it fails
            found = list(part())
        else:
            with statement_timeout():
                found = list(part())
    except (Error, LookupError):  # the second before `migrate`
        return [Figure(catalogue.UNREADABLE, 1, (part.__name__,))]
    return [*found, Figure(catalogue.UNREADABLE, 0, (part.__name__,))]


def _lag(each: Status, target: str | None) -> Iterator[Figure]:
    if target is None:
        yield Figure(catalogue.LAG_EVENTS, each.lag, (each.name,))
        yield Figure(catalogue.LAG_SECONDS, each.lag_seconds, (each.name,))
    else:
        yield Figure(catalogue.RELAY_LAG_EVENTS, each.lag, (target,))
        yield Figure(catalogue.RELAY_LAG_SECONDS, each.lag_seconds, (target,))


def _at(metric: Metric, moment: datetime | None) -> Iterator[Figure]:
    if moment:
        yield Figure(metric, moment.timestamp())
