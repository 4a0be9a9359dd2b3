"""PostgreSQL: the statements that matter, in the open.

Positions are drawn from a sequence, before commit, so a reader who remembers the last one it saw would lose events that
commit later with a lower one. Therefore every writer draws under a *shared* advisory lock that it holds to commit
(triggers in migration 0002), which blocks nobody; and whoever raises the tidemark reads the sequence first, and then
waits for the transactions that hold the lock at that moment. A transaction that starts to draw later draws a higher
position, so below the mark nothing is missing any more. No timer decides anything.
"""

from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager
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

from eventstore.backends import read_models_postgresql
from eventstore.backends.activity_postgresql import LOCK, WRITERS
from eventstore.backends.base import Lookup, Target
from eventstore.backends.deferred import Statement
from eventstore.backends.driver_postgresql import conclude, deferring, query, query_all
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

# Each row is looked up by itself, which no planner can do but by the index: a plan is made once, often while the tables
# are still empty, and one that then reads them from end to end would do so until they are analysed.
# The locking happens in the order of the stream ids, so that two commands never wait for each other in a circle.
# The time is read last, when the waiting is over: what is decided is decided as of then.
# Ids come, and all that is found goes, as one text: the driver takes longer over an array, or a time, than msgspec.
OPEN = """
SELECT json_build_object(
    'twins', (SELECT coalesce(json_agg(twin), '[]') FROM json_array_elements_text(%s::json) AS wanted (id), LATERAL (
        SELECT command_id, encode(fingerprint, 'hex') AS fingerprint, accepted, response, positions, recorded_at
        FROM eventstore_command WHERE command_id = wanted.id::uuid OFFSET 0) AS twin),
    'heads', (SELECT coalesce(json_agg(head), '[]') FROM (
        SELECT id::uuid FROM json_array_elements_text(%s::json) AS given (id) ORDER BY 1) AS wanted, LATERAL (
        SELECT stream_id, category, version, encode(digest, 'hex') AS digest, recorded_at, state, fingerprint
        FROM eventstore_stream WHERE stream_id = wanted.id FOR UPDATE) AS head),
    'now', clock_timestamp()
)::text
"""

# One statement, one round trip. The rows come as JSON, which is faster than arrays and, at 100 events, than COPY.
WRITE = """
WITH {given} incoming AS (
    SELECT * FROM ROWS FROM (json_to_recordset(%s::json) AS (
        event_id uuid, category text, stream_id uuid, version bigint, type text, schema_version smallint,
        data jsonb, metadata jsonb, recorded_at timestamptz, slot smallint, digest text, command_id uuid
    )) WITH ORDINALITY {condition}
), appended AS (
    INSERT INTO eventstore_event
        (event_id, category, stream_id, version, type, schema_version, data, metadata, recorded_at, slot, digest)
    SELECT event_id, category, stream_id, version, type, schema_version, data, metadata, recorded_at, slot,
        decode(digest, 'hex')
    FROM incoming ORDER BY ordinality
    RETURNING position, stream_id, event_id
), heads AS (
    INSERT INTO eventstore_stream AS head
        (stream_id, category, version, position, digest, recorded_at, state, fingerprint)
    SELECT stream_id, category, version, last.position, decode(digest, 'hex'), recorded_at, state, fingerprint
    FROM json_to_recordset(%s::json) AS moved (
        stream_id uuid, category text, version bigint, digest text, recorded_at timestamptz,
        state text, fingerprint text)
    JOIN (SELECT stream_id, max(position) AS position FROM appended GROUP BY stream_id) AS last USING (stream_id)
    ON CONFLICT (stream_id) DO UPDATE SET
        version = EXCLUDED.version, position = EXCLUDED.position, digest = EXCLUDED.digest,
        recorded_at = EXCLUDED.recorded_at, state = EXCLUDED.state, fingerprint = EXCLUDED.fingerprint
), stored AS ({store})
SELECT json_build_object(
    'positions', (SELECT coalesce(json_agg(position ORDER BY position), '[]') FROM appended),
    'numbers', (SELECT coalesce(json_agg(number ORDER BY number), '[]') FROM stored)
)::text
"""

STORE = """
    INSERT INTO eventstore_command
        (command_id, actor, key, fingerprint, type, schema_version, data, metadata, accepted, response,
        positions, recorded_at)
    SELECT command_id, actor, key, decode(fingerprint, 'hex'), type, schema_version, data, metadata, accepted, response,
        coalesce(positions, '[]'), recorded_at
    FROM ROWS FROM (json_to_recordset(%s::json) AS (
        command_id uuid, actor text, key text, fingerprint text, type text, schema_version smallint,
        data jsonb, metadata jsonb, accepted boolean, response jsonb, recorded_at timestamptz
    )) WITH ORDINALITY AS command LEFT JOIN (
        SELECT command_id, jsonb_agg(position ORDER BY position) AS positions
        FROM appended JOIN incoming USING (event_id) GROUP BY command_id
    ) AS own USING (command_id) ORDER BY ordinality
    RETURNING number
"""

# The head is locked first, as ever, and nothing is written unless it is as expected.
GIVEN = """
unchanged AS MATERIALIZED (
    SELECT FROM eventstore_stream WHERE stream_id = %s AND digest = decode(%s, 'hex') FOR UPDATE
),
"""

NO_COMMANDS = "SELECT NULL AS number WHERE false"
WRITE_COMMANDS = WRITE.format(given="", condition="", store=STORE)
WRITE_EVENTS = WRITE.format(given="", condition="", store=NO_COMMANDS)
WRITE_IF = WRITE.format(given=GIVEN, condition="WHERE EXISTS (SELECT FROM unchanged)", store=NO_COMMANDS)

EVENTS = """
SELECT position, event_id, category, stream_id, version, type, schema_version, data::text, metadata::text, recorded_at
FROM eventstore_event WHERE
"""

PAYLOADS = """
SELECT version, type, schema_version, data::text FROM eventstore_event WHERE
"""

COMMANDS = """
SELECT number, command_id, actor, key, type, schema_version, data::text, metadata::text, accepted, response::text,
    positions::text, recorded_at
FROM eventstore_command WHERE
"""

LAST_DRAWN = """
SELECT
    (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM eventstore_event_position_seq),
    (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM eventstore_command_number_seq)
"""

# Who may do what with a table; the owner's own rights need no granting.
PERMISSIONS = """
SELECT privilege_type, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END
FROM pg_class, aclexplode(relacl) WHERE pg_class.oid = %s::regclass AND grantee <> relowner
"""

# Primary keys and other constraints that are kept by an index, by what they are.
KEYS = (
    "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype IN ('p', 'u', 'x')"
)

# Indexes by what they are, so that those of two tables of one shape can be matched.
INDEXES = """
SELECT relname, regexp_replace(pg_get_indexdef(indexrelid), '^(CREATE (UNIQUE )?INDEX) .* (USING .*)$', '\\1 \\3')
FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE indrelid = %s::regclass ORDER BY 2, 1
"""

# Indexes that keep nothing unique: made from all rows at once they cost a fraction of what they do row by row.
PLAIN_INDEXES = """
SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
WHERE indrelid = %s::regclass AND NOT indisunique AND NOT indisexclusion
"""

# Who waits for a table, or for the writers, while somebody takes long makes everybody else wait too: better to give
# up, and try again.
SET_LOCK_TIMEOUT = "SET LOCAL lock_timeout = '2s'"

# A tenth of the usual sample tells the planner which index serves; the table's next ANALYZE tells the rest. The usual
# one takes longer than all indexes together where a table is no larger than the sample.
SAMPLE = "SET LOCAL default_statistics_target = 10"

_TRANSIENT = {"40001", "40P01", "55P03"}  # serialization failure, deadlock, lock timeout
_RACES = {"eventstore_event_stream_version", "eventstore_command_command_id_key", "eventstore_stream_pkey"}

# As `_make` does, which counts the columns of each row again.
_event = partial(tuple.__new__, StoredEvent)
_payload = partial(tuple.__new__, StoredPayload)


class _Found(msgspec.Struct):
    now: datetime
    twins: list[Stored]
    heads: list[Head]


_found = msgspec.json.Decoder(_Found)
_written = msgspec.json.Decoder(Written)


class PostgreSQL:
    """The engine's backend for PostgreSQL 14 and later."""

    writes_at_once = True

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection

    def keeping_back(self) -> AbstractContextManager[None]:
        return deferring(self.connection)

    def conclude(self, *, commit: bool) -> None:
        conclude(self.connection, commit=commit)

    def open(self, command_ids: Sequence[UUID], streams: Sequence[UUID]) -> Opening:
        found = _found.decode(query(self.connection, OPEN, encode(command_ids), encode(streams)))
        return Opening(
            found.now,
            {twin.command_id: twin for twin in found.twins},
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
            [write, *(read_models_postgresql.lookup_statement(self.connection, lookup) for lookup in lookups)],
        )
        written = _written.decode(drawn)
        written.found = [
            read_models_postgresql.found(self.connection, *one) for one in zip(lookups, found, strict=True)
        ]
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

    def is_transient(self, error: Exception) -> bool:
        cause = error.__cause__
        if not isinstance(error, Error) or cause is None:
            return False
        constraint = getattr(getattr(cause, "diag", None), "constraint_name", None)
        return getattr(cause, "sqlstate", None) in _TRANSIENT or constraint in _RACES

    def events(self, where: str, parameters: Sequence[Any], limit: int | None = None) -> list[StoredEvent]:
        return list(map(_event, _fetch(self.connection, f"{EVENTS} {where} LIMIT %s", [*parameters, limit])))

    def payloads(self, where: str, parameters: Sequence[Any], limit: int | None = None) -> list[StoredPayload]:
        return list(map(_payload, _fetch(self.connection, f"{PAYLOADS} {where} LIMIT %s", [*parameters, limit])))

    def commands(self, where: str, parameters: Sequence[Any], limit: int | None = None) -> list[StoredCommand]:
        return list(
            map(StoredCommand._make, _fetch(self.connection, f"{COMMANDS} {where} LIMIT %s", [*parameters, limit]))
        )

    def last_drawn(self) -> tuple[int, int]:
        with self.connection.cursor() as cursor:
            cursor.execute(LAST_DRAWN)
            position, number = cursor.fetchone()
        return position, number

    def writers(self) -> frozenset[Writer]:
        with self.connection.cursor() as cursor:
            cursor.execute(WRITERS)
            return frozenset(map(Writer._make, cursor.fetchall()))

    def find(self, target: Target, keys: Sequence[Any]) -> list[models.Model]:
        return read_models_postgresql.find(self.connection, target, keys)

    def put(self, target: Target, rows: Sequence[models.Model]) -> None:
        read_models_postgresql.put(self.connection, target, rows)

    def among(self, column: str, keys: Sequence[Any]) -> tuple[str, list[Any]]:
        return f'"{column}" = ANY(%s)', [list(keys)]  # the same statement for any number of keys

    def create_like(self, table: str, name: str, *, with_keys: bool = True) -> None:
        without = "" if with_keys else "EXCLUDING INDEXES"
        with self.connection.cursor() as cursor:
            cursor.execute(f'CREATE TABLE "{name}" (LIKE "{table}" INCLUDING ALL {without})')
            cursor.execute(PLAIN_INDEXES, [f'"{name}"'])
            for (index,) in cursor.fetchall():
                cursor.execute(f'DROP INDEX "{index}"')
            cursor.execute(PERMISSIONS, [f'"{table}"'])
            for privilege, role in cursor.fetchall():
                cursor.execute(f'GRANT {privilege} ON "{name}" TO {role}')

    def complete_like(self, table: str, name: str) -> None:
        with self.connection.cursor() as cursor:
            for key in (_keys(cursor, table) - _keys(cursor, name)).elements():
                cursor.execute(f'ALTER TABLE "{name}" ADD {key}')
            there, wanted = (Counter(shape for _, shape in _indexes(cursor, one)) for one in (name, table))
            for shape in (wanted - there).elements():
                cursor.execute(shape.replace(" USING", f' ON "{name}" USING', 1))
            with transaction.atomic(using=self.connection.alias):
                cursor.execute(SAMPLE)
                cursor.execute(f'ANALYZE "{name}"')

    def create_temporary_like(self, table: str, name: str) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(f'CREATE TEMPORARY TABLE "{name}" (LIKE "{table}" INCLUDING ALL) ON COMMIT DROP')

    def see_one_moment(self) -> None:
        if self.connection.savepoint_ids:
            return  # within a transaction of the caller's, what it sees is the caller's affair
        with self.connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")

    def exchange_tables(self, table: str, new: str, old: str) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(SET_LOCK_TIMEOUT)
            cursor.execute(f'DROP TABLE IF EXISTS "{old}"')
            pairs = zip(_indexes(cursor, table), _indexes(cursor, new), strict=True)
            for number, ((kept, _), (taken, _)) in enumerate(pairs):
                cursor.execute(f'ALTER INDEX "{taken}" RENAME TO "{table[:50]}__{number}"')
                cursor.execute(f'ALTER INDEX "{kept}" RENAME TO "{table[:50]}__{number}_old"')
                cursor.execute(f'ALTER INDEX "{table[:50]}__{number}" RENAME TO "{kept}"')
            cursor.execute(f'ALTER TABLE "{table}" RENAME TO "{old}"')
            cursor.execute(f'ALTER TABLE "{new}" RENAME TO "{table}"')

    def rename_table(self, table: str, name: str) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(f'ALTER TABLE "{table}" RENAME TO "{name}"')

    def drop_table(self, table: str) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(f'DROP TABLE IF EXISTS "{table}"')

    def block_writers(self) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(SET_LOCK_TIMEOUT)
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", LOCK)


def _fetch(connection: BaseDatabaseWrapper, statement: str, parameters: Sequence[Any]) -> list[Any]:
    """Rows in PostgreSQL's binary format, whose times need no parsing, where Django's options allow for it."""
    with connection.cursor() as cursor:
        if not isinstance(cursor.cursor, psycopg.ClientCursor):  # that one gets everything as text
            cursor.cursor.format = Format.BINARY
        cursor.execute(statement, parameters)
        rows: list[Any] = cursor.fetchall()
    return rows


def _keys(cursor: Any, table: str) -> Counter[str]:
    """A table's primary key and other unique constraints, by what they are."""
    cursor.execute(KEYS, [f'"{table}"'])
    return Counter(key for (key,) in cursor.fetchall())


def _indexes(cursor: Any, table: str) -> list[tuple[str, str]]:
    """A table's indexes by name, each with what it is, in an order that is the same for tables of one shape."""
    cursor.execute(INDEXES, [f'"{table}"'])
    return list(cursor.fetchall())
