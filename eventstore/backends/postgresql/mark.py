"""PostgreSQL: raising the tidemark, and the transactions that hold up the mark or the checkpoints at this moment.

Blocking transactions are read from the catalog, which nobody can lock. PostgreSQL shows what a process runs, and since
when, to a superuser, to the process's own role, and to members of `pg_read_all_stats`; other roles see its pid, role
and program.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore.backends.activity import BlockingTransaction, MarkState
from eventstore.backends.postgresql.notify import CHANNEL, NotificationListener
from eventstore.backends.postgresql.tables import SET_LOCK_TIMEOUT
from eventstore.backends.rows import Writer

LOCK = (1953064037, 1835102827)  # "tide", "mark": the advisory lock of migration 0002

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

READ_MARK = "SELECT position, number FROM eventstore_tidemark"

# Only ever upwards, even by a latecomer; a returned row means that this statement raised the mark.
RAISE_MARK = """
UPDATE eventstore_tidemark SET
    position = greatest(position, %(position)s), number = greatest(number, %(number)s), raised_at = clock_timestamp()
WHERE id = 1 AND (position < %(position)s OR number < %(number)s)
RETURNING position
"""

# The hint leaves when the raised mark is committed, once for however many events lie below it.
RAISE_MARK_AND_NOTIFY = f"WITH raised AS ({RAISE_MARK}) SELECT pg_notify('{CHANNEL}', '') FROM raised"  # noqa: S608 - constants

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


class Mark:
    """The part of the backend that draws positions, raises the tidemark and finds who holds it back."""

    connection: BaseDatabaseWrapper

    def last_drawn(self) -> tuple[int, int]:
        with self.connection.cursor() as cursor:
            cursor.execute(LAST_DRAWN)
            position, number = cursor.fetchone()
        return position, number

    def writers(self) -> frozenset[Writer]:
        with self.connection.cursor() as cursor:
            cursor.execute(WRITERS)
            return frozenset(map(Writer._make, cursor.fetchall()))

    def block_writers(self) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(SET_LOCK_TIMEOUT)
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", LOCK)

    def read_mark(self) -> tuple[int, int]:
        with self.connection.cursor() as cursor:
            cursor.execute(READ_MARK)
            position, number = cursor.fetchone() or (0, 0)
        return position, number

    def raise_mark(self, position: int, number: int, *, notify: bool) -> bool:
        with self.connection.cursor() as cursor:
            cursor.execute(RAISE_MARK_AND_NOTIFY if notify else RAISE_MARK, {"position": position, "number": number})
            return cursor.fetchone() is not None

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

    def checkpoint_blockers(self) -> list[BlockingTransaction]:
        return self._describe(CHECKPOINT_BLOCKERS)

    def _describe(self, found: str) -> list[BlockingTransaction]:
        """The transactions that a statement finds by their virtual id and pid, with what the catalog shows of them."""
        with self.connection.cursor() as cursor:
            cursor.execute(DESCRIBE.format(found=found))
            return list(map(BlockingTransaction._make, cursor.fetchall()))
