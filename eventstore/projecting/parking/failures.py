"""Finding the events that make a batch fail: it is applied in halves, until they are known."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter
from uuid import UUID

from django.db import DataError, Error, IntegrityError

from eventstore.backends import log_transaction, store
from eventstore.backends.rows import StoredEvent
from eventstore.errors import KeysUnavailable, RetriesExhausted, TargetUnavailable
from eventstore.log import codec
from eventstore.projecting.declaration.subscribers import Subscriber

Events = Sequence[StoredEvent]  # not decoded yet, for that may be what fails


@dataclass(frozen=True)
class Failure:
    """An event and the error that applying it raised."""

    event: StoredEvent
    error: Exception


def caused_by_events(error: Exception) -> bool:
    """Whether an error comes from the events, and not from keys, or from a database or target that is busy or away."""
    if isinstance(error, RetriesExhausted | KeysUnavailable | TargetUnavailable | MemoryError) or store().is_transient(
        error
    ):
        return False
    return not isinstance(error, Error) or isinstance(error, DataError | IntegrityError)


def apply_until_one_fails(subscriber: Subscriber, events: Events) -> Failure | None:
    """Apply events in order up to the first that fails, and return it; the transaction stays usable."""
    error = _attempt(subscriber, events)
    if error is None:
        return None
    if len(events) == 1:
        return Failure(events[0], error)
    half = len(events) // 2
    return apply_until_one_fails(subscriber, events[:half]) or apply_until_one_fails(subscriber, events[half:])


def apply_stream_by_stream(subscriber: Subscriber, events: Events) -> list[Failure]:
    """Apply the events of each stream up to its first that fails, and return these; the transaction stays usable."""
    streams: dict[UUID, list[StoredEvent]] = defaultdict(list)
    for event in events:
        streams[event.stream_id].append(event)
    return _apply_streams(subscriber, list(streams.values()))


def _apply_streams(subscriber: Subscriber, streams: Sequence[Events]) -> list[Failure]:
    if len(streams) == 1:
        failure = apply_until_one_fails(subscriber, streams[0])
        return [failure] if failure else []
    if _attempt(subscriber, sorted(chain.from_iterable(streams), key=attrgetter("position"))) is None:
        return []
    half = len(streams) // 2
    return [*_apply_streams(subscriber, streams[:half]), *_apply_streams(subscriber, streams[half:])]


def _attempt(subscriber: Subscriber, events: Events) -> Exception | None:
    """Apply all of these events, or none of them and return the error that they cause; raises any other error."""
    try:
        with log_transaction():
            subscriber.advance(codec.recorded(events))
    except Exception as error:
        if not caused_by_events(error):
            raise
        return error
    return None
