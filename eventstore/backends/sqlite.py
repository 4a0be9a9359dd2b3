"""SQLite: one writer at a time (`BEGIN IMMEDIATE`), so the order of positions is the order of commits."""

import re
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import Error, models
from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore.backends.base import Lookup, Target
from eventstore.backends.driver_sqlite import execute_each, query
from eventstore.backends.rows import (
    CommandRow,
    EventRow,
    Head,
    HeadRow,
    Opening,
    Stored,
    StoredCommand,
    StoredEvent,
    StoredPayload,
    Writer,
    Written,
)

TWINS = """
SELECT command_id, lower(hex(fingerprint)), accepted, response, positions, recorded_at
FROM eventstore_command WHERE command_id IN ({places})
"""

HEADS = """
SELECT stream_id, category, version, lower(hex(digest)), recorded_at, state, fingerprint
FROM eventstore_stream WHERE stream_id IN ({places})
"""

APPEND = """
INSERT INTO eventstore_event
    (event_id, category, stream_id, version, type, schema_version, data, metadata, recorded_at, slot, digest)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""

MOVE_HEAD = """
INSERT INTO eventstore_stream (stream_id, category, version, position, digest, recorded_at, state, fingerprint)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (stream_id) DO UPDATE SET
    version = excluded.version, position = excluded.position, digest = excluded.digest,
    recorded_at = excluded.recorded_at, state = excluded.state, fingerprint = excluded.fingerprint
"""

STORE = """
INSERT INTO eventstore_command
    (command_id, actor, key, fingerprint, type, schema_version, data, metadata, accepted, response, positions,
    recorded_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""

EVENTS = """
SELECT position, event_id, category, stream_id, version, type, schema_version, data, metadata, recorded_at
FROM eventstore_event WHERE
"""

PAYLOADS = """
SELECT version, type, schema_version, data FROM eventstore_event WHERE
"""

COMMANDS = """
SELECT number, command_id, actor, key, type, schema_version, data, metadata, accepted, response, positions, recorded_at
FROM eventstore_command WHERE
"""

LAST_DRAWN = """
SELECT
    coalesce((SELECT max(position) FROM eventstore_event), 0),
    coalesce((SELECT max(number) FROM eventstore_command), 0)
"""


SCHEMA = "SELECT sql FROM sqlite_master WHERE type = %s AND tbl_name = %s AND sql IS NOT NULL"

_INDEX_NAME = re.compile(r'INDEX "?(\w+)')


class SQLite:
    """The engine's backend for SQLite. The process's clock is the database's clock: they are one."""

    writes_at_once = False

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection

    def keeping_back(self) -> AbstractContextManager[None]:
        return nullcontext()  # there are no round trips to spare

    def conclude(self, *, commit: bool) -> None:
        pass

    def open(self, command_ids: Sequence[UUID], streams: Sequence[UUID]) -> Opening:
        twins = [_stored(row) for row in _among(self.connection, TWINS, command_ids)]
        heads = [_head(row) for row in _among(self.connection, HEADS, streams)]
        return Opening(
            datetime.now(UTC),
            {twin.command_id: twin for twin in twins},
            {head.stream_id: head for head in heads},
        )

    def write(
        self,
        events: Sequence[EventRow],
        heads: Sequence[HeadRow],
        commands: Sequence[CommandRow],
        lookups: Sequence[Lookup] = (),
    ) -> Written:
        """What is drawn is known beforehand: the next ones, as there is one writer at a time; a trigger sees to it."""
        position, number = self.last_drawn()
        drawn = list(zip(events, range(position + 1, position + len(events) + 1), strict=True))
        last = {event.stream_id: position for event, position in drawn}
        own: dict[str | None, list[int]] = defaultdict(list)
        for event, position in drawn:
            own[event.command_id].append(position)
        execute_each(self.connection, APPEND, [_event_values(event) for event in events])
        execute_each(self.connection, MOVE_HEAD, [_head_values(head, last[head.stream_id]) for head in heads])
        execute_each(self.connection, STORE, [_command_values(row, own[str(row.command_id)]) for row in commands])
        numbers = range(number + 1, number + len(commands) + 1)
        found = [self.find(lookup.target, lookup.keys) for lookup in lookups]
        return Written(tuple(position for _, position in drawn), tuple(numbers), found)

    def write_if(
        self,
        stream_id: UUID,
        digest: str,
        events: Sequence[EventRow],
        heads: Sequence[HeadRow],
    ) -> Written | None:
        head = self.open([], [stream_id]).heads.get(stream_id)
        return self.write(events, heads, []) if head and head.digest == digest else None

    def is_transient(self, error: Exception) -> bool:
        cause = error.__cause__
        if not isinstance(error, Error) or not isinstance(cause, sqlite3.Error):
            return False
        return (getattr(cause, "sqlite_errorcode", 0) & 0xFF) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)

    def events(self, where: str, parameters: Sequence[Any], limit: int | None = None) -> list[StoredEvent]:
        with self.connection.cursor() as cursor:
            cursor.execute(f"{EVENTS} {where} LIMIT %s", [*map(_value, parameters), -1 if limit is None else limit])
            return [_event(row) for row in cursor.fetchall()]

    def payloads(self, where: str, parameters: Sequence[Any], limit: int | None = None) -> list[StoredPayload]:
        with self.connection.cursor() as cursor:
            cursor.execute(f"{PAYLOADS} {where} LIMIT %s", [*map(_value, parameters), -1 if limit is None else limit])
            return list(map(StoredPayload._make, cursor.fetchall()))

    def commands(self, where: str, parameters: Sequence[Any], limit: int | None = None) -> list[StoredCommand]:
        with self.connection.cursor() as cursor:
            cursor.execute(f"{COMMANDS} {where} LIMIT %s", [*map(_value, parameters), -1 if limit is None else limit])
            return [_command(row) for row in cursor.fetchall()]

    def last_drawn(self) -> tuple[int, int]:
        ((position, number),) = query(self.connection, LAST_DRAWN)
        return position, number

    def writers(self) -> frozenset[Writer]:
        return frozenset()  # what can be read is committed, and nothing lower can follow

    def find(self, target: Target, keys: Sequence[Any]) -> list[models.Model]:
        condition, parameters = self.among(str(target.model._meta.pk.column), keys)
        rows = query(self.connection, f'SELECT {target.names} FROM "{target.table}" WHERE {condition}', parameters)  # noqa: S608 - a table of ours
        return [target.row_of(values, self.connection) for values in rows]

    def put(self, target: Target, rows: Sequence[models.Model]) -> None:
        execute_each(
            self.connection, target.insertion, [[*map(_value, row)] for row in target.values_of(rows, self.connection)]
        )

    def among(self, column: str, keys: Sequence[Any]) -> tuple[str, list[Any]]:
        return f'"{column}" IN ({", ".join(["%s"] * len(keys))})', [*map(_value, keys)]

    def create_like(self, table: str, name: str, *, with_keys: bool = True) -> None:
        """Always with its keys, which belong to the table's definition."""
        self._create_like(table, name, "CREATE TABLE")

    def complete_like(self, table: str, name: str) -> None:
        """Nothing to do: `exchange_tables` makes the indexes, whose names belong to the live table until then."""

    def create_temporary_like(self, table: str, name: str) -> None:
        self._create_like(table, name, "CREATE TEMPORARY TABLE")

    def _create_like(self, table: str, name: str, create: str) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(SCHEMA, ["table", table])
            (statement,) = cursor.fetchone()
            cursor.execute(statement.replace(f'CREATE TABLE "{table}"', f'{create} "{name}"', 1))

    def see_one_moment(self) -> None:
        """Nothing to do: the transaction is the only writer, so nothing changes meanwhile."""

    def exchange_tables(self, table: str, new: str, old: str) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(SCHEMA, ["index", table])
            indexes = [statement for (statement,) in cursor.fetchall()]
            self.drop_table(old)
            self.rename_table(table, old)
            self.rename_table(new, table)
            for statement in indexes:  # an index can't be renamed, and its name belongs to the live table
                cursor.execute(f'DROP INDEX "{_INDEX_NAME.findall(statement)[0]}"')
                cursor.execute(statement)

    def rename_table(self, table: str, name: str) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(f'ALTER TABLE "{table}" RENAME TO "{name}"')

    def drop_table(self, table: str) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(f'DROP TABLE IF EXISTS "{table}"')

    def block_writers(self) -> None:
        """Nothing to do: the transaction has been the only writer since it began."""


def _value(value: Any) -> Any:
    """A parameter as Django stores it in SQLite."""
    match value:
        case UUID():
            return value.hex
        case datetime():
            return _time_text(value)
        case _:
            return value


def _time_text(moment: datetime) -> str:
    return str(moment.astimezone(UTC).replace(tzinfo=None))


def _time(text: str | datetime) -> datetime:
    """Raw SQL gives text, unless sqlite3's own converter was faster."""
    moment = text if isinstance(text, datetime) else datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC)


def _event_values(event: EventRow) -> list[Any]:
    return [
        event.event_id.hex,
        event.category,
        event.stream_id.hex,
        event.version,
        event.type,
        event.schema_version,
        bytes(event.data).decode(),
        bytes(event.metadata).decode(),
        _time_text(event.recorded_at),
        event.slot,
        bytes.fromhex(event.digest),
    ]


def _head_values(head: HeadRow, position: int) -> list[Any]:
    return [
        head.stream_id.hex,
        head.category,
        head.version,
        position,
        bytes.fromhex(head.digest),
        _time_text(head.recorded_at),
        head.state,
        head.fingerprint,
    ]


def _command_values(command: CommandRow, positions: list[int]) -> list[Any]:
    return [
        command.command_id.hex,
        command.actor,
        command.key,
        bytes.fromhex(command.fingerprint),
        command.type,
        command.schema_version,
        bytes(command.data).decode(),
        bytes(command.metadata).decode(),
        command.accepted,
        bytes(command.response).decode(),
        msgspec.json.encode(positions).decode(),
        _time_text(command.recorded_at),
    ]


def _among(connection: BaseDatabaseWrapper, statement: str, ids: Sequence[UUID]) -> list[Any]:
    """The rows with these ids."""
    return query(connection, statement.format(places=", ".join(["%s"] * len(ids))), [id.hex for id in ids])


def _head(row: Sequence[Any]) -> Head:
    stream_id, category, version, digest, recorded_at, state, fingerprint = row
    return Head(UUID(stream_id), category, version, digest, _time(recorded_at), state, fingerprint)


def _stored(row: Sequence[Any]) -> Stored:
    command_id, fingerprint, accepted, response, positions, recorded_at = row
    answered = msgspec.json.decode(response), msgspec.json.decode(positions)
    return Stored(UUID(command_id), fingerprint, bool(accepted), *answered, _time(recorded_at))


def _event(row: Sequence[Any]) -> StoredEvent:
    event = StoredEvent._make(row)
    return event._replace(event_id=UUID(row[1]), stream_id=UUID(row[3]), recorded_at=_time(event.recorded_at))


def _command(row: Sequence[Any]) -> StoredCommand:
    command = StoredCommand._make(row)
    return command._replace(
        command_id=UUID(row[1]), accepted=bool(command.accepted), recorded_at=_time(command.recorded_at)
    )
