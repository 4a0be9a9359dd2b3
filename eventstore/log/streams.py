"""Streams: append with an expected version, read one stream, fold it into state."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import transaction

from eventstore import decider
from eventstore.backends import in_database, log_database, store
from eventstore.backends.base import StreamBounds
from eventstore.backends.followers import must_be_primary
from eventstore.backends.retries import retrying
from eventstore.backends.rows import Head
from eventstore.errors import ArgumentRefused, MessageError, VersionConflict
from eventstore.log import codec, optimistic
from eventstore.log.database import primary_rows
from eventstore.log.gc_pause import gc_paused
from eventstore.log.metadata import described_by
from eventstore.log.pending_events import Addition
from eventstore.log.records import Recorded
from eventstore.log.whole import must_be_of_a_whole
from eventstore.messages import StreamKey
from eventstore.messages.arguments import asked_time, described, id_of, number_of
from eventstore.messages.declaration import type_of_event
from eventstore.models import Stream

PAGE = 5_000  # events read at a time


def append(
    category: str,
    stream_id: UUID,
    events: Iterable[Any],
    *,
    expected_version: int | None = None,
    actor: str,
    metadata: Mapping[str, Any] | None = None,
) -> list[Recorded[Any]]:
    """Append events to one stream without a command, all or none.

    `expected_version` is the version that the caller decided upon (0 for a new stream); raises VersionConflict
    if the stream has moved on. Without it the events are appended wherever the stream is. `metadata` may hold
    correlation_id, causation_id, effective_at, and names of the caller's own. Raises MessageError for an event of
    another stream, ArgumentRefused or PayloadRefused for what can't be stored.
    """
    stream = StreamKey(category, id_of("stream_id", stream_id))
    if expected_version is not None:
        number_of("expected_version", expected_version)
    addition = Addition(stream, _own_events(events, stream), described_by(actor, metadata))
    with in_database():
        must_be_primary()
        if expected_version is not None:
            records = optimistic.append(addition, expected_version)
            if records is not None:
                return records
        return retrying(lambda: _append(addition, expected_version))


def _own_events(events: Iterable[Any], stream: StreamKey) -> tuple[Any, ...]:
    """Events that belong to the stream; raises MessageError for any other."""
    if not isinstance(events, Iterable):
        raise ArgumentRefused(f"The events are {described(events)}. Give a list, also of one event.")
    own = tuple(events)
    for event in own:
        (named,) = type_of_event(event).streams_of(event)
        if named != stream:
            raise MessageError(
                f"{type(event).__name__} belongs to {named}, not to {stream}. Append it to its own stream."
            )
    return own


def _append(addition: Addition, expected_version: int | None) -> list[Recorded[Any]]:
    stream = addition.stream
    start = must_be_of_a_whole(store().open([], [stream.id]))
    head = start.heads.get(stream.id)
    version = head.version if head else 0
    if expected_version is not None and version != expected_version:
        raise VersionConflict(str(stream), expected_version, version)
    pending = addition.pending(start.now, head)
    state = addition.state_after(state_of(head or Head(stream.id, stream.category), stream))
    records = pending.write({stream: state})
    transaction.on_commit(partial(optimistic.remember, pending, stream, state, start.now), using=log_database())
    return records


def read_stream(stream_id: UUID, *, after: int = 0, to: int | None = None) -> Iterator[Recorded[Any]]:
    """The events of a stream in order, from the version after `after` up to and with version `to`."""
    backend, stream_id = store(), id_of("stream_id", stream_id)
    bounds = backend.stream_bounds(stream_id)
    while page := codec.recorded(backend.events(*_part(stream_id, after, to, None, bounds), PAGE)):
        _must_follow(page[0].version, after, bounds)
        yield from page
        after = page[-1].version
    _must_be_end(after, to, bounds)


def read_streams(stream_ids: Collection[UUID]) -> dict[UUID, list[Recorded[Any]]]:
    """The events of several streams, each in order, in one query, all in memory; without those that have none."""
    backend = store()
    wanted = [id_of("Each stream_id", stream_id) for stream_id in stream_ids]
    if wanted and backend.stream_bounds(wanted[0]):  # each lies in partitions of its own
        return {stream_id: found for stream_id in wanted if (found := list(read_stream(stream_id)))}
    where, parameters = backend.any_of("stream_id", wanted)
    records = codec.recorded(backend.events(f"{where} ORDER BY stream_id, version", parameters))
    return {stream_id: list(own) for stream_id, own in groupby(records, lambda record: record.stream_id)}


def load(category: str, stream_id: UUID, *, version: int | None = None, at: datetime | None = None) -> tuple[Any, int]:
    """The state of a stream and its version, folded from its events; up to a version or a recorded time, inclusive."""
    kind, stream_id = _decider_of(category), id_of("stream_id", stream_id)
    if version is not None:
        number_of("version", version)
    if at is not None:
        asked_time("at", at)
    backend, state, reached = store(), kind.first_state, 0
    bounds = backend.stream_bounds(stream_id)
    with gc_paused():
        while page := backend.payloads(*_part(stream_id, reached, version, at, bounds), PAGE):
            _must_follow(page[0].version, reached, bounds)
            state, reached = kind.fold(state, codec.facts(page)), page[-1].version
    if at is None or reached == 0:  # times never run backwards, so what is later than `at` has all that comes before it
        _must_be_end(reached, version, bounds)
    return state, reached


def current(category: str, stream_id: UUID) -> Any:
    """The state of a stream as the next decision would see it, read from its head: at the same cost for any history."""
    found = primary_rows(Stream).filter(stream_id=id_of("stream_id", stream_id))
    head = found.values("stream_id", "category", "version", "state", "fingerprint").first()
    return state_of(Head(**head) if head else Head(stream_id, category), StreamKey(category, stream_id))


def _decider_of(category: str) -> decider.Decider[Any, Any, Any]:
    if category not in decider.deciders:
        known = ", ".join(sorted(decider.deciders)) or "none"
        raise MessageError(
            f"No decider is registered for {category!r}, so its streams have no state. Registered are: {known}. Import "
            "the module that registers it in the ready() of an installed app."
        )
    return decider.deciders[category]


def state_of(head: Head, stream: StreamKey) -> Any:
    """The state that a locked head holds, folded anew from the events if its shape is an old one."""
    kind = decider.deciders.get(stream.category)
    if kind is None:
        return None
    if head.version == 0 or head.category != stream.category:
        return kind.first_state  # an id of another category's stream names nothing here
    if head.state is None or head.fingerprint != kind.fingerprint:
        return load(stream.category, stream.id)[0]
    return kind.decoder.decode(head.state)


def _must_follow(version: int, after: int, bounds: StreamBounds | None) -> None:
    """Raise RangeDetached if events between two versions lie in an archive alone: versions have no gaps."""
    if bounds and version != after + 1:
        store().must_hold("events", bounds.first)


def _must_be_end(reached: int, to: int | None, bounds: StreamBounds | None) -> None:
    """The same of events after a version, of which none was found."""
    if bounds and reached < (bounds.version if to is None else min(to, bounds.version)):
        store().must_hold("events", bounds.first)


def _part(
    stream_id: UUID, after: int, to: int | None, at: datetime | None, bounds: StreamBounds | None
) -> tuple[str, list[Any]]:
    """The condition for a part of a stream, in order; its times never run backwards, so one can end it."""
    where, parameters = "stream_id = %s AND version > %s", list[Any]([stream_id, after])
    if bounds:
        where, parameters = f"{where} AND position >= %s AND position <= %s", [*parameters, bounds.first, bounds.last]
    if to is not None:
        where, parameters = f"{where} AND version <= %s", [*parameters, to]
    if at is not None:
        where, parameters = f"{where} AND recorded_at <= %s", [*parameters, at]
    return f"{where} ORDER BY version", parameters
