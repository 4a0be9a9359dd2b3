"""The engine's backend for PostgreSQL 14 and later."""

import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from functools import partial
from math import inf
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from django.db import Error, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from msgspec.json import encode

from eventstore.backends.deferred import Statement
from eventstore.backends.postgresql import read_models
from eventstore.backends.postgresql.detached import Detached, known
from eventstore.backends.postgresql.driver import answering_within, deferring, fetch, query, query_all, send_deferred
from eventstore.backends.postgresql.given_rows import GivenRows
from eventstore.backends.postgresql.mark import Mark
from eventstore.backends.postgresql.shapes import Shapes
from eventstore.backends.postgresql.statements import (
    COMMANDS,
    COUNT_HEADS,
    EVENTS,
    LIMIT_SESSION,
    OPEN,
    OPEN_CLAIMED,
    PAYLOADS,
    RESPONSES,
    WRITE_COMMANDS,
    WRITE_EVENTS,
    WRITE_IF,
    lock_timeout,
)
from eventstore.backends.postgresql.tables import Tables
from eventstore.backends.postgresql.whole_rows import WholeRows
from eventstore.backends.rows import (
    CommandRow,
    EventRow,
    Head,
    HeadRow,
    Identity,
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
_READ_ONLY = "25006"  # read_only_sql_transaction: on a standby, and by the guards of a read database
_RACES = {
    "eventstore_event_stream_version",
    "eventstore_command_command_id_key",
    "eventstore_stream_pkey",
    "eventstore_claim_pkey",
}
# The same of a partition, whose indexes PostgreSQL or pg_partman has named.
_RACES_IN_PARTITIONS = re.compile(r"eventstore_(event_.*_stream_id_version|command_.*_command_id)_(key|idx)\d*")
_MOVED_MEANWHILE = ("23502", "eventstore_stream", "version")  # the head was not where the statement moves it from

# As `_make` does, which counts the columns of each row again.
_event = partial(tuple.__new__, StoredEvent)
_payload = partial(tuple.__new__, StoredPayload)


class _Found(msgspec.Struct):
    now: datetime
    heads: list[Head]
    identity: Identity | None
    restore: tuple[str, str] | None = None
    responses: list[StoredResponse] = []
    there: int = 0  # streams, by the time that the heads were locked
    is_claimed: bool = False  # whether the ids of commands are in a table of their own
    claimed: list[int] = []  # the numbers of commands that are stored already


_found = msgspec.json.Decoder(_Found)
_responses = msgspec.json.Decoder(list[StoredResponse])
_written = msgspec.json.Decoder(Written)


class PostgreSQL(Detached, GivenRows, Mark, Shapes, Tables, WholeRows):
    """One connection to PostgreSQL."""

    writes_at_once = True
    writes_in_parallel = True
    needs_immediate = False
    has_roles = True
    skip_locked = "FOR UPDATE SKIP LOCKED"
    file = None

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection

    def prepare(self) -> None:
        """Learn whether the stores are partitioned."""
        self.ask_for_partitions()

    def open(
        self, command_ids: Sequence[UUID], streams: Sequence[UUID], *, lock_timeout_seconds: float = inf
    ) -> TransactionStart:
        found = self._look(command_ids, streams, lock_timeout_seconds)
        heads = {head.stream_id: head for head in found.heads}
        there, latest = found.there, found
        # What is not there can't be locked. Another transaction may have begun that stream, and moved one that is
        # locked here only now: so it is looked for again, until no stream was begun while the others were locked.
        while len(heads) < there:
            latest = self._look([], [stream for stream in streams if stream not in heads], lock_timeout_seconds)
            there = len(heads) + latest.there
            heads |= {head.stream_id: head for head in latest.heads}
        stored = self._responses(found.claimed) if found.claimed else found.responses
        responses = {response.command_id: response for response in stored}
        return TransactionStart(latest.now, responses, heads, found.identity, latest.restore)

    def _look(self, command_ids: Sequence[UUID], streams: Sequence[UUID], lock_timeout_seconds: float) -> "_Found":
        """What is found and locked, and how many of several streams there are by then.

        Both are asked for at once, whatever there is: the time that it takes tells nobody which streams exist.
        """
        wanted = encode(streams)
        look = OPEN_CLAIMED if self.name in known else OPEN
        statements: list[Statement] = [(look, (lock_timeout(lock_timeout_seconds), encode(command_ids), wanted))]
        if len(streams) > 1:
            statements.append((COUNT_HEADS, (wanted,)))
        first, *count = query_all(self.connection, statements)
        found = _found.decode(first)
        if found.is_claimed:
            known.add(self.name)
        found.there = int(count[0]) if count else len(found.heads)
        return found

    def _responses(self, numbers: Sequence[int]) -> list[StoredResponse]:
        """The responses to commands with these numbers, in whose partitions alone they are looked for."""
        with self.connection.cursor() as cursor:
            cursor.execute(RESPONSES.format(numbers=", ".join(map(str, numbers))))
            (found,) = cursor.fetchone()
        responses = _responses.decode(found)
        if len(responses) < len(numbers):
            self.must_hold("commands", min(numbers))
        return responses

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
        given = stream_id.hex.encode(), digest.encode(), events[0].recorded_at.isoformat().encode()
        written = _written.decode(query(self.connection, WRITE_IF, *given, encode(events), encode(heads)))
        return written if written.positions else None

    def events(self, where: str, parameters: Sequence[Any], limit: int | None = None) -> list[StoredEvent]:
        return list(map(_event, fetch(self.connection, f"{EVENTS} {where} LIMIT %s", [*parameters, limit])))

    def payloads(self, where: str, parameters: Sequence[Any], limit: int | None = None) -> list[StoredPayload]:
        return list(map(_payload, fetch(self.connection, f"{PAYLOADS} {where} LIMIT %s", [*parameters, limit])))

    def commands(self, where: str, parameters: Sequence[Any], limit: int | None = None) -> list[StoredCommand]:
        return list(
            map(StoredCommand._make, fetch(self.connection, f"{COMMANDS} {where} LIMIT %s", [*parameters, limit]))
        )

    def answering_within(self, seconds: float) -> AbstractContextManager[None]:
        return answering_within(self.connection, seconds)

    def limit_waits(self, seconds: float) -> None:
        """Set the session's lock_timeout, unless it has one, or a pooler hands the session to others."""
        session: psycopg.Connection[Any] = self.connection.connection
        with self.connection.cursor() as cursor:
            cursor.execute(LIMIT_SESSION, [lock_timeout(seconds).decode(), session.info.backend_pid])

    def is_transient(self, error: Exception) -> bool:
        cause = error.__cause__
        if not isinstance(error, Error) or cause is None:
            return False
        if getattr(cause, "sqlstate", None) in _TRANSIENT:
            return True
        if isinstance(cause, psycopg.errors.UndefinedTable) and "eventstore_claim" in str(cause):
            known.discard(self.name)  # an older copy took the database's place
            return True
        return isinstance(cause, psycopg.IntegrityError) and _is_race(cause)

    def is_read_only(self, error: Exception) -> bool:
        return getattr(error.__cause__, "sqlstate", None) == _READ_ONLY

    def keeps_locks(self, error: Exception) -> bool:
        return getattr(error.__cause__, "sqlstate", None) in _TRANSIENT

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

    def overwrite_erased(self) -> bool:
        """Overwrite nothing: dead rows are autovacuum's, and what rewrites a table locks it (docs/security.md)."""
        return True

    @contextmanager
    def read_only(self, *, timeout_seconds: float) -> Iterator[None]:
        with transaction.atomic(using=self.connection.alias), self.connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            (before,) = cursor.fetchone()
            cursor.execute(READ_ONLY, [f"{timeout_seconds * 1000:.0f}"])
            yield
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [before])


def _is_race(error: psycopg.IntegrityError) -> bool:
    """Whether somebody else has stored the command, or moved the stream, since this transaction has looked."""
    diag = error.diag
    constraint = diag.constraint_name or ""
    if constraint in _RACES or _RACES_IN_PARTITIONS.fullmatch(constraint):
        return True
    return (error.sqlstate, diag.table_name, diag.column_name) == _MOVED_MEANWHILE
