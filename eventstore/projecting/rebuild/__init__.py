"""Rebuilding projections beside the live site, several in one pass over the log.

Each projection gets a shadow table, which is filled page by page while the site goes on. Progress is saved with each
page, slot by slot, so a rebuild that was killed resumes, with as many processes as it is given then. At the end writers
are blocked for a moment, the shadows read the rest, and they are exchanged with the live tables in one transaction.
Readers see the old rows until then, and never an empty or half-filled table. The replaced tables stay until they are
dropped or taken back.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from eventstore import feed
from eventstore.backends import store
from eventstore.backends.retries import retrying
from eventstore.log.database import primary_rows
from eventstore.models import Event
from eventstore.projecting.declaration.projection import Projection
from eventstore.projecting.rebuild.build import Build, begin, discard
from eventstore.projecting.rebuild.errors import ACCIDENTS, CannotShare, MarkLost, ShadowLost, WorkerDied, WorkerFailed
from eventstore.projecting.rebuild.exchange import finish, must_be_reusable, reuse_replaced
from eventstore.projecting.rebuild.passes import Pass, passes
from eventstore.projecting.rebuild.workers import run
from eventstore.projecting.replay import Progress, ProgressSum, no_progress
from eventstore.projecting.tables.fit import TableChanged, TableDoesNotFit, TableIsBound

__all__ = [
    "CannotShare",
    "MarkLost",
    "ShadowLost",
    "TableChanged",
    "TableDoesNotFit",
    "TableIsBound",
    "WorkerDied",
    "WorkerFailed",
    "discard",
    "must_be_reusable",
    "rebuild",
    "take_back",
    "workload",
]

PARTS_PER_WORKER = 2  # parts of a pass, so that workers finish at about the same time
MAX_RECORDS_LEFT = 1_000  # that may be left to read while writers are blocked


def rebuild(chosen: Sequence[Projection], progress: Progress = no_progress, *, workers: int = 1) -> int:
    """Rebuild projections, all or none, in `workers` processes; the number of records that were read.

    `progress` is called with the number of records of each page. An error of a projector ends the rebuild (as
    WorkerFailed if it was raised in another process) and leaves the live tables as they were; the database's own errors
    and WorkerDied leave it to be resumed. Raises CannotShare for several workers on SQLite; TableDoesNotFit or
    TableIsBound for a live table that can't be replaced; TableChanged if a migration changed one meanwhile. Raises
    MarkLost in a read database that does not know its log.
    """
    if workers > 1 and not store().writes_in_parallel:
        raise CannotShare(CannotShare.__doc__)
    if store().subscribes() and not feed.tidemark() and primary_rows(Event).exists():
        raise MarkLost(MarkLost.__doc__)
    return _complete_all(begin(chosen), progress, workers)


def take_back(projection: Projection) -> None:
    """Make the table that a rebuild has replaced the live one again, brought up to the present.

    The projection is then of the version that made those rows, so it may be stale. Raises Shadow.DoesNotExist if none
    was kept, TableDoesNotFit if a migration has changed the live table since, and TableIsBound.
    """
    _complete_all([reuse_replaced(projection)], no_progress, workers=1)


def workload(chosen: Sequence[Projection], workers: int = 1) -> int:
    """The number of records that a rebuild of these projections will read, if it begins or resumes now."""
    return sum(one.size() for one in passes([Build(projection) for projection in chosen], workers))


def _complete_all(builds: Sequence[Build], progress: Progress, workers: int) -> int:
    """Fill shadows and exchange them with the live tables; the number of records that were read."""
    counted = ProgressSum(progress)
    with _discarded_if_faulty([build.projection for build in builds]):
        _fill(builds, workers, counted)
        _catch_up(passes(builds), counted)
        retrying(lambda: finish(builds, counted))
    return counted.done


def _fill(builds: Sequence[Build], workers: int, progress: Progress) -> None:
    """Read the log as it is now, then make the indexes that are cheaper to make from all rows at once."""
    mark = feed.advance()
    parts = 1 if workers == 1 else PARTS_PER_WORKER * workers
    shares = [share for one in passes(builds, workers) for share in one.split(parts)]
    run([partial(share.read, mark) for share in shares], workers, progress)
    run([partial(_complete, build) for build in builds], workers, progress)


def _complete(build: Build, _: Progress) -> None:
    store().complete_like(build.projection.table.name, build.shadow.name)


def _catch_up(readings: Sequence[Pass], progress: Progress) -> None:
    """Read the log while it grows, until little is left, or as much is appended as is read."""
    before = None
    while True:
        mark = feed.advance()
        left = sum(one.left(mark) for one in readings)
        if left <= MAX_RECORDS_LEFT or (before is not None and left >= before):
            return
        for one in readings:
            one.read(mark, progress)
        before = left


@contextmanager
def _discarded_if_faulty(chosen: Sequence[Projection]) -> Iterator[None]:
    """Discard the shadows of a faulty projector; those that an accident has interrupted can be resumed."""
    try:
        yield
    except ACCIDENTS:
        raise
    except Exception:
        discard(chosen)
        raise
