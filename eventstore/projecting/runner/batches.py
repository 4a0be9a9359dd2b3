"""One batch of a delayed projection or a reaction: claimed, read, applied and checkpointed in one transaction."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from eventstore import feed
from eventstore.backends import log_transaction, store
from eventstore.backends.rows import StoredEvent
from eventstore.log import codec
from eventstore.log.gc_pause import gc_paused
from eventstore.log.slots import SLOTS, slot_of
from eventstore.projecting.declaration.subscribers import Subscriber
from eventstore.projecting.parking import parking
from eventstore.projecting.parking.failures import apply_stream_by_stream, apply_until_one_fails, caused_by_events
from eventstore.telemetry import hooks

BATCH_EVENTS = 10_000  # events in one transaction

# Run with each batch, so written as SQL: building a queryset takes longer than these queries do.
LOWEST_POSITIONS = (
    "SELECT projection_id, min(position) FROM eventstore_checkpoint WHERE projection_id IN ({places}) GROUP BY 1"
)
# The furthest behind first, so that slots that different runners have read come level again.
SLOTS_BEHIND = """
SELECT slot, position FROM eventstore_checkpoint WHERE projection_id = %s AND position < %s
ORDER BY position, slot LIMIT %s
"""
PARKED_STREAMS = "SELECT position FROM eventstore_parked WHERE projection_id = %s"
SAVE_CHECKPOINTS = "UPDATE eventstore_checkpoint SET position = %s WHERE projection_id = %s AND position < %s"


@dataclass(frozen=True)
class Batch:
    """Events that the claimed slots (slot -> position) have not read, and the position that they reach by them."""

    claimed: Mapping[int, int]
    events: Sequence[StoredEvent]
    reached: int


def lowest_positions(names: Sequence[str]) -> dict[str, int]:
    """The positions up to which subscribers have read every event, by name."""
    return dict(_rows(LOWEST_POSITIONS.format(places=_places(names)), names)) if names else {}


def read_batch(subscriber: Subscriber, mark: int | None = None, *, max_slots: int = SLOTS) -> bool:
    """Read one batch, of `max_slots` slots at most; whether there was one. Other runners take the slots that are left.

    `mark` is a position, or a number for a subscriber that reads commands. Streams with an event that fails are parked,
    and the others go on. Raises errors that no event caused, and any that a command causes: commands have no streams.
    """
    end = subscriber.end_of(feed.mark()) if mark is None else mark
    if subscriber.types is None:
        return _run_commands(subscriber, end, max_slots)
    try:
        return _run(subscriber, end, max_slots, _apply)
    except Exception as error:
        if not caused_by_events(error):
            raise
        return _run(subscriber, end, max_slots, _apply_and_park)


def _run(subscriber: Subscriber, mark: int, max_slots: int, apply: Callable[[Subscriber, Batch], int]) -> bool:
    with gc_paused(), log_transaction():
        batch = read(subscriber, mark, max_slots)
        if batch:
            save_checkpoints(subscriber, batch.claimed, apply(subscriber, batch))
        return batch is not None


def _run_commands(subscriber: Subscriber, end: int, max_slots: int) -> bool:
    """As `_run`, for commands, which runners read in a read database alone: elsewhere that is done at once."""
    with gc_paused(), log_transaction():
        if not (claimed := _claim(subscriber, end, max_slots)):
            return False
        after, slots = min(claimed.values()), None if len(claimed) == SLOTS else claimed
        found = feed.read_commands(after, end, limit=BATCH_EVENTS, slots=slots)
        unread = [record for record in found if record.number > claimed[record.number % SLOTS]]
        if unread:
            subscriber.advance(unread)
        save_checkpoints(subscriber, claimed, found[-1].number if len(found) == BATCH_EVENTS else end)
        return True


def read(subscriber: Subscriber, mark: int, max_slots: int) -> Batch | None:
    """Claim slots, and read what they lack. Parked streams are looked up after the claim, which keeps them so."""
    claimed = _claim(subscriber, mark, max_slots)
    if not claimed or (subscriber.global_order and _rows(PARKED_STREAMS, [subscriber.name])):
        return None
    events = feed.stored(
        min(claimed.values()),
        mark,
        limit=(limit := subscriber.batch_size(BATCH_EVENTS)),
        types=subscriber.types,
        slots=None if _is_whole(subscriber, claimed) else claimed,
        not_parked_for=subscriber.name,
    )
    reached = events[-1].position if len(events) == limit else mark
    if len(set(claimed.values())) > 1:
        events = [event for event in events if event.position > claimed[slot_of(event.stream_id)]]
    return Batch(claimed, events, reached)


def _claim(subscriber: Subscriber, mark: int, max_slots: int) -> dict[int, int]:
    """Lock checkpoints that are behind and that no other runner holds: slot -> position."""
    return dict(_rows(f"{SLOTS_BEHIND} {store().skip_locked}", [subscriber.name, mark, max_slots]))


def _is_whole(subscriber: Subscriber, claimed: Mapping[int, int]) -> bool:
    """Whether all slots are claimed, so that no query has to tell them apart."""
    return subscriber.global_order or len(claimed) == SLOTS


def _apply(subscriber: Subscriber, batch: Batch) -> int:
    if batch.events:
        records = codec.recorded(batch.events)
        hooks.batch(subscriber.name, records, partial(subscriber.advance, records))
    return batch.reached


def _apply_and_park(subscriber: Subscriber, batch: Batch) -> int:
    """Apply events and park those that fail; in a global order, nothing is read past the first one that fails."""
    if not subscriber.global_order:
        parking.park(subscriber, apply_stream_by_stream(subscriber, batch.events))
        return batch.reached
    failure = apply_until_one_fails(subscriber, batch.events)
    if failure is None:
        return batch.reached
    parking.park(subscriber, [failure])
    return failure.event.position - 1


def save_checkpoints(subscriber: Subscriber, claimed: Mapping[int, int], reached: int) -> None:
    """Say that the claimed slots are read up to a position."""
    statement, parameters = SAVE_CHECKPOINTS, list[Any]([reached, subscriber.name, reached])
    if not _is_whole(subscriber, claimed):
        statement, parameters = f"{statement} AND slot IN ({_places(claimed)})", [*parameters, *claimed]
    with store().connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def _rows(statement: str, parameters: Sequence[Any]) -> Any:
    with store().connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def _places(values: Collection[Any]) -> str:
    return ", ".join(["%s"] * len(values))
