"""PostgreSQL: which processes hold up the tidemark or the checkpoints at this moment, and what they are about.

All of it is read from the catalog, which nobody can lock. What a process runs, and since when, the database tells to a
superuser, to the process's own role, and to members of `pg_read_all_stats`; others learn its pid, role and program.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.backends.base.base import BaseDatabaseWrapper

LOCK = (1953064037, 1835102827)  # "tide", "mark": the advisory lock of migration 0002

# Who waits for the lock has not drawn yet, and who holds it alone (a rebuild) never draws. A prepared transaction has
# no process, but holds the lock all the same.
WRITERS = f"""
SELECT virtualtransaction, pid FROM pg_locks
WHERE locktype = 'advisory' AND classid = {LOCK[0]} AND objid = {LOCK[1]} AND objsubid = 2
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND mode = 'ShareLock' AND granted AND pid IS DISTINCT FROM pg_backend_pid()
"""  # noqa: S608 - two constants

_HERE = "(SELECT oid FROM pg_database WHERE datname = current_database())"

# An update of the mark's row that waits, for the row or for the whole table, and whom it waits for.
_IN_THE_WAY_OF_THE_MARK = f"""
SELECT NULL::text, nullif(blocking.pid, 0)
FROM pg_locks AS waiting, unnest(pg_blocking_pids(waiting.pid)) AS blocking (pid)
WHERE NOT waiting.granted AND EXISTS (
    SELECT FROM pg_locks AS own WHERE own.pid = waiting.pid AND own.mode = 'RowExclusiveLock'
        AND own.relation = 'eventstore_tidemark'::regclass AND own.database = {_HERE})
"""  # noqa: S608 - constants

_AT_THE_CHECKPOINTS = f"""
SELECT virtualtransaction, pid FROM pg_locks
WHERE relation = 'eventstore_checkpoint'::regclass AND database = {_HERE} AND granted AND mode <> 'AccessShareLock'
    AND pid IS DISTINCT FROM pg_backend_pid()
"""  # noqa: S608 - constants

# A prepared transaction has no process; which it is, is known by the transaction id that it keeps locked.
_DESCRIBED = """
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

_STANDING = """
SELECT position, number, raised_at, clock_timestamp(), least(
    (SELECT recorded_at FROM eventstore_event WHERE position > mark.position ORDER BY position LIMIT 1),
    (SELECT recorded_at FROM eventstore_command WHERE number > mark.number ORDER BY number LIMIT 1))
FROM eventstore_tidemark AS mark
"""


class Holder(NamedTuple):
    """A transaction that others wait for. What the role may not see, or what does not apply, is None."""

    pid: int | None  # a prepared transaction has none
    role: str | None
    program: str | None
    state: str | None
    open_for: float | None  # seconds
    query: str | None
    prepared: str | None  # the name under which it was prepared

    def is_older_than(self, seconds: float, *, otherwise: bool) -> bool:
        """Whether the transaction has been open for longer; `otherwise` where nobody may know."""
        return otherwise if self.open_for is None else self.open_for > seconds


class MarkState(NamedTuple):
    """Where the tidemark stands, and since when there is something above it that could be read otherwise."""

    position: int
    number: int
    raised_at: datetime
    now: datetime
    hidden_since: datetime | None  # by the oldest event or command that is committed above the mark

    @property
    def held_for(self) -> timedelta:
        """For how long the mark has stood below what is committed, at least."""
        if self.hidden_since is None:
            return timedelta(0)
        return self.now - max(self.hidden_since, self.raised_at)


def mark_state(connection: BaseDatabaseWrapper) -> MarkState:
    """Where the mark stands, without raising it."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING)
        return MarkState._make(cursor.fetchone())


def writers(connection: BaseDatabaseWrapper) -> list[Holder]:
    """Transactions that may hold a position which they have not committed yet."""
    return _described(connection, WRITERS)


def in_the_way_of_the_mark(connection: BaseDatabaseWrapper) -> list[Holder]:
    """Transactions that somebody who wants to raise the mark waits for."""
    return _described(connection, _IN_THE_WAY_OF_THE_MARK)


def at_the_checkpoints(connection: BaseDatabaseWrapper) -> list[Holder]:
    """Transactions that may have checkpoints locked: runners at work, or somebody who should not."""
    return _described(connection, _AT_THE_CHECKPOINTS)


def _described(connection: BaseDatabaseWrapper, found: str) -> list[Holder]:
    with connection.cursor() as cursor:
        cursor.execute(_DESCRIBED.format(found=found))
        return list(map(Holder._make, cursor.fetchall()))
