"""Rows to write, and what is promised to come back of them."""

import hashlib
from datetime import UTC, datetime
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID, uuid4

import msgspec
from django.db import connection

from eventstore.backends import store
from eventstore.backends.rows import CommandRow, EventRow, HeadRow, TransactionStart, Written
from eventstore.messages import canonical

NOW = datetime(2026, 2, 28, 23, 59, 59, 123_456, tzinfo=UTC)
ONE, TWO, THREE = UUID(int=1), UUID(int=2), UUID(int=2**128 - 1)

backend = store(connection)


def event(stream_id: UUID = ONE, version: int = 1, **changes: Any) -> EventRow:
    """An event to append; `data` and `metadata` are given as values."""
    row = {
        "event_id": uuid4(),
        "category": "tally",
        "stream_id": stream_id,
        "version": version,
        "type": "tally.counted",
        "schema_version": 1,
        "data": {"version": version},
        "metadata": {"actor": "ann"},
        "recorded_at": NOW,
        "slot": 7,
        "command_id": None,
        "digest": digest(f"{stream_id} {version}"),
        **changes,
    }
    return EventRow(**{**row, "data": raw(row["data"]), "metadata": raw(row["metadata"])})


def head(last: EventRow, **changes: Any) -> HeadRow:
    """The head of a stream whose last event this is."""
    row = HeadRow(last.stream_id, last.category, last.version, last.digest, last.recorded_at, '{"total":1}', "1:abc")
    return msgspec.structs.replace(row, **changes)


def command(key: str = "one", **changes: Any) -> CommandRow:
    """A command with its response; `data`, `metadata` and `response` are given as values."""
    row = {
        "command_id": uuid4(),
        "actor": "ann",
        "key": key,
        "fingerprint": digest(key),
        "type": "tally.count",
        "schema_version": 1,
        "data": {"amount": 1},
        "metadata": {"actor": "ann"},
        "accepted": True,
        "response": {"total": 1},
        "recorded_at": NOW,
        **changes,
    }
    return CommandRow(**{**row, **{name: raw(row[name]) for name in ("data", "metadata", "response")}})


def digest(text: str) -> str:
    """Some digest."""
    return hashlib.sha256(text.encode()).hexdigest()


def raw(value: object) -> msgspec.Raw:
    """A value as the engine hands it over."""
    return msgspec.Raw(canonical(value))


def write(*rows: EventRow | CommandRow) -> Written:
    """Write events with their heads, and commands, in one go."""
    events = [row for row in rows if isinstance(row, EventRow)]
    by_stream = groupby(sorted(events, key=attrgetter("stream_id", "version")), key=attrgetter("stream_id"))
    heads = [head(list(own)[-1]) for _, own in by_stream]
    return backend.write(events, heads, [row for row in rows if isinstance(row, CommandRow)])


def opened(*streams: UUID, commands: tuple[UUID, ...] = ()) -> TransactionStart:
    """Begin with these streams locked."""
    return backend.open(commands, sorted(streams))


def event_ids() -> list[UUID]:
    """The ids of all events, in the order of their positions."""
    return [row.event_id for row in backend.events("position > %s ORDER BY position", [0])]
