"""One batch of a delivery: claimed, read, handed over, and checkpointed once the other system has acknowledged it.

The order is the promise: a relay that is killed in between hands the events over again, and loses none. Within a stream
an event is handed over once the one before it is acknowledged, so whoever drops repeats by id sees each stream in
order, however many relays begin anew, and wherever.

PostgreSQL keeps the slots locked meanwhile, and others go past them (`FOR UPDATE SKIP LOCKED`). SQLite has but one
lock, which commands need: there nothing is locked while the other system takes its time, and a checkpoint is saved if
nobody has moved it since. A second relay on SQLite therefore hands events over twice; it leaves none out.
"""

import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

from django.utils import timezone

from eventstore import feed
from eventstore.backends import log_database, log_transaction, store
from eventstore.backends.retries import retrying
from eventstore.backends.rows import StoredEvent
from eventstore.log import codec
from eventstore.log.database import primary_rows
from eventstore.log.identity import Identity, identity
from eventstore.log.records import Recorded
from eventstore.models import Checkpoint, Parked
from eventstore.projecting.declaration.deliveries import Delivery
from eventstore.projecting.parking import parking
from eventstore.projecting.parking.failures import Failure, caused_by_events
from eventstore.projecting.parking.parked_row import record_failure
from eventstore.projecting.runner import batches
from eventstore.projecting.runner.batches import Batch
from eventstore.projecting.skips import without_skipped
from eventstore.telemetry import hooks

Decoded = Recorded[Any] | Exception  # the error, of an event that can't be decoded

MAX_SECONDS = 5.0  # for which a batch goes on handing over; then what is acknowledged is checkpointed


@dataclass
class Outcome:
    """What became of events: those that the target did not take, and those that wait because it is away."""

    failures: list[Failure] = field(default_factory=list)
    unsent: list[StoredEvent] = field(default_factory=list)
    away: Exception | None = None

    def reached(self, end: int) -> int:
        """The position up to which each event is acknowledged, or has failed."""
        return min((event.position - 1 for event in self.unsent), default=end)


def deliver_batch(delivery: Delivery, mark: int, max_slots: int) -> bool:
    """Deliver one batch, of `max_slots` slots at most; whether there was one. Other relays take the other slots.

    A stream with an event that the target does not take is parked, and the others go on. Raises TargetUnavailable, once
    what was acknowledged is saved, and other errors that no event caused.
    """
    with _holding():
        with log_transaction():
            of = identity()  # before the events, which are told with it
            batch = batches.read(delivery, mark, max_slots)
        if batch is None:
            return False
        outcome = _deliver(delivery, batch.events, of)
        retrying(partial(_save, delivery, batch, outcome, of))
    if outcome.away:
        raise outcome.away
    return True


def deliver_due(delivery: Delivery) -> bool:
    """Deliver the parked streams that are due, unless another relay does so; whether any goes on."""
    due = primary_rows(Parked).filter(projection_id=delivery.name, retry_at__lte=timezone.now())
    goes_on, until = False, time.monotonic() + MAX_SECONDS
    for parked in due.order_by("position"):
        goes_on |= _deliver_parked(delivery, parked)
        if time.monotonic() >= until:  # a target that hangs would keep all other events waiting
            break
    return goes_on


def _holding() -> AbstractContextManager[None]:
    """A transaction that keeps locked what is claimed, where it keeps nobody from writing."""
    return log_transaction() if store().writes_in_parallel else nullcontext()


def _deliver(delivery: Delivery, events: Sequence[StoredEvent], of: Identity) -> Outcome:
    """Hand events over, the first that each stream has left at a time, in the order of the log."""
    outcome, until = Outcome(), time.monotonic() + MAX_SECONDS
    left = _by_stream(without_skipped(events, delivery.name, delivery.version))
    while left and not outcome.away and time.monotonic() < until:
        heads = sorted((queue[0] for queue in left.values()), key=lambda each: each[0].position)[: delivery.at_once]
        for (event, _), error in zip(heads, _hand_over(delivery, [each for _, each in heads], of), strict=True):
            queue = left[event.stream_id]
            if error is None:
                queue.popleft()
            elif caused_by_events(error):
                outcome.failures.append(Failure(event, error))
                queue.clear()
            else:
                outcome.away = error
            if not queue:
                del left[event.stream_id]
    outcome.unsent = [queue[0][0] for queue in left.values()]
    return outcome


def _by_stream(events: Sequence[StoredEvent]) -> dict[UUID, deque[tuple[StoredEvent, Decoded]]]:
    """The events of each stream, each with what it is decoded to."""
    streams: dict[UUID, deque[tuple[StoredEvent, Decoded]]] = {}
    for event, decoded in zip(events, _decoded(events), strict=True):
        streams.setdefault(event.stream_id, deque()).append((event, decoded))
    return streams


def _hand_over(delivery: Delivery, decoded: Sequence[Decoded], of: Identity) -> Iterator[Exception | None]:
    """What became of each event: None once it is acknowledged."""
    readable = [each for each in decoded if isinstance(each, Recorded)]
    answers = iter(
        hooks.delivery(delivery.target, readable, partial(delivery.hand_over, readable, of)) if readable else ()
    )
    for each in decoded:
        yield next(answers) if isinstance(each, Recorded) else each


def _decoded(events: Sequence[StoredEvent]) -> list[Decoded]:
    """Events as the domain's classes, all at once; one by one, if that fails, to find those that can't be decoded."""
    try:
        return [*codec.recorded(events)]
    except Exception as error:
        if not caused_by_events(error):
            raise
        return [error] if len(events) == 1 else [each for event in events for each in _decoded([event])]


def _save(delivery: Delivery, batch: Batch, outcome: Outcome, of: Identity) -> None:
    """Save the checkpoints, and park what failed below them; nothing, if these are others than were read."""
    reached = outcome.reached(batch.reached)
    with log_transaction():
        checkpoints = primary_rows(Checkpoint).filter(projection_id=delivery.name, slot__in=batch.claimed)
        if dict(checkpoints.values_list("slot", "position")) != dict(batch.claimed) or identity() != of:
            return  # somebody has moved them meanwhile, or the log below them was replaced
        parking.park(delivery, [failure for failure in outcome.failures if failure.event.position <= reached])
        batches.save_checkpoints(delivery, batch.claimed, reached)


def _deliver_parked(delivery: Delivery, parked: Parked) -> bool:
    with _holding():
        with log_transaction():
            of = identity()
            locked = parking.lock(parked, wait=False)
        if not locked or locked[0].retry_at != parked.retry_at:
            return False
        row, checkpoint = locked
        page = feed.stored_in(
            row.stream_id, row.position - 1, checkpoint.position, limit=delivery.batch_size(feed.PAGE)
        )
        outcome = _deliver(delivery, [event for event in page if delivery.reads(event)], of)
        goes_on = retrying(partial(_save_parked, row, outcome, page[-1].position if page else row.position - 1))
    if outcome.away:
        raise outcome.away
    return goes_on


def _save_parked(row: Parked, outcome: Outcome, end: int) -> bool:
    """Save how far a parked stream has come; nothing, if somebody has retried or skipped it meanwhile."""
    with log_transaction():
        locked = parking.lock(row)
        if locked is None or (locked[0].position, locked[0].retry_at) != (row.position, row.retry_at):
            return False
        for failure in outcome.failures:
            record_failure(locked[0], failure).save(using=log_database())
            return False
        parking.go_on(*locked, after=outcome.reached(end))
        return True
