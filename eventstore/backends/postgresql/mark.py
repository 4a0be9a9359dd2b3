"""PostgreSQL: raising the tidemark, and the transactions that hold up the mark or the checkpoints at this moment.

Blocking transactions are read from the catalog, which nobody can lock. PostgreSQL shows what a process runs, and since
when, to a superuser, to the process's own role, and to members of `pg_read_all_stats`; other roles see its pid, role
and program.
"""

from collections.abc import Mapping
from typing import Any, Final
from weakref import WeakKeyDictionary, WeakSet

import msgspec
from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore.backends import patience
from eventstore.backends.activity import BlockingTransaction, HeldStreams, MarkState
from eventstore.backends.postgresql.driver import query_all
from eventstore.backends.postgresql.notify import CHANNEL, NotificationListener
from eventstore.backends.postgresql.statements import LIMIT_TRANSACTION, PRESENT_IDENTITY, lock_timeout
from eventstore.backends.postgresql.tables import SET_LOCK_TIMEOUT
from eventstore.backends.rows import MarkRow, Writer

LOCK = (1953064037, 1835102827)  # "tide", "mark": the advisory lock of migration 0002

# A read database, which gets the log of another one, has this trigger: nothing is recorded there.
SUBSCRIBES = """
EXISTS (SELECT FROM pg_trigger WHERE tgrelid = to_regclass('eventstore_tidemark') AND tgname = 'follows_another')
"""

# A standby; a read database; a database that is kept from writing. Anybody may ask each of the three.
FOLLOWS = f"SELECT pg_is_in_recovery() OR current_setting('default_transaction_read_only')::boolean OR {SUBSCRIBES}"

LAST_DRAWN = """
SELECT
    (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM eventstore_event_position_seq),
    (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM eventstore_command_number_seq)
"""

# A transaction that waits for the lock has not drawn yet; a rebuild, which holds it alone, never draws. A prepared
# transaction has no process, but holds the lock all the same.
WRITERS = f"""
SELECT virtualtransaction, pid FROM pg_locks
WHERE locktype = 'advisory' AND classid = {LOCK[0]} AND objid = {LOCK[1]} AND objsubid = 2
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND mode = 'ShareLock' AND granted AND pid IS DISTINCT FROM pg_backend_pid()
"""  # noqa: S608 - two constants

# Where a log is followed, the mark's row says nothing until each table is copied and has caught up with the others,
# nor once the log is in another epoch than the one that was copied (decision 0049). Elsewhere the table is empty.
IS_UNKNOWN = """
EXISTS (SELECT FROM eventstore_follower AS follower WHERE
    (follower.log_id, follower.epoch, follower.began_at) IS DISTINCT FROM
        (SELECT (log_id, epoch, began_at) FROM eventstore_epoch ORDER BY epoch DESC LIMIT 1)
    OR EXISTS (SELECT FROM pg_subscription_rel JOIN pg_subscription ON pg_subscription.oid = srsubid
        WHERE subname = follower.subscription AND srsubstate <> 'r'
            AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())))
"""

# With the identity, in one snapshot: every answer tells of both, and a statement of its own would cost a round trip.
READ_MARK = f"""
SELECT json_build_array(CASE WHEN is_unknown THEN 0 ELSE position END, CASE WHEN is_unknown THEN 0 ELSE number END,
    {PRESENT_IDENTITY})::text
FROM eventstore_tidemark, (SELECT {IS_UNKNOWN} AS is_unknown OFFSET 0) AS here
"""  # noqa: S608 - constants

# Only ever upwards, even by a latecomer; a returned row means that this statement raised the mark. It waits for nobody:
# whoever has the row locked either raises the mark, too, or holds it, and then no reader is to stand still for that.
RAISE_MARK = """
UPDATE eventstore_tidemark SET
    position = greatest(position, given.to_position), number = greatest(number, given.to_number),
    raised_at = clock_timestamp()
FROM (SELECT %s::text::bigint AS to_position, %s::text::bigint AS to_number) AS given
WHERE id IN (SELECT id FROM eventstore_tidemark WHERE id = 1 FOR UPDATE SKIP LOCKED)
    AND (position < given.to_position OR number < given.to_number)
RETURNING position::text
"""

LIMITED = f"SELECT {LIMIT_TRANSACTION}::text"  # a transaction of one statement and this, which are sent together

# The hint leaves when the raised mark is committed, once for however many events lie below it.
RAISE_MARK_AND_NOTIFY = f"WITH raised AS ({RAISE_MARK}) SELECT position, pg_notify('{CHANNEL}', '') FROM raised"  # noqa: S608 - constants

HERE = "(SELECT oid FROM pg_database WHERE datname = current_database())"

# An update of the mark's row that waits, for the row or for the whole table, and the processes that it waits for.
MARK_BLOCKERS = f"""
SELECT NULL::text, nullif(blocking.pid, 0)
FROM pg_locks AS waiting, unnest(pg_blocking_pids(waiting.pid)) AS blocking (pid)
WHERE NOT waiting.granted AND EXISTS (
    SELECT FROM pg_locks AS own WHERE own.pid = waiting.pid AND own.mode = 'RowExclusiveLock'
        AND own.relation = 'eventstore_tidemark'::regclass AND own.database = {HERE})
"""  # noqa: S608 - constants

CHECKPOINT_BLOCKERS = f"""
SELECT virtualtransaction, pid FROM pg_locks
WHERE relation = 'eventstore_checkpoint'::regclass AND database = {HERE} AND granted AND mode <> 'AccessShareLock'
    AND pid IS DISTINCT FROM pg_backend_pid()
"""  # noqa: S608 - constants

LOCKS_ROWS = "mode NOT IN ('AccessShareLock', 'ShareUpdateExclusiveLock')"  # readers and vacuum keep nobody waiting

# Whoever has the mark's row or its table locked, or is about to raise it.
MARK_HOLDERS = f"""
SELECT virtualtransaction, pid FROM pg_locks
WHERE relation = 'eventstore_tidemark'::regclass AND database = {HERE} AND granted AND {LOCKS_ROWS}
    AND pid IS DISTINCT FROM pg_backend_pid()
"""  # noqa: S608 - constants

# Whoever has locked heads, or their table. Rows that are locked are not listed; that some are, is told by the lock on
# their table. One that waits for a head holds none that matters.
STREAM_HOLDERS = f"""
SELECT virtualtransaction, pid FROM pg_locks AS own
WHERE relation = 'eventstore_stream'::regclass AND database = {HERE} AND granted AND {LOCKS_ROWS}
    AND pid IS DISTINCT FROM pg_backend_pid()
    AND NOT EXISTS (SELECT FROM pg_locks AS waiting WHERE waiting.pid = own.pid AND NOT waiting.granted
        AND waiting.locktype IN ('tuple', 'transactionid'))
"""  # noqa: S608 - constants

# The first who waits for a row holds that row's place in the queue, and the others wait for the first: `blocks` follows
# them to whom all wait for. A head is found by the place of its row.
STREAM_WAITERS = f"""
WITH RECURSIVE waits AS (
    SELECT waiting.pid, blocking.pid AS blocks, place.page, place.tuple
    FROM pg_locks AS waiting
    CROSS JOIN LATERAL unnest(pg_blocking_pids(waiting.pid)) AS blocking (pid)
    LEFT JOIN pg_locks AS place ON place.pid = waiting.pid AND place.locktype = 'tuple'
        AND place.relation = 'eventstore_stream'::regclass AND place.database = {HERE}
    WHERE NOT waiting.granted AND EXISTS (
        SELECT FROM pg_locks AS own WHERE own.pid = waiting.pid AND own.relation = 'eventstore_stream'::regclass
            AND own.database = {HERE})
), chain AS (
    SELECT pid, blocks, page, tuple FROM waits
    UNION SELECT chain.pid, waits.blocks, chain.page, chain.tuple FROM chain JOIN waits ON waits.pid = chain.blocks
)
SELECT blocks, count(DISTINCT pid)::int,
    coalesce(array_agg(DISTINCT head.name) FILTER (WHERE head.name IS NOT NULL), '{{}}')
FROM chain LEFT JOIN LATERAL (
    SELECT category || ' ' || stream_id AS name FROM eventstore_stream
    WHERE ctid = ('(' || chain.page || ',' || chain.tuple || ')')::tid OFFSET 0) AS head ON true
WHERE blocks NOT IN (SELECT pid FROM waits) GROUP BY blocks
"""  # noqa: S608 - constants

# A prepared transaction has no process; which it is, is known by the transaction id that it keeps locked.
DESCRIBE = """
SELECT DISTINCT found.pid, coalesce(prepared.owner, activity.usename), nullif(activity.application_name, ''),
    activity.state, extract(epoch FROM clock_timestamp() - coalesce(prepared.prepared, activity.xact_start))::float8,
    activity.query, prepared.gid
FROM ({found}) AS found (transaction, pid)
LEFT JOIN pg_stat_activity AS activity ON activity.pid = found.pid
LEFT JOIN pg_locks AS own ON found.pid IS NULL AND own.pid IS NULL AND own.locktype = 'transactionid' AND own.granted
    AND own.virtualtransaction = found.transaction
LEFT JOIN pg_prepared_xacts AS prepared ON prepared.transaction = own.transactionid
ORDER BY found.pid
"""

MARK_STATE = """
SELECT position, number, raised_at, clock_timestamp(), least(
    (SELECT recorded_at FROM eventstore_event WHERE position > mark.position ORDER BY position LIMIT 1),
    (SELECT recorded_at FROM eventstore_command WHERE number > mark.number ORDER BY number LIMIT 1))
FROM eventstore_tidemark AS mark
"""

# A promotion and a recovery to a point in time begin a new timeline, a crash does not; another database or table in the
# same cluster comes of a dump that was restored there. A standby has no position of its own to write at.
PLACE = """
SELECT pg_is_in_recovery(), has_function_privilege('pg_control_system()', 'EXECUTE'),
    CASE WHEN NOT pg_is_in_recovery() THEN
        ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint END,
    (SELECT oid::bigint FROM pg_database WHERE datname = current_database()), 'eventstore_event'::regclass::oid::bigint
"""
# Set in the server's configuration by whoever has promoted it, and knows that a quorum held (deploy/ha/promotion.py).
PROMOTED_FROM = "SELECT nullif(current_setting('tidemark.promoted_from', true), '')"
SYSTEM_IDENTIFIER = "SELECT system_identifier::text FROM pg_control_system()"  # too large for JSON's numbers

# By session: who makes a database follow another ends all others (`eventstore.replication`).
_subscribing: Final[WeakKeyDictionary[Any, bool]] = WeakKeyDictionary()

_mark = msgspec.json.Decoder(MarkRow)

# Sessions in a database that was found to follow nobody. That never changes while they last; a standby is asked again
# each time, as its sessions outlive its promotion.
_leading: Final[WeakSet[Any]] = WeakSet()


class Mark:
    """The part of the backend that draws positions, raises the tidemark and finds who holds it back."""

    connection: BaseDatabaseWrapper

    def follows(self) -> bool:
        session = self.connection.connection
        if session is not None and session in _leading:
            return False
        with self.connection.cursor() as cursor:
            cursor.execute(FOLLOWS)
            (follows,) = cursor.fetchone()
        if not follows:
            _leading.add(self.connection.connection)
        return bool(follows)

    def last_drawn(self) -> tuple[int, int]:
        if self.follows():  # its own sequences read ahead of its rows, or were never drawn from
            position, number, _identity = self.read_mark()
            return position, number
        with self.connection.cursor() as cursor:
            cursor.execute(LAST_DRAWN)
            position, number = cursor.fetchone()
        return position, number

    def subscribes(self) -> bool:
        session = self.connection.connection
        if session is None or session not in _subscribing:
            with self.connection.cursor() as cursor:
                cursor.execute(f"SELECT {SUBSCRIBES}")
                session = self.connection.connection
                _subscribing[session] = cursor.fetchone()[0]
        return _subscribing[session]

    def writers(self) -> frozenset[Writer]:
        with self.connection.cursor() as cursor:
            cursor.execute(WRITERS)
            return frozenset(map(Writer._make, cursor.fetchall()))

    def block_writers(self) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(SET_LOCK_TIMEOUT)
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", LOCK)

    def read_mark(self) -> MarkRow:
        return _mark.decode(self._limited(READ_MARK) or b"[0, 0]")

    def place(self) -> Mapping[str, Any] | None:
        with self.connection.cursor() as cursor:
            cursor.execute(PLACE)
            is_standby, may_ask, timeline, database, table = cursor.fetchone()
            if is_standby:
                return None
            place = {"timeline": timeline, "database": database, "table": table}
            if not may_ask:
                return place
            cursor.execute(SYSTEM_IDENTIFIER)
            return {"system_identifier": cursor.fetchone()[0], **place}

    def promoted_from(self) -> int | None:
        with self.connection.cursor() as cursor:
            cursor.execute(PROMOTED_FROM)
            (timeline,) = cursor.fetchone()
        return int(timeline) if timeline and timeline.isdecimal() else None

    def raise_mark(self, position: int, number: int, *, notify: bool) -> bool:
        if self.follows():
            return False
        statement = RAISE_MARK_AND_NOTIFY if notify else RAISE_MARK
        return self._limited(statement, b"%d" % position, b"%d" % number) != b""

    def _limited(self, statement: str, *documents: bytes) -> bytes:
        """The value of a statement that may wait for a table, but not for ever."""
        seconds = lock_timeout(patience.seconds())
        return query_all(self.connection, [(LIMITED, (seconds,)), (statement, documents)])[1]

    def listen(self) -> NotificationListener:
        return NotificationListener(self.connection)

    def mark_state(self) -> MarkState:
        with self.connection.cursor() as cursor:
            cursor.execute(MARK_STATE)
            return MarkState._make(cursor.fetchone())

    def open_writers(self) -> list[BlockingTransaction]:
        return self._describe(WRITERS)

    def mark_blockers(self) -> list[BlockingTransaction]:
        return self._describe(MARK_BLOCKERS)

    def mark_holders(self) -> list[BlockingTransaction]:
        return self._describe(MARK_HOLDERS)

    def stream_blockers(self) -> list[HeldStreams]:
        with self.connection.cursor() as cursor:
            cursor.execute(STREAM_WAITERS)
            waiting = {pid: (count, tuple(streams)) for pid, count, streams in cursor.fetchall()}
        return [HeldStreams(each, *waiting.get(each.pid or 0, ())) for each in self._describe(STREAM_HOLDERS)]

    def checkpoint_blockers(self) -> list[BlockingTransaction]:
        return self._describe(CHECKPOINT_BLOCKERS)

    def _describe(self, found: str) -> list[BlockingTransaction]:
        """The transactions that a statement finds by their virtual id and pid, with what the catalog shows of them."""
        with self.connection.cursor() as cursor:
            cursor.execute(DESCRIBE.format(found=found))
            return list(map(BlockingTransaction._make, cursor.fetchall()))
