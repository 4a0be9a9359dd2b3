"""The engine's backend for PostgreSQL 14 and later."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from django.db import Error, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from msgspec.json import encode
from psycopg.pq import Format

from eventstore.backends.deferred import Statement
from eventstore.backends.postgresql import read_models
from eventstore.backends.postgresql.driver import deferring, query, query_all, send_deferred
from eventstore.backends.postgresql.mark import Mark
from eventstore.backends.postgresql.statements import (
    COMMANDS,
    EVENTS,
    OPEN,
    PAYLOADS,
    WRITE_COMMANDS,
    WRITE_EVENTS,
    WRITE_IF,
)
from eventstore.backends.postgresql.tables import Tables
from eventstore.backends.rows import (
    CommandRow,
    EventRow,
    Head,
    HeadRow,
    StoredCommand,
    StoredEvent,
    StoredPayload,
    StoredResponse,
    TransactionStart,
    Written,
)
from eventstore.backends.targets import Lookup, Target

READ_ONLY = "SELECT set_config('statement_timeout', %s, true), set_config('transaction_read_only', 'on', true)"

_TRANSIENT = {"40001", "40P01", "55P03"}  # serialization failure, deadlock, lock timeout
_RACES = {"eventstore_event_stream_version", "eventstore_command_command_id_key", "eventstore_stream_pkey"}

# As `_make` does, which counts the columns of each row again.
_event = partial(tuple.__new__, StoredEvent)
_payload = partial(tuple.__new__, StoredPayload)


class _Found(msgspec.Struct):
    now: datetime
    responses: list[StoredResponse]
    heads: list[Head]


_found = msgspec.json.Decoder(_Found)
_written = msgspec.json.Decoder(Written)


class PostgreSQL(Mark, Tables):
    """One connection to PostgreSQL."""

    writes_at_once = True
    writes_in_parallel = True
    needs_immediate = False
    has_roles = True
    skip_locked = "FOR UPDATE SKIP LOCKED"

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection

    def open(self, command_ids: Sequence[UUID], streams: Sequence[UUID]) -> TransactionStart:
        found = _found.decode(query(self.connection, OPEN, encode(command_ids), encode(streams)))
        return TransactionStart(
            found.now,
            {response.command_id: response for response in found.responses},
            {head.stream_id: head for head in found.heads},
        )

    def write(
        self,
        events: Sequence[EventRow],
        heads: Sequence[HeadRow],
        commands: Sequence[CommandRow],
        lookups: Sequence[Lookup] = (),
    ) -> Written:
        write: Statement = WRITE_EVENTS, (encode(events), encode(heads))
        if commands:
            write = WRITE_COMMANDS, (*write[1], encode(commands))
        drawn, *found = query_all(
            self.connection,
            [write, *(read_models.lookup_statement(self.connection, lookup) for lookup in lookups)],
        )
        written = _written.decode(drawn)
        written.found = [read_models.found(self.connection, *one) for one in zip(lookups, found, strict=True)]
        return written

    def write_if(
        self,
        stream_id: UUID,
        digest: str,
        events: Sequence[EventRow],
        heads: Sequence[HeadRow],
    ) -> Written | None:
        given = stream_id.hex.encode(), digest.encode()
        written = _written.decode(query(self.connection, WRITE_IF, *given, encode(events), encode(heads)))
        return written if written.positions else None

    def events(self, where: str, parameters: Sequence[Any], limit: int | None = None) -> list[StoredEvent]:
        return list(map(_event, _fetch(self.connection, f"{EVENTS} {where} LIMIT %s", [*parameters, limit])))

    def payloads(self, where: str, parameters: Sequence[Any], limit: int | None = None) -> list[StoredPayload]:
        return list(map(_payload, _fetch(self.connection, f"{PAYLOADS} {where} LIMIT %s", [*parameters, limit])))

    def commands(self, where: str, parameters: Sequence[Any], limit: int | None = None) -> list[StoredCommand]:
        return list(
            map(StoredCommand._make, _fetch(self.connection, f"{COMMANDS} {where} LIMIT %s", [*parameters, limit]))
        )

    def is_transient(self, error: Exception) -> bool:
        cause = error.__cause__
        if not isinstance(error, Error) or cause is None:
            return False
        constraint = getattr(getattr(cause, "diag", None), "constraint_name", None)
        return getattr(cause, "sqlstate", None) in _TRANSIENT or constraint in _RACES

    def find(self, target: Target, keys: Sequence[Any]) -> list[models.Model]:
        return read_models.find(self.connection, target, keys)

    def put(self, target: Target, rows: Sequence[models.Model]) -> None:
        read_models.put(self.connection, target, rows)

    def any_of(self, column: str, values: Sequence[Any]) -> tuple[str, list[Any]]:
        return f'"{column}" = ANY(%s)', [list(values)]  # the same statement for any number of keys

    def now(self) -> datetime:
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            (now,) = cursor.fetchone()
        moment: datetime = now
        return moment

    def defer_statements(self) -> AbstractContextManager[None]:
        return deferring(self.connection)

    def send_deferred(self, *, commit: bool) -> None:
        send_deferred(self.connection, commit=commit)

    def use_one_snapshot(self) -> None:
        if self.connection.savepoint_ids:
            return  # within a transaction of the caller's, its isolation is the caller's affair
        with self.connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")

    @contextmanager
    def read_snapshot(self) -> Iterator[None]:
        with transaction.atomic(using=self.connection.alias):
            self.use_one_snapshot()
            yield

    @contextmanager
    def read_only(self, *, timeout_seconds: float) -> Iterator[None]:
        with transaction.atomic(using=self.connection.alias), self.connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            (before,) = cursor.fetchone()
            cursor.execute(READ_ONLY, [f"{timeout_seconds * 1000:.0f}"])
            yield
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [before])


def _fetch(connection: BaseDatabaseWrapper, statement: str, parameters: Sequence[Any]) -> list[Any]:
    """Rows in PostgreSQL's binary format, whose times need no parsing, where Django's options allow for it."""
    with connection.cursor() as cursor:
        if not isinstance(cursor.cursor, psycopg.ClientCursor):  # that one gets everything as text
            cursor.cursor.format = Format.BINARY
        cursor.execute(statement, parameters)
        rows: list[Any] = cursor.fetchall()
    return rows
