"""The runner of delayed projections: reads the feed, folds batches, commits rows and checkpoint together."""

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from eventstore import feed, models
from eventstore.backends import writing
from eventstore.log import slot_of
from eventstore.projecting.declaration import Projection, projections

BATCH = 5_000  # events in one transaction
POLL = 0.1  # seconds between two looks at an idle log
LONGEST_PAUSE = 30.0  # seconds that a failing projection is left alone at most

logger = logging.getLogger(__name__)


@dataclass
class Runner:
    """Brings delayed projections up to date, as long as it is told to; one that fails does not stop the others."""

    names: Sequence[str] = ()
    stop: threading.Event = field(default_factory=threading.Event)
    failures: dict[str, int] = field(default_factory=dict)
    resume_at: dict[str, float] = field(default_factory=dict)

    def run(self) -> None:
        """Until `stop` is set."""
        while not self.stop.is_set():
            if not self._round():
                self.stop.wait(POLL)

    def catch_up(self) -> None:
        """Until everything that was recorded by now is read; raises what a projector raises."""
        feed.advance()
        for projection in delayed(self.names):
            while step(projection):
                pass

    def _round(self) -> bool:
        feed.advance()
        due = [p for p in delayed(self.names) if time.monotonic() >= self.resume_at.get(p.name, 0)]
        moved = [self._try(projection) for projection in due]
        return any(moved)

    def _try(self, projection: Projection) -> bool:
        try:
            moved = step(projection)
        except Exception:
            logger.exception("The projection %s failed; it is tried again later.", projection.name)
            self._postpone(projection.name)
            return False
        self.failures.pop(projection.name, None)
        return moved

    def _postpone(self, name: str) -> None:
        self.failures[name] = self.failures.get(name, 0) + 1
        pause = min(LONGEST_PAUSE, POLL * 2 ** self.failures[name])
        self.resume_at[name] = time.monotonic() + pause


def delayed(names: Sequence[str] = ()) -> list[Projection]:
    """The delayed projections, or those with these names."""
    return [p for p in projections.values() if p.delayed and (not names or p.name in names)]


def step(projection: Projection) -> bool:
    """Read one batch; whether there was anything to read. Other runners take the slots that this one leaves."""
    mark = feed.tidemark()
    if _behind(projection, mark):
        with transaction.atomic(using=writing().alias):
            return _advance(projection, _claim(projection), mark)
    return False


def position_of(projection: Projection) -> int:
    """The position up to which a delayed projection reflects every event."""
    return min(_positions(projection).values(), default=0)


def wait_for(position: int, projection: str, timeout: float = 2.0) -> bool:
    """Wait until a projection reflects a position, `timeout` seconds at most; whether it does."""
    declared = projections[projection]
    until = time.monotonic() + timeout
    while declared.delayed and position_of(declared) < position:
        if time.monotonic() >= until:
            return False
        time.sleep(0.01)
    return True


def _positions(projection: Projection) -> dict[int, int]:
    found = models.Checkpoint.objects.filter(projection_id=projection.name).values_list("slot", "position")
    return dict(found)


def _behind(projection: Projection, mark: int) -> bool:
    return models.Checkpoint.objects.filter(projection_id=projection.name, position__lt=mark).exists()


def _claim(projection: Projection) -> dict[int, int]:
    """Lock the checkpoints that no other runner holds: slot -> position."""
    free = models.Checkpoint.objects.select_for_update(skip_locked=True).filter(projection_id=projection.name)
    return dict(free.values_list("slot", "position"))


def _advance(projection: Projection, claimed: Mapping[int, int], mark: int) -> bool:
    low = min(claimed.values(), default=mark)
    if low >= mark:
        return False
    slots = None if projection.across else list(claimed)
    events = feed.between(low, mark, limit=BATCH, types=projection.types, slots=slots)
    reached = events[-1].position if len(events) == BATCH else mark
    fresh = [e for e in events if e.position > (low if slots is None else claimed[slot_of(e.stream_id)])]
    projection.apply(fresh, projection.table)
    models.Checkpoint.objects.filter(
        projection_id=projection.name, slot__in=list(claimed), position__lt=reached
    ).update(position=reached)
    return True
