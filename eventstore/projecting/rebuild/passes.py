"""Reading the log into shadows, page by page; each page and how far it brings them commit together."""

import gc
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import reset_queries
from django.db.models import QuerySet

from eventstore import feed
from eventstore.backends import log_database
from eventstore.backends.retries import retrying
from eventstore.log.gc_pause import gc_paused
from eventstore.log.slots import SLOTS
from eventstore.models import ShadowPart
from eventstore.projecting import replay
from eventstore.projecting.declaration.projection import Projection
from eventstore.projecting.rebuild.build import NEW, Build
from eventstore.projecting.rebuild.errors import ShadowLost
from eventstore.projecting.replay import Progress, page, records_after, share_out

Unit = Callable[[Callable[[], int | None]], int | None]


@dataclass
class Pass:
    """One reading of the log for several shadows at once: of all slots, or of some that no other pass reads."""

    builds: Sequence[Build]
    slots: frozenset[int] | None = None

    def read(self, to: feed.Mark, progress: Progress, unit: Unit = retrying) -> int:
        """Bring the shadows up to a mark, each page run as one unit; the number of records that were read."""
        done = 0
        with gc_paused():
            while (count := unit(lambda: self._step(self.source.end_of(to)))) is not None:
                reset_queries()  # with DEBUG on, Django remembers every statement: a page's is large
                gc.collect(1)  # after a page, not within: all of it is in use there
                progress(count)
                done += count
        return done

    def left(self, to: feed.Mark) -> int:
        """How far the shadows are behind a mark."""
        return self.source.end_of(to) - min(build.position for build in self.builds)

    def size(self) -> int:
        """How many records there are to read by now."""
        return records_after(min(build.position for build in self.builds), self.readers)

    def split(self, count: int) -> list["Pass"]:
        """The same reading in parts that don't touch each other's rows; as one where the order matters across them."""
        if count == 1 or any(reader.global_order for reader in self.readers):
            return [self]
        return [Pass(self.builds, frozenset(range(first, SLOTS, count))) for first in range(min(count, SLOTS))]

    @property
    def readers(self) -> list[Projection]:
        """Whose shadows they are."""
        return [build.projection for build in self.builds]

    @property
    def source(self) -> Projection:
        """Any of them: they all read events, or all read commands."""
        return self.builds[0].projection

    def _step(self, end: int) -> int | None:
        """Read a page; None at the end."""
        self._lock()
        after = min(place for build in self.builds for place in build.places.values())
        if after >= end:
            return None
        records = page(self.readers, after, end, self.slots)
        reached = self.source.place_of(records[-1]) if len(records) == replay.PAGE else end
        for build, share in zip(self.builds, share_out(records, self.readers), strict=True):
            build.apply(share, after, reached)
        self._parts.filter(position__lt=reached).update(position=reached)
        return len(records)

    def _lock(self) -> None:
        """Learn how far the shadows are; a second rebuild of the same takes turns with this one."""
        places: dict[str, dict[int, int]] = {reader.name: {} for reader in self.readers}
        parts = self._parts.select_for_update().order_by("projection_id", "slot")
        for name, slot, place in parts.values_list("projection_id", "slot", "position"):
            places[name][slot] = place
        if not all(places.values()):
            raise ShadowLost(ShadowLost.__doc__)
        for build in self.builds:
            build.take_up(places[build.projection.name])

    @property
    def _parts(self) -> QuerySet[ShadowPart]:
        names = [reader.name for reader in self.readers]
        parts = ShadowPart.objects.using(log_database()).filter(projection_id__in=names, role=NEW)
        return parts if self.slots is None else parts.filter(slot__in=self.slots)


def passes(builds: Sequence[Build], workers: int = 1) -> list[Pass]:
    """As few readings as will do. With several workers, those that can't be split are read apart, and first."""
    kinds: dict[tuple[bool, bool], list[Build]] = {}
    for build in builds:
        projection = build.projection
        kinds.setdefault((projection.reads_commands, workers > 1 and not projection.global_order), []).append(build)
    return [Pass(kinds[kind]) for kind in sorted(kinds)]
