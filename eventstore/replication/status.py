"""How far the copy of the log is: the slots that the primary keeps for it, and the tables of the read database."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore import feed, models
from eventstore.backends import store
from eventstore.log.database import primary_rows
from eventstore.log.identity import identity_in
from eventstore.replication.publication import PUBLICATIONS, published, rows
from eventstore.replication.tables import names

GROWING_BYTES: Final = 1 << 30  # of write-ahead log that a slot keeps: what a reader that is away costs the primary

SLOTS: Final = """
SELECT slot_name::text, active, wal_status::text,
    coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::bigint,
    coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn), 0)::bigint, safe_wal_size::bigint
FROM pg_replication_slots
WHERE slot_type = 'logical' AND plugin = 'pgoutput' AND database = current_database() AND NOT temporary
ORDER BY 1
"""

SUBSCRIPTION: Final = """
SELECT subscription.subname::text, subscription.subenabled, worker.pid, worker.received_lsn::text,
    worker.last_msg_receipt_time
FROM pg_subscription AS subscription
LEFT JOIN pg_stat_subscription AS worker ON worker.subid = subscription.oid AND worker.relid IS NULL
WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND EXISTS (SELECT FROM pg_subscription_rel WHERE srsubid = subscription.oid
        AND srrelid = 'eventstore_event'::regclass)
"""
ERRORS: Final = """
SELECT apply_error_count, sync_error_count FROM pg_stat_subscription_stats WHERE subname = %s
"""
TABLES: Final = """
SELECT relname::text, srsubstate::text, coalesce(tuples_processed, 0)::bigint
FROM pg_subscription_rel JOIN pg_class ON pg_class.oid = srrelid
LEFT JOIN pg_stat_progress_copy AS copy ON copy.relid = srrelid AND copy.datname = current_database()
WHERE relname = ANY(%s) ORDER BY 1
"""
STATES: Final = {"i": "waits", "d": "is copied", "f": "is copied", "s": "catches up", "r": "ready"}


@dataclass(frozen=True)
class Slot:
    """A slot of a read database on the primary: what it keeps of the write-ahead log, and how far its reader is."""

    name: str
    active: bool
    wal_status: str
    kept_bytes: int
    behind_bytes: int
    safe_bytes: int | None  # until the server gives the slot up; None without a limit

    @property
    def problem(self) -> str:
        """What is wrong with it, in a sentence; empty if nothing is."""
        if self.wal_status == "lost":
            return f"The slot {self.name} was given up, so its read database has to copy the log anew."
        if not self.active and self.kept_bytes > GROWING_BYTES:
            return f"The slot {self.name} grows: nobody reads it, and it keeps {size(self.kept_bytes)} of log."
        if not self.active:
            return f"Nobody reads the slot {self.name}, for which the primary keeps its write-ahead log."
        if self.wal_status == "unreserved" or self.kept_bytes > GROWING_BYTES:
            return f"The slot {self.name} grows: it keeps {size(self.kept_bytes)} of log."
        return ""


@dataclass(frozen=True)
class Table:
    """A table of the log in the read database: whether it is copied, and the rows that a copy under way has brought."""

    name: str
    state: str
    copied: int


@dataclass(frozen=True)
class Following:
    """What the read database knows of its copy; `position` is 0 while nothing is known to be whole."""

    subscription: str
    enabled: bool
    applies: bool
    received: str | None
    heard_at: datetime | None
    errors: int
    tables: Sequence[Table]
    epoch: int
    log_epoch: int | None
    position: int
    problems: Sequence[str] = field(default_factory=tuple)

    @property
    def ready(self) -> bool:
        """Whether all tables are copied, and have caught up with each other, in the epoch that is known."""
        return not self.problems and all(table.state == "ready" for table in self.tables)

    def as_json(self) -> dict[str, Any]:
        """As JSON values, for scripts."""
        return {**asdict(self), "heard_at": self.heard_at and self.heard_at.isoformat(), "ready": self.ready}


def size(count: int) -> str:
    """A number of bytes in words."""
    return f"{count / (1 << 20):,.1f} MiB"


def slots(connection: BaseDatabaseWrapper) -> list[Slot]:
    """The slots by which read databases get this log."""
    return [Slot(*row) for row in rows(connection, SLOTS)]


def lacking(connection: BaseDatabaseWrapper) -> list[str]:
    """The tables of the log that its publications lack, as after an upgrade; none where nothing is published."""
    there = published(connection)
    if not set(there) & set(PUBLICATIONS):
        return []
    wanted = {(name, table) for name, (_what, tables) in PUBLICATIONS.items() for table in names(tables)}
    return sorted(table for name, table in wanted if table not in there.get(name, ()))


def following(connection: BaseDatabaseWrapper) -> Following | None:
    """How far this read database is; None for a database that follows none."""
    follower = models.Follower.objects.using(connection.alias).first()
    if follower is None:
        return None
    newest = primary_rows(models.Epoch).order_by("-epoch").first()
    found = rows(connection, SUBSCRIPTION)
    name, enabled, pid, received, heard_at = found[0] if found else (follower.subscription, False, None, None, None)
    tables = [Table(table, STATES[state], copied) for table, state, copied in rows(connection, TABLES, [_log_tables()])]
    return Following(
        subscription=name,
        enabled=enabled,
        applies=pid is not None,
        received=received,
        heard_at=heard_at,
        errors=_errors(connection, name),
        tables=tables,
        epoch=follower.epoch,
        log_epoch=newest.epoch if newest else None,
        position=feed.tidemark(),
        problems=tuple(_problems(bool(found), enabled, follower, newest, tables)),
    )


def _problems(
    subscribed: bool, enabled: bool, follower: models.Follower, newest: models.Epoch | None, tables: Sequence[Table]
) -> list[str]:
    found = []
    if not subscribed:
        found.append("It subscribes no longer: what is here stays as it is, and nothing new comes.")
    elif not enabled:
        found.append("The subscription is disabled: nothing new comes. ALTER SUBSCRIPTION … ENABLE")
    is_copied = all(table.state == "ready" for table in tables)
    known = (follower.log_id, follower.epoch, follower.began_at)
    if newest and is_copied and (newest.log_id, newest.epoch, newest.began_at) != known:
        found.append(
            f"The log is in epoch {identity_in(newest).epoch}, and what is here was copied in epoch {follower.epoch}. "
            "What the log has lost may be here still, so nothing here counts as known. Compare it with the primary "
            "(--compare), or copy it anew (--follow … --anew)."
        )
    return found


def _errors(connection: BaseDatabaseWrapper, name: str) -> int:
    """How often applying or copying failed, as servers from version 15 on count it."""
    if not rows(connection, "SELECT to_regclass('pg_stat_subscription_stats') IS NOT NULL")[0][0]:
        return 0
    return sum(count for row in rows(connection, ERRORS, [name]) for count in row)


def _log_tables() -> list[str]:
    return sorted(table for _what, tables in PUBLICATIONS.values() for table in names(tables))


def subscribes() -> bool:
    """Whether the present database is a read database."""
    return store().subscribes()
