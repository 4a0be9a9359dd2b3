"""The engine's backend for SQLite."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from math import inf
from typing import Any
from uuid import UUID

from django.db import Error, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore.backends.rows import (
    CommandRow,
    EventRow,
    HeadRow,
    StoredCommand,
    StoredEvent,
    StoredPayload,
    TransactionStart,
    Written,
)
from eventstore.backends.sqlite.driver import execute_each, query
from eventstore.backends.sqlite.encoding import (
    command_of,
    command_values,
    event_of,
    event_values,
    head_of,
    head_values,
    identity_of,
    response_of,
    value_of,
)
from eventstore.backends.sqlite.given_rows import GivenRows
from eventstore.backends.sqlite.mark import Mark
from eventstore.backends.sqlite.shapes import Shapes
from eventstore.backends.sqlite.statements import (
    APPEND,
    BEGIN,
    COMMANDS,
    EVENTS,
    HEADS,
    MOVE_HEAD,
    PAYLOADS,
    RESPONSES,
    STORE,
)
from eventstore.backends.sqlite.tables import Tables
from eventstore.backends.sqlite.whole_rows import WholeRows
from eventstore.backends.targets import Lookup, Target

DEFAULT_TIMEOUT_SECONDS = 5.0  # of Python's sqlite3
TRUNCATE_TIMEOUT_MS = 250  # for readers; meanwhile writers wait


class SQLite(GivenRows, Mark, Shapes, Tables, WholeRows):
    """One connection to SQLite. The process's clock is the database's clock: they are one."""

    writes_at_once = False
    writes_in_parallel = False
    needs_immediate = True
    has_roles = False
    skip_locked = ""  # a transaction is the only writer

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection

    def prepare(self) -> None:
        """Let bytes that are freed be overwritten: SQLite's own default leaves them in the file."""
        with self.connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")

    def open(
        self, command_ids: Sequence[UUID], streams: Sequence[UUID], *, lock_timeout_seconds: float = inf
    ) -> TransactionStart:
        responses = [response_of(row) for row in _with_ids(self.connection, RESPONSES, command_ids)]
        heads = [head_of(row) for row in _with_ids(self.connection, HEADS, streams)]
        ((*identity, source, began),) = query(self.connection, BEGIN)
        return TransactionStart(
            datetime.now(UTC),
            {response.command_id: response for response in responses},
            {head.stream_id: head for head in heads},
            identity_of(*identity),
            (source, began) if source else None,
        )

    def write(
        self,
        events: Sequence[EventRow],
        heads: Sequence[HeadRow],
        commands: Sequence[CommandRow],
        lookups: Sequence[Lookup] = (),
    ) -> Written:
        """Write rows; positions and numbers are the next ones, as there is one writer; a trigger checks them."""
        position, number = self.last_drawn()
        drawn = list(zip(events, range(position + 1, position + len(events) + 1), strict=True))
        last = {event.stream_id: position for event, position in drawn}
        first = {event.stream_id: position for event, position in reversed(drawn)}
        own: dict[str | None, list[int]] = defaultdict(list)
        for event, position in drawn:
            own[event.command_id].append(position)
        execute_each(self.connection, APPEND, [event_values(event) for event in events])
        moved = [head_values(head, first[head.stream_id], last[head.stream_id]) for head in heads]
        execute_each(self.connection, MOVE_HEAD, moved)
        execute_each(self.connection, STORE, [command_values(row, own[str(row.command_id)]) for row in commands])
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
        start = self.open([], [stream_id])
        head = start.heads.get(stream_id)
        if start.restore or head is None or head.digest != digest:
            return None
        if head.closed_until and events[0].recorded_at < head.closed_until:
            return None
        return self.write(events, heads, [])

    def events(self, where: str, parameters: Sequence[Any], limit: int | None = None) -> list[StoredEvent]:
        with self.connection.cursor() as cursor:
            cursor.execute(f"{EVENTS} {where} LIMIT %s", [*map(value_of, parameters), -1 if limit is None else limit])
            return [event_of(row) for row in cursor.fetchall()]

    def payloads(self, where: str, parameters: Sequence[Any], limit: int | None = None) -> list[StoredPayload]:
        with self.connection.cursor() as cursor:
            cursor.execute(f"{PAYLOADS} {where} LIMIT %s", [*map(value_of, parameters), -1 if limit is None else limit])
            return list(map(StoredPayload._make, cursor.fetchall()))

    def commands(self, where: str, parameters: Sequence[Any], limit: int | None = None) -> list[StoredCommand]:
        with self.connection.cursor() as cursor:
            cursor.execute(f"{COMMANDS} {where} LIMIT %s", [*map(value_of, parameters), -1 if limit is None else limit])
            return [command_of(row) for row in cursor.fetchall()]

    def answering_within(self, seconds: float) -> AbstractContextManager[None]:
        return nullcontext()

    def limit_waits(self, seconds: float) -> None:
        """Set the time for which a transaction that begins waits for its turn."""
        own = self.connection.settings_dict["OPTIONS"].get("timeout", DEFAULT_TIMEOUT_SECONDS)
        self.connection.connection.execute(f"PRAGMA busy_timeout = {int(1000 * min(own, seconds))}")

    def is_transient(self, error: Exception) -> bool:
        cause = error.__cause__
        if not isinstance(error, Error) or not isinstance(cause, sqlite3.Error):
            return False
        return (getattr(cause, "sqlite_errorcode", 0) & 0xFF) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)

    def is_read_only(self, error: Exception) -> bool:
        return False

    def keeps_locks(self, error: Exception) -> bool:
        return self.is_transient(error)

    def find(self, target: Target, keys: Sequence[Any]) -> list[models.Model]:
        condition, parameters = self.any_of(str(target.model._meta.pk.column), keys)
        rows = query(self.connection, f'SELECT {target.names} FROM "{target.table}" WHERE {condition}', parameters)  # noqa: S608 - a table of ours
        return [target.row_of(values, self.connection) for values in rows]

    def put(self, target: Target, rows: Sequence[models.Model]) -> None:
        execute_each(
            self.connection,
            target.insertion,
            [[*map(value_of, row)] for row in target.values_of(rows, self.connection)],
        )

    def any_of(self, column: str, values: Sequence[Any]) -> tuple[str, list[Any]]:
        return f'"{column}" IN ({", ".join(["%s"] * len(values))})', [*map(value_of, values)]

    def holds_from(self, store: str) -> str:
        return ""

    def must_hold(self, store: str, first: int) -> None:
        """Raise nothing: the whole log is always here."""

    def claimed_number(self, command_id: UUID) -> None:
        """None: nothing is ever detached."""

    def stream_bounds(self, stream_id: UUID) -> None:
        """None: there are no partitions."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def defer_statements(self) -> AbstractContextManager[None]:
        """Defer nothing: there are no round trips to spare."""
        return nullcontext()

    def send_deferred(self, *, commit: bool) -> None:
        """Do nothing: no statement was deferred."""

    def use_one_snapshot(self) -> None:
        """Do nothing: the transaction is the only writer, so nothing changes meanwhile."""

    @contextmanager
    def read_snapshot(self) -> Iterator[None]:
        """A transaction of Django's would be a writer, and keep all others waiting, so a deferred one is begun."""
        if self.connection.in_atomic_block:
            with transaction.atomic(using=self.connection.alias):
                yield
            return
        with self.connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            with self.connection.cursor() as cursor:
                cursor.execute("ROLLBACK")

    def overwrite_erased(self) -> bool:
        """Move the write-ahead log into the database, whose freed bytes are overwritten, and empty it.

        Not where the project has switched checkpoints off: then another program makes them, and relies on that.
        """
        if not self._checkpoints():
            return False
        with self.connection.cursor() as cursor, _busy_timeout(cursor, TRUNCATE_TIMEOUT_MS):
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            busy, _frames, _moved = cursor.fetchone()
        return not busy

    def _checkpoints(self) -> bool:
        with self.connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_autocheckpoint")
            (pages,) = cursor.fetchone()
        return bool(pages)

    def read_only(self, *, timeout_seconds: float) -> AbstractContextManager[None]:
        """Restrict nothing: a reader never waits, and a transaction would wait for the writer."""
        return nullcontext()


@contextmanager
def _busy_timeout(cursor: Any, milliseconds: int) -> Iterator[None]:
    """Within the block, statements wait no longer than this for locks."""
    cursor.execute("PRAGMA busy_timeout")
    (before,) = cursor.fetchone()
    cursor.execute(f"PRAGMA busy_timeout = {milliseconds}")
    try:
        yield
    finally:
        cursor.execute(f"PRAGMA busy_timeout = {before}")


def _with_ids(connection: BaseDatabaseWrapper, statement: str, ids: Sequence[UUID]) -> list[Any]:
    """The rows with these ids."""
    return query(connection, statement.format(places=", ".join(["%s"] * len(ids))), [id.hex for id in ids])
