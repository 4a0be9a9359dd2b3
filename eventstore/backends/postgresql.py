"""PostgreSQL: the statements that matter, in the open.

Positions are drawn from a sequence, before commit, so a reader who remembers the last one it saw would lose events that
commit later with a lower one. Therefore every writer draws under a *shared* advisory lock that it holds to commit
(triggers in migration 0002), which blocks nobody; and whoever raises the tidemark reads the sequence first, and then
waits for the transactions that hold the lock at that moment. A transaction that starts to draw later draws a higher
position, so below the mark nothing is missing any more. No timer decides anything.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from django.db import Error
from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore.backends.base import Insertion
from eventstore.backends.rows import (
    CommandRow,
    EventRow,
    Head,
    HeadRow,
    Opening,
    Stored,
    StoredCommand,
    StoredEvent,
    Writer,
    Written,
)

LOCK = (1953064037, 1835102827)  # "tide", "mark": the advisory lock of migration 0002

# The locking happens in the order of the stream ids, so that two commands never wait for each other in a circle.
OPEN = """
SELECT
    clock_timestamp(),
    (SELECT json_agg(twin)::text FROM (
        SELECT command_id, encode(fingerprint, 'hex') AS fingerprint, accepted, response, positions, recorded_at
        FROM eventstore_command WHERE command_id = ANY(%s)) AS twin),
    (SELECT json_agg(head)::text FROM (
        SELECT stream_id, category, version, encode(digest, 'hex') AS digest, recorded_at, state, fingerprint
        FROM eventstore_stream WHERE stream_id = ANY(%s) ORDER BY stream_id FOR UPDATE) AS head)
"""

# One statement, one round trip. The rows come as JSON, which is faster than arrays and, at 100 events, than COPY.
WRITE = """
WITH incoming AS (
    SELECT * FROM ROWS FROM (jsonb_to_recordset(%s::jsonb) AS (
        event_id uuid, category text, stream_id uuid, version bigint, type text, schema_version smallint,
        data jsonb, metadata jsonb, recorded_at timestamptz, slot smallint, digest text, command_id uuid
    )) WITH ORDINALITY
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
    SELECT stream_id, category, version,
        (SELECT max(position) FROM appended WHERE appended.stream_id = moved.stream_id),
        decode(digest, 'hex'), recorded_at, state, fingerprint
    FROM jsonb_to_recordset(%s::jsonb) AS moved (
        stream_id uuid, category text, version bigint, digest text, recorded_at timestamptz,
        state text, fingerprint text)
    ON CONFLICT (stream_id) DO UPDATE SET
        version = EXCLUDED.version, position = EXCLUDED.position, digest = EXCLUDED.digest,
        recorded_at = EXCLUDED.recorded_at, state = EXCLUDED.state, fingerprint = EXCLUDED.fingerprint
), stored AS (
    INSERT INTO eventstore_command
        (command_id, actor, key, fingerprint, type, schema_version, data, metadata, accepted, response,
        positions, recorded_at)
    SELECT command_id, actor, key, decode(fingerprint, 'hex'), type, schema_version, data, metadata, accepted, response,
        (SELECT coalesce(jsonb_agg(position ORDER BY position), '[]') FROM appended JOIN incoming USING (event_id)
            WHERE incoming.command_id = command.command_id),
        recorded_at
    FROM ROWS FROM (jsonb_to_recordset(%s::jsonb) AS (
        command_id uuid, actor text, key text, fingerprint text, type text, schema_version smallint,
        data jsonb, metadata jsonb, accepted boolean, response jsonb, recorded_at timestamptz
    )) WITH ORDINALITY AS command ORDER BY ordinality
    RETURNING number
)
SELECT ARRAY(SELECT position FROM appended ORDER BY position), ARRAY(SELECT number FROM stored ORDER BY number)
"""

EVENTS = """
SELECT position, event_id, category, stream_id, version, type, schema_version, data::text, metadata::text, recorded_at
FROM eventstore_event WHERE
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

# Who waits for the lock has not drawn yet, and who holds it alone (a rebuild) never draws. A prepared transaction has
# no process, but holds the lock all the same.
WRITERS = f"""
SELECT virtualtransaction, pid FROM pg_locks
WHERE locktype = 'advisory' AND classid = {LOCK[0]} AND objid = {LOCK[1]} AND objsubid = 2
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND mode = 'ShareLock' AND granted AND pid IS DISTINCT FROM pg_backend_pid()
"""  # noqa: S608 - two constants

# Who may do what with a table; the owner's own rights need no granting.
PERMISSIONS = """
SELECT privilege_type, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END
FROM pg_class, aclexplode(relacl) WHERE pg_class.oid = %s::regclass AND grantee <> relowner
"""

# Indexes by what they are, so that those of two tables of one shape can be matched.
INDEXES = """
SELECT relname, regexp_replace(pg_get_indexdef(indexrelid), '^(CREATE (UNIQUE )?INDEX) .* (USING .*)$', '\\1 \\3')
FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE indrelid = %s::regclass ORDER BY 2, 1
"""

# Who waits for a table that a long query reads makes everybody else wait too: better to give up, and try again.
PATIENCE = "SET LOCAL lock_timeout = '2s'"

_TRANSIENT = {"40001", "40P01", "55P03"}  # serialization failure, deadlock, lock timeout
_RACES = {"eventstore_event_stream_version", "eventstore_command_command_id_key", "eventstore_stream_pkey"}

_twins = msgspec.json.Decoder(list[Stored])
_heads = msgspec.json.Decoder(list[Head])


class PostgreSQL:
    """The engine's backend for PostgreSQL 14 and later."""

    def open(self, connection: BaseDatabaseWrapper, command_ids: Sequence[UUID], streams: Sequence[UUID]) -> Opening:
        with connection.cursor() as cursor:
            cursor.execute(OPEN, [list(command_ids), list(streams)])
            now, twins, heads = cursor.fetchone()
        return Opening(
            now,
            {twin.command_id: twin for twin in (_twins.decode(twins) if twins else ())},
            {head.stream_id: head for head in (_heads.decode(heads) if heads else ())},
        )

    def write(
        self,
        connection: BaseDatabaseWrapper,
        events: Sequence[EventRow],
        heads: Sequence[HeadRow],
        commands: Sequence[CommandRow],
    ) -> Written:
        rows = [msgspec.json.encode(part).decode() for part in (events, heads, commands)]
        with connection.cursor() as cursor:
            cursor.execute(WRITE, rows)
            positions, numbers = cursor.fetchone()
        return Written(tuple(positions), tuple(numbers))

    def is_transient(self, error: Exception) -> bool:
        cause = error.__cause__
        if not isinstance(error, Error) or cause is None:
            return False
        constraint = getattr(getattr(cause, "diag", None), "constraint_name", None)
        return getattr(cause, "sqlstate", None) in _TRANSIENT or constraint in _RACES

    def events(
        self, connection: BaseDatabaseWrapper, where: str, parameters: Sequence[Any], limit: int | None = None
    ) -> list[StoredEvent]:
        with connection.cursor() as cursor:
            cursor.execute(f"{EVENTS} {where} LIMIT %s", [*parameters, limit])
            return list(map(StoredEvent._make, cursor.fetchall()))

    def commands(
        self, connection: BaseDatabaseWrapper, where: str, parameters: Sequence[Any], limit: int | None = None
    ) -> list[StoredCommand]:
        with connection.cursor() as cursor:
            cursor.execute(f"{COMMANDS} {where} LIMIT %s", [*parameters, limit])
            return list(map(StoredCommand._make, cursor.fetchall()))

    def last_drawn(self, connection: BaseDatabaseWrapper) -> tuple[int, int]:
        with connection.cursor() as cursor:
            cursor.execute(LAST_DRAWN)
            position, number = cursor.fetchone()
        return position, number

    def writers(self, connection: BaseDatabaseWrapper) -> frozenset[Writer]:
        with connection.cursor() as cursor:
            cursor.execute(WRITERS)
            return frozenset(map(Writer._make, cursor.fetchall()))

    def put(self, connection: BaseDatabaseWrapper, insertion: Insertion, rows: Sequence[Sequence[Any]]) -> None:
        rows_of_places = ", ".join([insertion.places] * len(rows))
        with connection.cursor() as cursor:
            cursor.execute(
                f"{insertion.into} {rows_of_places} {insertion.on_conflict}", [value for row in rows for value in row]
            )

    def create_like(self, connection: BaseDatabaseWrapper, table: str, name: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE TABLE "{name}" (LIKE "{table}" INCLUDING ALL)')
            cursor.execute(PERMISSIONS, [f'"{table}"'])
            for privilege, role in cursor.fetchall():
                cursor.execute(f'GRANT {privilege} ON "{name}" TO {role}')

    def create_temporary_like(self, connection: BaseDatabaseWrapper, table: str, name: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE TEMPORARY TABLE "{name}" (LIKE "{table}" INCLUDING ALL) ON COMMIT DROP')

    def see_one_moment(self, connection: BaseDatabaseWrapper) -> None:
        if connection.savepoint_ids:
            return  # within a transaction of the caller's, what it sees is the caller's affair
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")

    def exchange_tables(self, connection: BaseDatabaseWrapper, table: str, new: str, old: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f'ANALYZE "{new}"')
            cursor.execute(PATIENCE)
            cursor.execute(f'DROP TABLE IF EXISTS "{old}"')
            for number, (kept, taken) in enumerate(zip(_indexes(cursor, table), _indexes(cursor, new), strict=True)):
                cursor.execute(f'ALTER INDEX "{taken}" RENAME TO "{table[:50]}__{number}"')
                cursor.execute(f'ALTER INDEX "{kept}" RENAME TO "{table[:50]}__{number}_old"')
                cursor.execute(f'ALTER INDEX "{table[:50]}__{number}" RENAME TO "{kept}"')
            cursor.execute(f'ALTER TABLE "{table}" RENAME TO "{old}"')
            cursor.execute(f'ALTER TABLE "{new}" RENAME TO "{table}"')

    def rename_table(self, connection: BaseDatabaseWrapper, table: str, name: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f'ALTER TABLE "{table}" RENAME TO "{name}"')

    def drop_table(self, connection: BaseDatabaseWrapper, table: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f'DROP TABLE IF EXISTS "{table}"')

    def block_writers(self, connection: BaseDatabaseWrapper) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", LOCK)


def _indexes(cursor: Any, table: str) -> list[str]:
    """The names of a table's indexes, in an order that is the same for tables of one shape."""
    cursor.execute(INDEXES, [f'"{table}"'])
    return [name for name, _ in cursor.fetchall()]
