"""Events on their way into the log."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from eventstore import messages, personal
from eventstore.backends import backend_of, writing
from eventstore.backends.base import Lookup
from eventstore.backends.rows import CommandRow, EventRow, Head, HeadRow, Written
from eventstore.decider import deciders
from eventstore.errors import CategoryConflict
from eventstore.integrity import NO_DIGEST, event_digest
from eventstore.messages import StreamKey, canonical, type_of
from eventstore.records import Recorded
from eventstore.signals import events_appended, events_coming
from eventstore.slots import slot_of


@dataclass(slots=True)
class Tip:
    """Where a stream ends, as events are added to it."""

    key: StreamKey
    slot: int
    version: int
    digest: str
    recorded_at: datetime | None

    @classmethod
    def of(cls, stream: StreamKey, head: Head | None) -> "Tip":
        """The end of a stream, given its head; raises CategoryConflict if the head is of another category."""
        if head is None:
            return cls(stream, slot_of(stream.id), 0, NO_DIGEST, None)
        if head.category != stream.category:
            raise CategoryConflict(f"{stream} can't be: the id belongs to a stream of {head.category}.")
        return cls(stream, slot_of(stream.id), head.version, head.digest, head.recorded_at)


@dataclass
class Draft:
    """Events on their way into the log: numbered, digested, and written in one statement with their heads."""

    recorded_at: datetime
    heads: Mapping[UUID, Head]

    def __post_init__(self) -> None:
        self._tips: dict[StreamKey, Tip] = {}
        self._events: list[tuple[EventRow, Any]] = []
        self._described: tuple[Mapping[str, Any], msgspec.Raw] | None = None

    def add(self, stream: StreamKey, event: Any, metadata: Mapping[str, Any]) -> None:
        """Number an event and chain its digest to the one before it; its stream's end moves with it."""
        tip = self._tips.get(stream)
        if tip is None:
            tip = self._tips[stream] = Tip.of(stream, self.heads.get(stream.id))
        self._events.append((self._row(tip, event, metadata), event))

    def write(self, states: Mapping[StreamKey, Any], commands: Sequence[CommandRow] = ()) -> list[Recorded[Any]]:
        """Write the events, their heads with these states, and commands; the events as they were recorded."""
        connection, lookups = writing(), self._lookups()
        written = backend_of(connection).write(connection, *self._rows(states), commands, lookups)
        self.numbers = written.numbers
        records = self._recorded(written)
        if records:
            events_appended.send(sender=Draft, records=records, found=_by_table(lookups, written.found))
        return records

    def write_if(self, stream: StreamKey, digest: str, states: Mapping[StreamKey, Any]) -> list[Recorded[Any]] | None:
        """Write the events if their only stream ends with this digest; None if it does not. Nobody is told."""
        connection = writing()
        written = backend_of(connection).write_if(connection, stream.id, digest, *self._rows(states))
        return None if written is None else self._recorded(written)

    def tip(self, stream: StreamKey) -> Tip | None:
        """Where a stream ends with these events."""
        return self._tips.get(stream)

    def _lookups(self) -> list[Lookup]:
        """What those who will be told want to know then: asked now, it comes with the answer to the write."""
        coming = [(row.type, event) for row, event in self._events]
        wanted: list[tuple[Any, Any]] = events_coming.send(sender=Draft, events=coming) if coming else []
        return [lookup for _, lookups in wanted for lookup in lookups]

    def _rows(self, states: Mapping[StreamKey, Any]) -> tuple[list[EventRow], list[HeadRow]]:
        return [row for row, _ in self._events], [self._head_row(tip, states) for tip in self._tips.values()]

    def _recorded(self, written: Written) -> list[Recorded[Any]]:
        drawn = zip(written.positions, self._events, strict=True)
        return [_record(position, *added) for position, added in drawn]

    def _row(self, tip: Tip, event: Any, metadata: Mapping[str, Any]) -> EventRow:
        kind = type_of(event)
        # A stream's times never run backwards, even if the clock does or a command waited for its lock.
        tip.recorded_at = max(self.recorded_at, tip.recorded_at or self.recorded_at)
        tip.version += 1
        row = EventRow(
            event_id=uuid7(),
            category=tip.key.category,
            stream_id=tip.key.id,
            version=tip.version,
            type=kind.name,
            schema_version=kind.version,
            data=msgspec.Raw(messages.encode(personal.conceal(event))),
            metadata=self._canonical(metadata),
            recorded_at=tip.recorded_at,
            slot=tip.slot,
            command_id=metadata.get("command_id"),
        )
        row.digest = tip.digest = event_digest(tip.digest, row)
        return row

    def _canonical(self, metadata: Mapping[str, Any]) -> msgspec.Raw:
        """Encoded once for all events of a command."""
        if self._described is None or self._described[0] is not metadata:
            self._described = (metadata, msgspec.Raw(canonical(metadata)))
        return self._described[1]

    def _head_row(self, tip: Tip, states: Mapping[StreamKey, Any]) -> HeadRow:
        kind = deciders.get(tip.key.category)
        state = canonical(states[tip.key]).decode() if kind else None
        moment = tip.recorded_at or self.recorded_at
        shape = kind.fingerprint if kind else ""
        return HeadRow(tip.key.id, tip.key.category, tip.version, tip.digest, moment, state, shape)


def _by_table(lookups: Sequence[Lookup], found: Sequence[Sequence[Any]]) -> dict[str, dict[Any, Any]]:
    """For each table, by key, the row that was found or None."""
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
    """Events for one stream, without a command."""

    stream: StreamKey
    events: Sequence[Any]
    metadata: Mapping[str, Any]

    def draft(self, now: datetime, head: Head | None) -> Draft:
        """The events after this head."""
        draft = Draft(now, {self.stream.id: head} if head else {})
        for event in self.events:
            draft.add(self.stream, event, self.metadata)
        return draft

    def state_after(self, state: Any) -> Any:
        """The state of the stream with them, given the one before; None where no decider folds it."""
        kind = deciders.get(self.stream.category)
        return kind.fold(state, self.events) if kind else None
