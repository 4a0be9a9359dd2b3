"""Passes over the log that fill shadows page by page; a page's rows and the progress commit together."""

import gc
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import reset_queries
from django.db.models import QuerySet

from eventstore import feed
from eventstore.backends.retries import retrying
from eventstore.log.database import primary_rows
from eventstore.log.gc_pause import gc_paused
from eventstore.log.slots import SLOTS
from eventstore.models import ShadowPart
from eventstore.projecting import replay
from eventstore.projecting.declaration.projection import Projection
from eventstore.projecting.rebuild.build import BUILDING, Build
from eventstore.projecting.rebuild.errors import ShadowLost
from eventstore.projecting.replay import Progress, page, records_after, records_by_reader

RunPage = Callable[[Callable[[], int | None]], int | None]


@dataclass
class Pass:
    """One pass over the log for several shadows: over all slots, or over some that no other pass reads."""

    builds: Sequence[Build]
    slots: frozenset[int] | None = None

    def read(self, to: feed.Mark, progress: Progress, run_page: RunPage = retrying) -> int:
        """Bring the shadows up to a mark, each page by `run_page`; the number of records that were read."""
        done = 0
        with gc_paused():
            while (count := run_page(lambda: self._step(self.source.end_of(to)))) is not None:
                reset_queries()  # with DEBUG on, Django remembers every statement: a page's is large
                gc.collect(1)  # after a page, not within: all of it is in use there
                progress(count)
                done += count
        return done

    def left(self, to: feed.Mark) -> int:
        """The distance of the shadows from a mark, in positions or numbers of commands."""
        return self.source.end_of(to) - min(build.position for build in self.builds)

    def size(self) -> int:
        """The number of records that are left to read now."""
        return records_after(min(build.position for build in self.builds), self.readers)

    def split(self, count: int) -> list["Pass"]:
        """The pass in up to `count` parts with slots of their own; as one part if a projection has a global order."""
        if count == 1 or any(reader.global_order for reader in self.readers):
            return [self]
        return [Pass(self.builds, frozenset(range(first, SLOTS, count))) for first in range(min(count, SLOTS))]

    @property
    def readers(self) -> list[Projection]:
        """The projections whose shadows this pass fills."""
        return [build.projection for build in self.builds]

    @property
    def source(self) -> Projection:
        """Any projection of this pass: they all read events, or all read commands."""
        return self.builds[0].projection

    def _step(self, end: int) -> int | None:
        """Read a page and apply it; the number of its records, or None at the end."""
        self._lock()
        after = min(place for build in self.builds for place in build.places.values())
        if after >= end:
            return None
        records = page(self.readers, after, end, self.slots)
        reached = self.source.place_of(records[-1]) if len(records) == replay.PAGE else end
        for build, share in zip(self.builds, records_by_reader(records, self.readers), strict=True):
            build.apply(share, after, reached)
        self._parts.filter(position__lt=reached).update(position=reached)
        return len(records)

    def _lock(self) -> None:
        """Lock and read the progress of the shadows; a second rebuild of the same takes turns with this one."""
        places: dict[str, dict[int, int]] = {reader.name: {} for reader in self.readers}
        parts = self._parts.select_for_update().order_by("projection_id", "slot")
        for name, slot, place in parts.values_list("projection_id", "slot", "position"):
            places[name][slot] = place
        if not all(places.values()):
            raise ShadowLost(ShadowLost.__doc__)
        for build in self.builds:
            build.resume(places[build.projection.name])

    @property
    def _parts(self) -> QuerySet[ShadowPart]:
        names = [reader.name for reader in self.readers]
        parts = primary_rows(ShadowPart).filter(projection_id__in=names, role=BUILDING)
        return parts if self.slots is None else parts.filter(slot__in=self.slots)


def passes(builds: Sequence[Build], workers: int = 1) -> list[Pass]:
    """As few passes as possible. With several workers, those in a global order are separate, and come first."""
    kinds: dict[tuple[bool, bool], list[Build]] = {}
    for build in builds:
        projection = build.projection
        kinds.setdefault((projection.reads_commands, workers > 1 and not projection.global_order), []).append(build)
    return [Pass(kinds[kind]) for kind in sorted(kinds)]
