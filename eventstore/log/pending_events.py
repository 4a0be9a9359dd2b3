"""Pending events: numbered and digested, but not yet written."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from eventstore import decider, messages, personal
from eventstore.backends import store
from eventstore.backends.rows import CommandRow, EventRow, Head, HeadRow, Written
from eventstore.backends.targets import Lookup
from eventstore.errors import CategoryConflict
from eventstore.integrity.digests import NO_DIGEST, event_digest
from eventstore.log.records import Recorded
from eventstore.log.slots import slot_of
from eventstore.messages import MessageType, StreamKey, canonical, type_of
from eventstore.signals import events_appended, events_appending
from eventstore.telemetry import hooks


@dataclass(slots=True)
class StreamEnd:
    """The end of a stream, which moves as events are added."""

    key: StreamKey
    slot: int
    version: int
    digest: str
    recorded_at: datetime | None  # of the last event; or, if that is later, the end of the closed time

    @classmethod
    def of(cls, stream: StreamKey, head: Head | None) -> "StreamEnd":
        """The end of a stream, given its head; raises CategoryConflict if the head is of another category."""
        if head is None:
            return cls(stream, slot_of(stream.id), 0, NO_DIGEST, None)
        if head.category != stream.category:
            raise CategoryConflict(
                f"{stream} can't be: the id belongs to a stream of {head.category}, and ids are unique over all "
                "categories. Give this stream an id of its own."
            )
        return cls(stream, slot_of(stream.id), head.version, head.digest, head.not_before)


@dataclass
class PendingEvents:
    """Events to append: numbered, digested, and written in one statement with the heads of their streams."""

    recorded_at: datetime
    heads: Mapping[UUID, Head]

    def __post_init__(self) -> None:
        self._ends: dict[StreamKey, StreamEnd] = {}
        self._events: list[tuple[EventRow, Any]] = []
        self._described: tuple[Mapping[str, Any], msgspec.Raw] | None = None

    def add(self, stream: StreamKey, event: Any, metadata: Mapping[str, Any]) -> None:
        """Number an event and chain its digest to the one before it; its stream's end moves with it."""
        end = self._ends.get(stream)
        if end is None:
            end = self._ends[stream] = StreamEnd.of(stream, self.heads.get(stream.id))
        self._events.append((self._row(end, event, metadata), event))

    def write(self, states: Mapping[StreamKey, Any], commands: Sequence[CommandRow] = ()) -> list[Recorded[Any]]:
        """Write the events, their heads with these states, and commands; returns the events as they were recorded."""
        lookups = self._lookups()
        written = store().write(*self._rows(states), commands, lookups)
        self.numbers = written.numbers
        records = self._recorded(written)
        if records:
            hooks.appended(records)
            events_appended.send(sender=PendingEvents, records=records, found=_by_table(lookups, written.found))
        return records

    def write_if(self, stream: StreamKey, digest: str, states: Mapping[StreamKey, Any]) -> list[Recorded[Any]] | None:
        """Write the events if their only stream ends with this digest; None if it does not. Sends no signal."""
        written = store().write_if(stream.id, digest, *self._rows(states))
        return None if written is None else self._recorded(written)

    def end_of(self, stream: StreamKey) -> StreamEnd | None:
        """The end of a stream after these events; None if none of them is its."""
        return self._ends.get(stream)

    def not_before(self, stream: StreamKey) -> datetime | None:
        """The earliest time that the next event of a stream may have; None if it may have any."""
        if end := self._ends.get(stream):
            return end.recorded_at
        head = self.heads.get(stream.id)
        return head.not_before if head else None

    def _lookups(self) -> list[Lookup]:
        """The look-ups of real-time projections: asked for now, the rows come with the answer to the write."""
        coming = [(row.type, event) for row, event in self._events]
        wanted: list[tuple[Any, Any]] = events_appending.send(sender=PendingEvents, events=coming) if coming else []
        return [lookup for _, lookups in wanted for lookup in lookups or ()]

    def _rows(self, states: Mapping[StreamKey, Any]) -> tuple[list[EventRow], list[HeadRow]]:
        return [row for row, _ in self._events], [self._head_row(end, states) for end in self._ends.values()]

    def _recorded(self, written: Written) -> list[Recorded[Any]]:
        drawn = zip(written.positions, self._events, strict=True)
        return [_record(position, *added) for position, added in drawn]

    def _row(self, end: StreamEnd, event: Any, metadata: Mapping[str, Any]) -> EventRow:
        kind = type_of(event)
        # A stream's times never run backwards, even if the clock does or a command waited for its lock.
        end.recorded_at = max(self.recorded_at, end.recorded_at or self.recorded_at)
        end.version += 1
        row = EventRow(
            event_id=uuid7(),
            category=end.key.category,
            stream_id=end.key.id,
            version=end.version,
            type=kind.name,
            schema_version=kind.version,
            data=msgspec.Raw(_stored(kind, event)),
            metadata=self._canonical(metadata),
            recorded_at=end.recorded_at,
            slot=end.slot,
            command_id=metadata.get("command_id"),
        )
        row.digest = end.digest = event_digest(end.digest, row)
        return row

    def _canonical(self, metadata: Mapping[str, Any]) -> msgspec.Raw:
        """The metadata as canonical JSON, encoded once for all events of a command."""
        if self._described is None or self._described[0] is not metadata:
            self._described = (metadata, msgspec.Raw(canonical(metadata, "The metadata")))
        return self._described[1]

    def _head_row(self, end: StreamEnd, states: Mapping[StreamKey, Any]) -> HeadRow:
        kind = decider.deciders.get(end.key.category)
        state = kind.encode(states[end.key]).decode() if kind else None
        moment = end.recorded_at or self.recorded_at
        fingerprint = kind.fingerprint if kind else ""
        return HeadRow(end.key.id, end.key.category, end.version, end.digest, moment, state, fingerprint)


def _stored(kind: MessageType, event: Any) -> bytes:
    """An event as it is stored; what would be refused in clear is refused before it is encrypted."""
    clear = messages.encode(event)
    return messages.encode(personal.conceal(event)) if kind.personal else clear


def _by_table(lookups: Sequence[Lookup], found: Sequence[Sequence[Any]]) -> dict[str, dict[Any, Any]]:
    """The rows that were found, or None, by table and key."""
    tables = defaultdict[str, dict[Any, Any]](dict)
    for lookup, rows in zip(lookups, found, strict=True):
        tables[lookup.target.table].update({**dict.fromkeys(lookup.keys), **{row.pk: row for row in rows}})
    return tables


def _record(position: int, row: EventRow, event: Any) -> Recorded[Any]:
    return Recorded(
        position,
        row.event_id,
        row.category,
        row.stream_id,
        row.version,
        row.type,
        row.schema_version,
        event,
        bytes(row.metadata).decode(),
        row.recorded_at,
    )


@dataclass(frozen=True)
class Addition:
    """Events to append to one stream without a command."""

    stream: StreamKey
    events: Sequence[Any]
    metadata: Mapping[str, Any]

    def pending(self, now: datetime, head: Head | None) -> PendingEvents:
        """The events, numbered from this head on."""
        pending = PendingEvents(now, {self.stream.id: head} if head else {})
        for event in self.events:
            pending.add(self.stream, event, self.metadata)
        return pending

    def state_after(self, state: Any) -> Any:
        """The state of the stream after the events, given the one before; None where no decider folds it."""
        kind = decider.deciders.get(self.stream.category)
        return kind.own(kind.fold(kind.own(state), self.events)) if kind else None
