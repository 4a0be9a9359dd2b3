"""The event log: append with an expected version, read one stream, fold it into state."""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from eventstore import codec, decider, messages, personal
from eventstore.backends import backend_of, writing
from eventstore.backends.rows import CommandRow, EventRow, Head, HeadRow
from eventstore.errors import CategoryConflict, VersionConflict
from eventstore.integrity import NO_DIGEST, event_digest
from eventstore.messages import StreamKey, canonical, type_of
from eventstore.models import Stream
from eventstore.records import Recorded
from eventstore.retries import retrying
from eventstore.signals import events_appended

SLOTS = 64  # what runners share the log by
PAGE = 5_000  # events read at a time


def slot_of(stream_id: UUID) -> int:
    """The slot of a stream: a stable hash of its id, from 0 to 63. Never changes: it is stored."""
    return zlib.crc32(stream_id.bytes) % SLOTS


def append(
    category: str,
    stream_id: UUID,
    events: Sequence[Any],
    *,
    expected_version: int | None = None,
    actor: str,
    metadata: Mapping[str, Any] | None = None,
) -> list[Recorded[Any]]:
    """Append events to one stream without a command, all or none.

    `expected_version` is the version that the caller decided upon (0 for a new stream); raises VersionConflict
    if the stream has moved on. Without it the events are appended wherever the stream is.
    """
    stream, described = StreamKey(category, stream_id), {"actor": actor, **(metadata or {})}

    def work() -> list[Recorded[Any]]:
        opening = backend_of(writing()).open(writing(), [], [stream_id])
        head = opening.heads.get(stream_id, Head(stream_id, category))
        if expected_version is not None and head.version != expected_version:
            raise VersionConflict(str(stream), expected_version, head.version)
        draft = Draft(opening.now, {stream_id: head})
        for event in events:
            draft.add(stream, event, described)
        state = state_of(head, stream)
        if kind := decider.deciders.get(category):
            state = kind.fold(state, events)
        return draft.write({stream: state})

    return retrying(work)


def read_stream(stream_id: UUID, *, after: int = 0, to: int | None = None) -> Iterator[Recorded[Any]]:
    """The events of a stream in order, from the version after `after` up to and with version `to`."""
    connection = writing()
    while page := codec.recorded(_page(connection, stream_id, after, to)):
        yield from page
        after = page[-1].version


def load(category: str, stream_id: UUID, *, version: int | None = None, at: datetime | None = None) -> tuple[Any, int]:
    """The state of a stream and its version, folded from its events; up to a version or a recorded time, inclusive."""
    kind = decider.deciders[category]
    state, reached = kind.initial, 0
    for record in read_stream(stream_id, to=version):
        if at is not None and record.recorded_at > at:
            break
        state, reached = kind.evolve(state, record.event), record.version
    return state, reached


def current(category: str, stream_id: UUID) -> Any:
    """The state of a stream as the next decision would see it, read from its head: at the same cost for any history."""
    found = Stream.objects.using(writing().alias).filter(stream_id=stream_id)
    head = found.values("stream_id", "category", "version", "state", "fingerprint").first()
    return state_of(Head(**head) if head else Head(stream_id, category), StreamKey(category, stream_id))


def state_of(head: Head, stream: StreamKey) -> Any:
    """The state that a locked head holds, folded anew from the events if its shape is an old one."""
    kind = decider.deciders.get(stream.category)
    if kind is None:
        return None
    if head.version == 0 or head.category != stream.category:
        return kind.initial  # an id of another category's stream names nothing here
    if head.state is None or head.fingerprint != kind.fingerprint:
        return load(stream.category, stream.id)[0]
    return kind.decoder.decode(head.state)


@dataclass
class Draft:
    """Events on their way into the log: numbered, digested, and written in one statement with their heads."""

    recorded_at: datetime
    heads: dict[UUID, Head]

    def __post_init__(self) -> None:
        self._events: list[tuple[EventRow, Any, Mapping[str, Any]]] = []

    def add(self, stream: StreamKey, event: Any, metadata: Mapping[str, Any]) -> None:
        """Number an event and chain its digest to the one before it; its stream's head moves with it."""
        head = self.heads.setdefault(stream.id, Head(stream.id, stream.category))
        if head.category != stream.category:
            raise CategoryConflict(f"{stream} can't be: the id belongs to a stream of {head.category}.")
        row = self._row(head, event, metadata)
        self.heads[stream.id] = Head(stream.id, stream.category, row.version, row.digest, row.recorded_at)
        self._events.append((row, event, metadata))

    def write(self, states: Mapping[StreamKey, Any], commands: Sequence[CommandRow] = ()) -> list[Recorded[Any]]:
        """Write the events, their heads with these states, and commands; the events as they were recorded."""
        rows = [row for row, _, _ in self._events]
        moved = {row.stream_id: self._head_row(row, states) for row in rows}
        written = backend_of(writing()).write(writing(), rows, list(moved.values()), commands)
        self.numbers = written.numbers
        drawn = zip(written.positions, self._events, strict=True)
        records = [_record(position, *added) for position, added in drawn]
        if records:
            events_appended.send(sender=Draft, records=records)
        return records

    def _row(self, head: Head, event: Any, metadata: Mapping[str, Any]) -> EventRow:
        kind = type_of(event)
        # A stream's times never run backwards, even if the clock does or a command waited for its lock.
        moment = max(self.recorded_at, head.recorded_at or self.recorded_at)
        row = EventRow(
            event_id=uuid7(),
            category=head.category,
            stream_id=head.stream_id,
            version=head.version + 1,
            type=kind.name,
            schema_version=kind.version,
            data=msgspec.Raw(messages.encode(personal.conceal(event))),
            metadata=msgspec.Raw(canonical(metadata)),
            recorded_at=moment,
            slot=slot_of(head.stream_id),
            command_id=metadata.get("command_id"),
        )
        row.digest = event_digest(head.digest or NO_DIGEST, row)
        return row

    def _head_row(self, row: EventRow, states: Mapping[StreamKey, Any]) -> HeadRow:
        kind = decider.deciders.get(row.category)
        state = canonical(states[StreamKey(row.category, row.stream_id)]).decode() if kind else None
        head = self.heads[row.stream_id]
        moment = head.recorded_at or self.recorded_at
        shape = kind.fingerprint if kind else ""
        return HeadRow(row.stream_id, row.category, head.version, head.digest, moment, state, shape)


def _record(position: int, row: EventRow, event: Any, metadata: Mapping[str, Any]) -> Recorded[Any]:
    return Recorded(
        position,
        row.event_id,
        row.category,
        row.stream_id,
        row.version,
        row.type,
        row.schema_version,
        event,
        metadata,
        row.recorded_at,
    )


def _page(connection: Any, stream_id: UUID, after: int, to: int | None) -> Any:
    where, parameters = "stream_id = %s AND version > %s", [stream_id, after]
    if to is not None:
        where, parameters = f"{where} AND version <= %s", [*parameters, to]
    return backend_of(connection).events(connection, f"{where} ORDER BY version", parameters, PAGE)
