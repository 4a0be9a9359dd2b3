"""The runner of delayed projections, reactions and deliveries: polls the log, reads it batch by batch, waits."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from django.db.models import Max

from eventstore import feed
from eventstore.backends import store
from eventstore.backends.faults import log_error
from eventstore.errors import TargetUnavailable
from eventstore.integrity.restores import Memory
from eventstore.keys.erasure import purge
from eventstore.log.database import primary_rows
from eventstore.log.slots import SLOTS
from eventstore.messages.arguments import number_of
from eventstore.models import Command
from eventstore.partitions.keep import Keeper
from eventstore.projecting.declaration.deliveries import Delivery
from eventstore.projecting.declaration.projection import Projection
from eventstore.projecting.declaration.registry import find_subscriber, subscribers
from eventstore.projecting.declaration.subscribers import Subscriber
from eventstore.projecting.parking import parking
from eventstore.projecting.realtime import is_live
from eventstore.projecting.runner import batches
from eventstore.projecting.runner.batches import lowest_positions, read_batch
from eventstore.projecting.runner.deliver import deliver_batch, deliver_due
from eventstore.projecting.runner.heartbeat import Heartbeat
from eventstore.projecting.runner.wakeup import Poller
from eventstore.service import Stop

FIRST_PAUSE_SECONDS = 0.1  # after the first failure of a projection, doubled with each further one
MAX_PAUSE_SECONDS = 30.0
MAX_CYCLE_PAUSE_SECONDS = 10.0  # after an error that stops all of them; the first pause is a second
RETRY_INTERVAL_SECONDS = 0.25  # between two looks for parked streams that are due

logger = logging.getLogger(__name__)


@dataclass
class Runner:
    """Serves delayed projections and reactions, or what it is given, until `stop` is set; one that fails stops none."""

    names: Sequence[str] = ()
    stop: Stop = field(default_factory=Stop)
    failures: dict[str, int] = field(default_factory=dict)
    resume_at: dict[str, float] = field(default_factory=dict)
    _busy: bool = False
    _pauses: int = 0
    _retry_at: float = 0.0
    _partitions: Keeper = field(default_factory=Keeper)

    def run(self) -> None:
        """Serve until `stop` is set; the batch in hand is finished first."""
        names = sorted(served.name for served in delayed_subscribers(self.names))
        heartbeat, poller, memory = Heartbeat(names), Poller(self.stop), Memory()
        try:
            while not self.stop.is_set():
                if not self._cycle(heartbeat, poller, memory):
                    poller.wait()
        finally:
            poller.close()
            memory.stop()
            heartbeat.end()

    def catch_up(self) -> None:
        """Read everything that is recorded by now, and park events that fail; raises errors of any other cause."""
        mark = feed.advance()
        for subscriber in delayed_subscribers(self.names):
            read_up_to(subscriber, subscriber.end_of(mark))

    def _cycle(self, heartbeat: Heartbeat, poller: Poller, memory: Memory) -> bool:
        """Poll, and read a batch for each subscriber that is behind; whether there may be more to read."""
        try:
            if heartbeat.beat():
                poller.is_fast = heartbeat.is_oldest
                purge()
                if heartbeat.is_oldest:
                    self._partitions.keep()
            if memory.refresh():
                poller.forget()  # the log is another one: what was reached in the one before is nothing to it
            self._busy = (poller.poll() or self._busy) and self._read_batches(poller.there, heartbeat.alive)
        except Exception as error:
            self._pause(error)
        else:
            self._pauses = 0
        return self._busy

    def _pause(self, error: Exception) -> None:
        """Wait after an error that stops everything, such as a full disk: the longer, the more often it comes."""
        self._pauses, self._busy = self._pauses + 1, False
        log_error(logger, "The runner could not go on; it tries again.", error)
        self._recover()
        self.stop.wait(min(MAX_CYCLE_PAUSE_SECONDS, 2.0 ** (self._pauses - 1)))

    def _read_batches(self, mark: feed.Mark, runners: int) -> bool:
        due = [subscriber for subscriber in delayed_subscribers(self.names) if self._is_due(subscriber)]
        reached = lowest_positions([subscriber.name for subscriber in due])
        moved = False
        for subscriber in due:
            end = subscriber.end_of(mark)
            behind = end - reached.get(subscriber.name, end)
            if behind > 0 and not self.stop.is_set():
                moved |= self._try(subscriber, partial(_read_batch, subscriber, end, _share(behind, runners)))
        return self._retry() or moved

    def _try(self, subscriber: Subscriber, work: Callable[[], bool]) -> bool:
        try:
            moved = work()
        except TargetUnavailable as error:
            logger.warning("%s waits, as its target is away: %s", subscriber.name, error)
            self._postpone(subscriber.name)
            return False
        except Exception as error:
            log_error(logger, f"{subscriber.name} failed; it is tried again later.", error)
            self._recover()
            self._postpone(subscriber.name)
            return False
        self.failures.pop(subscriber.name, None)
        return moved

    def _retry(self) -> bool:
        """Retry parked streams that are due, a few times a second; whether any goes on."""
        served = delayed_subscribers(self.names)
        if time.monotonic() < self._retry_at:
            return False
        self._retry_at = time.monotonic() + RETRY_INTERVAL_SECONDS
        deliveries = [each for each in served if isinstance(each, Delivery) and self._is_due(each)]
        moved = [self._try(each, partial(deliver_due, each)) for each in deliveries]
        return parking.retry_due([each.name for each in served if not isinstance(each, Delivery)]) or any(moved)

    def _is_due(self, subscriber: Subscriber) -> bool:
        return time.monotonic() >= self.resume_at.get(subscriber.name, 0)

    def _postpone(self, name: str) -> None:
        self.failures[name] = self.failures.get(name, 0) + 1
        pause = min(MAX_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** self.failures[name])
        self.resume_at[name] = time.monotonic() + pause

    def _recover(self) -> None:
        """Close a broken connection, which would stay so; one within a caller's transaction is left alone."""
        if not store().connection.in_atomic_block:
            store().connection.close_if_unusable_or_obsolete()


def delayed_subscribers(names: Sequence[str] = ()) -> list[Subscriber]:
    """All that `run_projections` serves in the present database, or what has the given names, deliveries too."""
    chosen = [subscriber for subscriber in subscribers().values() if subscriber.is_served()]
    return [s for s in chosen if s.name in names] if names else [s for s in chosen if not isinstance(s, Delivery)]


def read_up_to(subscriber: Subscriber, position: int) -> None:
    """Read events up to a position, or commands up to a number, not above the tidemark; park those that fail.

    Slots that another runner has locked are left to it. Raises errors that no event caused.
    """
    while _read_batch(subscriber, position, SLOTS):
        pass


def _read_batch(subscriber: Subscriber, mark: int, max_slots: int) -> bool:
    if isinstance(subscriber, Delivery):
        return deliver_batch(subscriber, mark, max_slots)
    return read_batch(subscriber, mark, max_slots=max_slots)


def position_of(subscriber: Subscriber) -> int:
    """The position up to which a delayed projection has read every event, or the number of a command."""
    return lowest_positions([subscriber.name]).get(subscriber.name, 0)


def wait_for(position: int, projection: str, timeout: float = 2.0) -> bool:
    """Wait until a projection has read up to a position, `timeout` seconds at most; whether it has.

    Parked events count as read, though the rows do not reflect them. A real-time projection has read everything, unless
    it is new on an old log: then it has read nothing until it is rebuilt. In a database that follows another it has
    read up to the replicated mark. Raises LookupError for an unknown name.
    """
    number_of("position", position)
    declared, until, pause = find_subscriber(projection), time.monotonic() + timeout, 0.001
    place = None
    while (place := _place(declared, position) if place is None else place) is None or not _is_at(declared, place):
        if time.monotonic() >= until:
            return False
        time.sleep(pause)
        pause = min(0.025, 1.2 * pause)
    return True


def has_read(declared: Subscriber, position: int) -> bool:
    """Whether a projection or reaction has read everything up to a position, as far as the present database knows."""
    place = _place(declared, position)
    return place is not None and _is_at(declared, place)


def _place(declared: Subscriber, position: int) -> int | None:
    """The place that it must have read to have read up to a position; None if that can't be told yet.

    For one that reads commands, the last number that is there once the mark has passed the position: a command may
    draw a number that the mark passes later than it does the positions of the command's events.
    """
    if not (isinstance(declared, Projection) and declared.reads_commands and declared.is_served()):
        return position
    if feed.tidemark() < position:
        return None
    last: int | None = primary_rows(Command).aggregate(last=Max("number"))["last"]
    return last or 0


def _is_at(declared: Subscriber, place: int) -> bool:
    if isinstance(declared, Projection) and not declared.is_served():
        return is_live(declared) and (not store().follows() or feed.tidemark() >= place)
    return position_of(declared) >= place


def _share(behind: int, runners: int) -> int:
    """The number of slots to take: all if one batch is enough, else an equal part for each runner."""
    return SLOTS if behind <= batches.BATCH_EVENTS else -(-SLOTS // runners)
