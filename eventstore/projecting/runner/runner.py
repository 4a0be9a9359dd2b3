"""The runner of delayed projections and reactions: looks, reads batch by batch, waits."""

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from eventstore import feed
from eventstore.backends import store
from eventstore.log.slots import SLOTS
from eventstore.projecting.declaration.registry import subscribers
from eventstore.projecting.declaration.subscribers import Subscriber
from eventstore.projecting.parking import parking
from eventstore.projecting.runner import batches
from eventstore.projecting.runner.batches import lowest, step
from eventstore.projecting.runner.heartbeat import Heartbeat
from eventstore.projecting.runner.wakeup import Watch

FIRST_PAUSE_SECONDS = 0.1  # seconds that a failing projection is left alone at first, doubled each time
MAX_PAUSE_SECONDS = 30.0  # seconds that it is left alone at most
RETRY_EVERY = 0.25  # seconds between two looks for parked streams whose time has come

logger = logging.getLogger(__name__)


@dataclass
class Runner:
    """Serves delayed projections and reactions, as long as it is told to; one that fails does not stop the others."""

    names: Sequence[str] = ()
    stop: threading.Event = field(default_factory=threading.Event)
    failures: dict[str, int] = field(default_factory=dict)
    resume_at: dict[str, float] = field(default_factory=dict)
    _busy: bool = False
    _retry_at: float = 0.0

    def run(self) -> None:
        """Until `stop` is set; what is in hand then is finished."""
        heartbeat, watch = Heartbeat(sorted(served.name for served in delayed(self.names))), Watch(self.stop)
        try:
            while not self.stop.is_set():
                if not self._turn(heartbeat, watch):
                    watch.wait()
        finally:
            watch.close()
            heartbeat.end()

    def catch_up(self) -> None:
        """Until everything that was recorded by now is read, or parked; raises what is not the events' fault."""
        mark = feed.advance().position
        for subscriber in delayed(self.names):
            while step(subscriber, mark):
                pass

    def _turn(self, heartbeat: Heartbeat, watch: Watch) -> bool:
        """Look, and read a batch of everything that is behind; whether there may be more."""
        try:
            if heartbeat.beat():
                watch.closely = heartbeat.is_oldest
            self._busy = (watch.look() or self._busy) and self._round(watch.mark, heartbeat.alive)
        except Exception:
            logger.exception("The runner could not go on; it tries again.")
            self._recover()
            self.stop.wait(1)
        return self._busy

    def _round(self, mark: int, runners: int) -> bool:
        due = [s for s in delayed(self.names) if time.monotonic() >= self.resume_at.get(s.name, 0)]
        reached = lowest([subscriber.name for subscriber in due])
        moved = False
        for subscriber in due:
            behind = mark - reached.get(subscriber.name, mark)
            if behind > 0 and not self.stop.is_set():
                moved |= self._try(subscriber, mark, _share(behind, runners))
        return self._retry() or moved

    def _try(self, subscriber: Subscriber, mark: int, most: int) -> bool:
        try:
            moved = step(subscriber, mark, most=most)
        except Exception:
            logger.exception("%s failed; it is tried again later.", subscriber.name)
            self._recover()
            self._postpone(subscriber.name)
            return False
        self.failures.pop(subscriber.name, None)
        return moved

    def _retry(self) -> bool:
        """Bring parked streams on their way again, now and then."""
        if time.monotonic() < self._retry_at:
            return False
        self._retry_at = time.monotonic() + RETRY_EVERY
        return parking.retry_due([subscriber.name for subscriber in delayed(self.names)])

    def _postpone(self, name: str) -> None:
        self.failures[name] = self.failures.get(name, 0) + 1
        pause = min(MAX_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** self.failures[name])
        self.resume_at[name] = time.monotonic() + pause

    def _recover(self) -> None:
        """A connection that is broken would stay so; what a caller's transaction needs is left alone."""
        if not store().connection.in_atomic_block:
            store().connection.close_if_unusable_or_obsolete()


def delayed(names: Sequence[str] = ()) -> list[Subscriber]:
    """The delayed projections and the reactions, or those with these names."""
    return [s for s in subscribers().values() if s.delayed and (not names or s.name in names)]


def position_of(subscriber: Subscriber) -> int:
    """The position up to which a delayed projection has read every event."""
    return lowest([subscriber.name]).get(subscriber.name, 0)


def wait_for(position: int, projection: str, timeout: float = 2.0) -> bool:
    """Wait until a projection has read up to a position, `timeout` seconds at most; whether it has.

    What is parked is read, but not reflected.
    """
    declared, until, pause = subscribers()[projection], time.monotonic() + timeout, 0.001
    while declared.delayed and position_of(declared) < position:
        if time.monotonic() >= until:
            return False
        time.sleep(pause)
        pause = min(0.025, 1.2 * pause)
    return True


def _share(behind: int, runners: int) -> int:
    """How many slots to take: all when a batch will do, else no more than leaves something for the other runners."""
    return SLOTS if behind <= batches.BATCH_EVENTS else -(-SLOTS // runners)
