"""The ranges that were detached: where each lies now, and that a read which needs one says so.

The tidemark's row tells where each store begins. It moves before a partition goes, so whoever reads rows first and that
row after them never takes what is missing for what was never there.
"""

from typing import Final, NamedTuple

from django.db import DatabaseError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore.backends import store
from eventstore.errors import RangeDetached
from eventstore.partitions.stores import COMMANDS, DETACHED, EVENTS, Store

CREATE: Final = f"""
CREATE TABLE IF NOT EXISTS {DETACHED} (
    store text NOT NULL, first bigint NOT NULL, "end" bigint NOT NULL, name text NOT NULL, rows bigint NOT NULL,
    archive text NOT NULL, is_dropped boolean NOT NULL DEFAULT false,
    detached_at timestamptz NOT NULL DEFAULT clock_timestamp(), PRIMARY KEY (store, first)
)
"""
RANGES: Final = f"""
SELECT store, first, "end", name, rows, archive, is_dropped FROM {DETACHED} ORDER BY store, first
"""  # noqa: S608 - a constant
FIRST: Final = "SELECT first_position, first_number FROM eventstore_tidemark WHERE id = 1"


class Range(NamedTuple):
    """A range from its first position, or number, to before `end`, that lies in an archive."""

    store: str
    first: int
    end: int
    name: str
    rows: int
    archive: str
    is_dropped: bool


def ranges(connection: BaseDatabaseWrapper) -> list[Range]:
    """The ranges that were detached; none where nothing ever was."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [DETACHED])
        if cursor.fetchone() != (True,):
            return []
        cursor.execute(RANGES)
        return list(map(Range._make, cursor.fetchall()))


def must_hold_events(first: int) -> None:
    """Raise RangeDetached if events from this position on may have been detached; to be called after the read."""
    _must_hold(EVENTS, first)


def must_hold_commands(first: int) -> None:
    """The same of a command's number."""
    _must_hold(COMMANDS, first)


def _must_hold(wanted: Store, first: int) -> None:
    connection = store().connection
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(FIRST)
        begins = (cursor.fetchone() or (0, 0))[wanted == COMMANDS]
    if first < begins:
        raise RangeDetached(wanted.name, first, begins - 1, _archive(connection, wanted, first))


def _archive(connection: BaseDatabaseWrapper, wanted: Store, first: int) -> str:
    """The address of the archive that has a position; empty where this role may not know."""
    try:
        with transaction.atomic(using=connection.alias):
            found = [each for each in ranges(connection) if each.store == wanted.name and first < each.end]
    except DatabaseError:
        return ""
    return found[0].archive if found else ""
