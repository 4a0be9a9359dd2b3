"""SQLite: rows of the log with all that they say, for whoever verifies them.

A column of SQLite takes values of any type. What is not as Django writes it comes as it is, or as text of it: such a
row was changed, and its digest tells.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Any
from uuid import UUID

import msgspec
from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore.backends.sqlite.driver import query

GARBLED = datetime(1, 1, 2, tzinfo=UTC)  # stands for what is no time
IS_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(\.(?!000000)[0-9]{6})?").fullmatch
MANY = 20_000  # times, and ids of streams, that come again soon

# JSON comes as bytes: these are what a digest takes, and need not be text. An expression in place of a column keeps
# Python's converters away, which stumble over what they don't know.
WHOLE_EVENTS = """
SELECT position, event_id, category, stream_id, version, type, schema_version, CAST(data AS BLOB),
    CAST(metadata AS BLOB), recorded_at || '', slot, digest
FROM eventstore_event WHERE
"""

WHOLE_COMMANDS = """
SELECT number, command_id, actor, key, lower(hex(fingerprint)), type, schema_version, CAST(data AS BLOB),
    CAST(metadata AS BLOB), +accepted, CAST(response AS BLOB), CAST(positions AS BLOB), recorded_at || '', digest
FROM eventstore_command WHERE
"""

BEFORE = """
SELECT stream_id, version, digest, recorded_at || '', position FROM (
    SELECT json_extract(value, '$[0]') AS id, json_extract(value, '$[1]') AS next FROM json_each(%s)) AS wanted
CROSS JOIN eventstore_event WHERE stream_id = wanted.id AND version = wanted.next - 1
"""

HEADS = """
SELECT head.stream_id, head.category, head.version, head.position, head.digest, head.recorded_at || '', head.state,
    head.fingerprint, last.category, last.version, last.position, last.digest, last.recorded_at || ''
FROM (SELECT * FROM eventstore_stream WHERE stream_id > %s ORDER BY stream_id LIMIT %s) AS head
LEFT JOIN eventstore_event AS last ON last.position = (
    SELECT position FROM eventstore_event WHERE stream_id = head.stream_id ORDER BY version DESC LIMIT 1)
ORDER BY head.stream_id
"""

FACTS = """
SELECT stream_id, version, type, schema_version, CAST(data AS BLOB) FROM eventstore_event
WHERE (stream_id, version) > (%s, %s) AND stream_id <= %s ORDER BY stream_id, version LIMIT %s
"""

HEADLESS = """
SELECT min(position) FROM eventstore_event AS event
WHERE NOT EXISTS (SELECT 1 FROM eventstore_stream AS head WHERE head.stream_id = event.stream_id)
"""

SEQUENCES = """
SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'eventstore_event'), 0),
    coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'eventstore_command'), 0)
"""


class WholeRows:
    """The part of the backend that reads whole rows."""

    connection: BaseDatabaseWrapper

    def whole_events(self, where: str, parameters: Sequence[Any], limit: int) -> list[tuple[Any, ...]]:
        rows = _rows(self.connection, f"{WHOLE_EVENTS} {where} LIMIT %s", [*map(_value, parameters), limit])
        return [
            (
                at,
                _id(event),
                category,
                _stream(stream),
                version,
                name,
                schema,
                data,
                metadata,
                _time(time),
                slot,
                digest,
            )
            for at, event, category, stream, version, name, schema, data, metadata, time, slot, digest in rows
        ]

    def whole_commands(self, where: str, parameters: Sequence[Any], limit: int) -> list[tuple[Any, ...]]:
        rows = _rows(self.connection, f"{WHOLE_COMMANDS} {where} LIMIT %s", [*map(_value, parameters), limit])
        return [(r[0], _id(r[1]), *r[2:9], _flag(r[9]), r[10], r[11], _time(r[12]), r[13]) for r in rows]

    def events_before(self, streams: Sequence[str], versions: Sequence[int]) -> list[tuple[Any, ...]]:
        wanted = [[stream.replace("-", ""), version] for stream, version in zip(streams, versions, strict=True)]
        rows = _rows(self.connection, BEFORE, [_json(wanted)])
        return [
            (_stream(stream), version, digest, _time(at), position) for stream, version, digest, at, position in rows
        ]

    def whole_heads(self, after: UUID, limit: int) -> list[tuple[Any, ...]]:
        rows = _rows(self.connection, HEADS, [after.hex, limit])
        return [(_id(r[0]), *r[1:5], _time(r[5]), *r[6:12], _time(r[12])) for r in rows]

    def facts_between(self, after: tuple[str, int], to: str, limit: int) -> list[tuple[Any, ...]]:
        rows = _rows(self.connection, FACTS, [after[0].replace("-", ""), after[1], to.replace("-", ""), limit])
        return [(_stream(row[0]), *row[1:]) for row in rows]

    def first_without_head(self) -> int | None:
        ((position,),) = _rows(self.connection, HEADLESS)
        found: int | None = position
        return found

    def sequences(self) -> tuple[int, int]:
        ((position, number),) = _rows(self.connection, SEQUENCES)
        return position, number


def _rows(connection: BaseDatabaseWrapper, statement: str, parameters: Sequence[Any] = ()) -> list[Any]:
    """The rows that a statement gives, even if a text in them is none: then its digest tells that it was changed."""
    try:
        return query(connection, statement, parameters)
    except DatabaseError:
        session = connection.connection
        usual, session.text_factory = session.text_factory, partial(str, encoding="utf-8", errors="surrogateescape")
        try:
            return query(connection, statement, parameters)
        finally:
            session.text_factory = usual


def _id(value: Any) -> str:
    """An id with hyphens, as digests take it."""
    if type(value) is str and len(value) == 32:
        return f"{value[:8]}-{value[8:12]}-{value[12:16]}-{value[16:20]}-{value[20:]}"
    return repr(value)


@lru_cache(MANY)  # a command has its events' time
def _time(value: Any) -> datetime:
    """A time as Django writes it: times are compared as text, so another spelling would be another time to a reader."""
    try:
        return datetime.fromisoformat(f"{value}+00:00") if IS_TIME(value) else GARBLED
    except (TypeError, ValueError):
        return GARBLED


_stream = lru_cache(MANY)(_id)


def _flag(value: Any) -> Any:
    return bool(value) if value in (0, 1) else value


def _value(value: Any) -> Any:
    return value.replace("-", "") if isinstance(value, str) else value


def _json(value: Any) -> str:
    encoded: str = msgspec.json.encode(value).decode()
    return encoded
