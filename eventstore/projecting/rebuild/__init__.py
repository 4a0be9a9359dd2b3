"""Building projections anew beside the live site, several in one pass over the log.

Each gets a shadow table, which is filled page by page while the site goes on; what is done is remembered with each
page, slot by slot, so a rebuild that was killed goes on where it was, with as many processes as it is given then. At
the end everybody who writes is held still for a moment, the shadows read the rest, and they change places with the live
tables in one transaction. Who reads sees the old rows until then, and never an empty or half table. The old tables stay
until they are dropped or taken back.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from eventstore import feed
from eventstore.backends import store
from eventstore.backends.retries import retrying
from eventstore.projecting.declaration.projection import Projection
from eventstore.projecting.rebuild.build import Build, begin, discard
from eventstore.projecting.rebuild.errors import ACCIDENTS, CannotShare, ShadowLost, WorkerDied, WorkerFailed
from eventstore.projecting.rebuild.exchange import finish, make_new
from eventstore.projecting.rebuild.passes import Pass, passes
from eventstore.projecting.rebuild.workers import run
from eventstore.projecting.replay import Counted, Progress, no_progress

__all__ = [
    "CannotShare",
    "ShadowLost",
    "WorkerDied",
    "WorkerFailed",
    "discard",
    "rebuild",
    "take_back",
    "workload",
]

SHARES = 2  # parts of a reading for each worker, so that none has to wait long for the last one
CLOSE = 1_000  # records that may be left to read while everybody is held still


def rebuild(chosen: Sequence[Projection], progress: Progress = no_progress, *, workers: int = 1) -> int:
    """Build projections anew, all or none, in so many processes; the number of records that were read.

    `progress` is called with the number of records of each page. What a projector raises ends it (WorkerFailed if it
    was in another process) and leaves the live tables as they were. Raises CannotShare for several workers on SQLite.
    """
    if workers > 1 and not store().writes_in_parallel:
        raise CannotShare(CannotShare.__doc__)
    counted = Counted(progress)
    builds = begin(chosen)
    with _discarded_if_faulty(chosen):
        _fill(builds, workers, counted)
        _catch_up(passes(builds), counted)
        retrying(lambda: finish(builds, counted))
    return counted.done


def take_back(projection: Projection) -> None:
    """Let the table that was replaced be the live one again, brought up to the present.

    Raises Shadow.DoesNotExist if none was kept.
    """
    make_new(projection)
    rebuild([projection])


def workload(chosen: Sequence[Projection], workers: int = 1) -> int:
    """How many records a rebuild of these will read, if it begins, or goes on, now."""
    return sum(one.size() for one in passes([Build(projection) for projection in chosen], workers))


def _fill(builds: Sequence[Build], workers: int, progress: Progress) -> None:
    """Read what is there by now, then make the indexes that are cheaper to make from all rows at once."""
    mark = feed.advance()
    parts = 1 if workers == 1 else SHARES * workers
    shares = [share for one in passes(builds, workers) for share in one.split(parts)]
    run([partial(share.read, mark) for share in shares], workers, progress)
    run([partial(_complete, build) for build in builds], workers, progress)


def _complete(build: Build, _: Progress) -> None:
    store().complete_like(build.projection.table.name, build.shadow.name)


def _catch_up(readings: Sequence[Pass], progress: Progress) -> None:
    """Read the log while it grows, until little is left, or as much comes in as is read."""
    before = None
    while True:
        mark = feed.advance()
        left = sum(one.left(mark) for one in readings)
        if left <= CLOSE or (before is not None and left >= before):
            return
        for one in readings:
            one.read(mark, progress)
        before = left


@contextmanager
def _discarded_if_faulty(chosen: Sequence[Projection]) -> Iterator[None]:
    """What a faulty projector wrote is of no use to the next attempt; what an accident has interrupted is."""
    try:
        yield
    except ACCIDENTS:
        raise
    except Exception:
        discard(chosen)
        raise
