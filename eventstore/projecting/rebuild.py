"""Building projections anew beside the live site, several in one pass over the log.

Each gets a shadow table, which is filled batch by batch while the site goes on; what is done is remembered with each
batch, so a rebuild that was killed goes on where it was. At the end everybody who writes is held still for a moment,
the shadows read the rest, and they change places with the live tables in one transaction. Who reads sees the old rows
until then, and never an empty or half table. The old tables stay until they are dropped or taken back.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from eventstore import feed, models
from eventstore.backends import backend_of, writing
from eventstore.models import Checkpoint, Shadow
from eventstore.projecting.declaration import Projection
from eventstore.retries import retrying

BATCH = 5_000  # records in one transaction
CLOSE = 1_000  # records that may be left to read while everybody is held still

Progress = Callable[[int], object]


def no_progress(_: int) -> None:
    """Nobody looks."""


def rebuild(chosen: Sequence[Projection], progress: Progress = no_progress) -> int:
    """Build projections anew, all or none; the number of records that were read.

    `progress` is called with the number of records of each batch. What a projector raises ends it, and leaves the live
    tables as they were.
    """
    builds = [_begin(projection) for projection in chosen]
    try:
        done = sum(_fill(part, progress) for part in _by_source(builds))
        done += retrying(lambda: _finish(builds, progress))
    except Exception:  # what a faulty projector wrote is of no use to the next attempt
        discard(chosen)
        raise
    return done


def take_back(projection: Projection) -> None:
    """Let the table that was replaced be the live one again, brought up to the present.

    Raises Shadow.DoesNotExist if none was kept.
    """
    old = Shadow.objects.get(projection_id=projection.name, role=Shadow.Role.OLD)
    discard([projection])
    with transaction.atomic(using=writing().alias):
        live = projection.table
        backend_of(writing()).rename_table(
            writing(), live.beside(Shadow.Role.OLD).name, live.beside(Shadow.Role.NEW).name
        )
        Shadow.objects.filter(pk=old.pk).delete()
        Shadow(
            projection_id=projection.name, role=Shadow.Role.NEW, version=projection.version, position=old.position
        ).save()
    rebuild([projection])


def discard(chosen: Sequence[Projection], role: str = Shadow.Role.NEW) -> list[str]:
    """Drop the tables that are being built, or those that were replaced; the names of the projections that had one."""
    names = [projection.name for projection in chosen]
    with transaction.atomic(using=writing().alias):
        found = Shadow.objects.filter(projection_id__in=names, role=role)
        dropped = list(found.values_list("projection_id", flat=True))
        for projection in chosen:
            backend_of(writing()).drop_table(writing(), projection.table.beside(role).name)
        found.delete()
    return dropped


def workload(chosen: Sequence[Projection]) -> int:
    """How many records a rebuild of these will read, about."""
    reads_commands = {projection.reads_commands for projection in chosen}
    events = models.Event.objects.count() if False in reads_commands else 0
    return events + (models.Command.objects.count() if True in reads_commands else 0)


@dataclass
class Build:
    """A projection whose shadow is being filled; `position` is where it is, a number for one of commands."""

    projection: Projection
    position: int = 0

    @property
    def row(self) -> QuerySet[Shadow]:
        """Its bookkeeping."""
        return Shadow.objects.filter(projection_id=self.projection.name, role=Shadow.Role.NEW)

    def read(self, batch: Sequence[Any], reached: int) -> None:
        """Apply what the shadow has not seen yet of a batch; it then stands at `reached`."""
        fresh = [r for r in batch if self.projection.place_of(r) > self.position and self.projection.wants(r)]
        self.projection.apply(fresh, self.projection.table.beside(Shadow.Role.NEW))
        self.row.update(position=reached)


def _begin(projection: Projection) -> Build:
    """A new shadow, or the one that an earlier attempt with the same projector has left."""
    models.Projection.objects.get_or_create(name=projection.name, defaults={"version": projection.version})
    build = Build(projection)
    if build.row.filter(version=projection.version).exists():
        return build
    discard([projection])
    with transaction.atomic(using=writing().alias):
        table = projection.table
        backend_of(writing()).create_like(writing(), table.name, table.beside(Shadow.Role.NEW).name)
        Shadow(projection_id=projection.name, role=Shadow.Role.NEW, version=projection.version).save()
    return build


def _by_source(builds: Sequence[Build]) -> list[list[Build]]:
    """Those that read events, and those that read commands: each kind shares a pass."""
    kinds = ([b for b in builds if b.projection.reads_commands is reads_commands] for reads_commands in (False, True))
    return [kind for kind in kinds if kind]


def _fill(builds: Sequence[Build], progress: Progress) -> int:
    """Read the log while it grows, until little is left, or as much comes in as is read."""
    done, before = 0, None
    while True:
        end = builds[0].projection.end_of(feed.advance())
        left = end - min(_positions(builds))
        if left <= CLOSE or (before is not None and left >= before):
            return done
        done += _read(builds, end, progress, retrying)
        before = left


def _finish(builds: Sequence[Build], progress: Progress) -> int:
    """Hold everybody still, read the rest, change places."""
    end = _hold_still([build.projection for build in builds])
    done = 0
    for part in _by_source(builds):
        done += _read(part, part[0].projection.end_of(end), progress, _at_once)
    for build in builds:
        _exchange(build.projection, end)
    return done


def _read(builds: Sequence[Build], end: int, progress: Progress, run: Callable[[Callable[[], int]], int]) -> int:
    """Read batch by batch up to `end`, each run as one unit; the number of records."""
    done = 0
    while min(_positions(builds)) < end:
        count = run(lambda: _step(builds, end))
        progress(count)
        done += count
    return done


def _at_once(work: Callable[[], int]) -> int:
    return work()


def _step(builds: Sequence[Build], end: int) -> int:
    """One batch, with the shadows locked: a second rebuild of the same takes turns with this one."""
    for build in builds:
        build.position = build.row.select_for_update().values_list("position", flat=True).get()
    source = builds[0].projection
    batch = source.records_between(min(build.position for build in builds), end, limit=BATCH)
    reached = source.place_of(batch[-1]) if len(batch) == BATCH else end
    for build in builds:
        build.read(batch, max(reached, build.position))
    return len(batch)


def _positions(builds: Sequence[Build]) -> list[int]:
    return [build.row.values_list("position", flat=True).get() for build in builds]


def _hold_still(chosen: Sequence[Projection]) -> feed.Mark:
    """Keep runners, and where needed writers, out until the transaction ends; how far the log goes until then."""
    names = [projection.name for projection in chosen]
    list(Checkpoint.objects.select_for_update().filter(projection_id__in=names))
    if all(projection.delayed for projection in chosen):
        return feed.advance()
    backend_of(writing()).block_writers(writing())
    return feed.Mark(*backend_of(writing()).last_drawn(writing()))


def _exchange(projection: Projection, end: feed.Mark) -> None:
    """The shadow becomes the live table, and the live one the old one."""
    name, table, place = projection.name, projection.table, projection.end_of(end)
    new, old = table.beside(Shadow.Role.NEW).name, table.beside(Shadow.Role.OLD).name
    backend_of(writing()).exchange_tables(writing(), table.name, new, old)
    Shadow.objects.filter(projection_id=name).delete()
    row = models.Projection.objects.get(name=name)
    Shadow(projection_id=name, role=Shadow.Role.OLD, version=row.version, position=place).save()
    row.version, row.is_live, row.built_at, row.built_to = projection.version, True, timezone.now(), end.position
    row.save()
    Checkpoint.objects.filter(projection_id=name).update(position=end.position)
