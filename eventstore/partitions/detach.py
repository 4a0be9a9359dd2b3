"""Detaches cold partitions, whose rows a signed head and an archive vouch for, while the site runs.

The order makes it safe to be killed anywhere: first the tidemark's row tells where the log begins from now on, so that
whoever needs what comes before it hears so; then the partitions go, one by one. The next call goes on with those that
are still there. PostgreSQL detaches no partition beside writers as long as there is a default one, so that is away
meanwhile: there are whole empty partitions ahead, or nothing is detached.
"""

from typing import Final

from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore.partitions.ahead import default_restored, left
from eventstore.partitions.catalogue import Partition, is_empty, is_partitioned, last_drawn, partitions, rows_of
from eventstore.partitions.coverage import must_be_covered
from eventstore.partitions.errors import CannotPartition
from eventstore.partitions.patience import patiently
from eventstore.partitions.stores import DETACHED, EVENTS, Store

NOTE: Final = f"""
INSERT INTO {DETACHED} (store, first, "end", name, rows, archive) VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (store, first) DO UPDATE SET archive = EXCLUDED.archive
"""  # noqa: S608 - a constant
BEGIN: Final = "UPDATE eventstore_tidemark SET {column} = greatest({column}, %s) WHERE id = 1"
DROPPED: Final = f"UPDATE {DETACHED} SET is_dropped = true WHERE store = %s AND name = %s"  # noqa: S608 - a constant


def detach(
    connection: BaseDatabaseWrapper, store: Store, before: int, archive: str, *, size: int, drop: bool = False
) -> list[str]:
    """Detach the partitions that end at a position, or number, or before it; returns their names.

    They stay as tables of their own, unless `drop` deletes them. Raises CannotPartition unless a signed head that is
    kept outside covers them, and the archive is sound and has them row by row; nothing was changed then.
    """
    chosen = _chosen(connection, store, before)
    must_be_covered(connection, store, chosen, archive)
    patiently(connection, lambda: _note(connection, store, chosen, archive))
    patiently(connection, lambda: _without_default(connection, store))
    try:
        for each in chosen:
            _detach(connection, store, each)
    finally:
        default_restored(connection, store, size)
    if drop:
        for each in chosen:
            patiently(connection, lambda each=each: _drop(connection, store, each))  # type: ignore[misc]
    return [each.name for each in chosen]


def _chosen(connection: BaseDatabaseWrapper, store: Store, before: int) -> list[Partition]:
    if connection.vendor != "postgresql" or not is_partitioned(connection, store):
        raise CannotPartition("The stores are not partitioned: manage.py partitions --adopt")
    if connection.in_atomic_block:
        raise CannotPartition("Partitions are detached in transactions of their own, not in one of the caller's.")
    found = [each for each in partitions(connection, store) if each.end is not None]
    chosen = [each for each in found if each.end is not None and each.end <= before]
    if not chosen:
        raise CannotPartition(f"No partition of {store.name} ends at {before} or before. See manage.py partitions.")
    ahead = [each for each in found if (each.first or 0) > last_drawn(connection, store)]
    if not ahead or left(connection, store) < 1:
        raise CannotPartition(
            "There is no empty partition ahead, and the default one has to go meanwhile: manage.py partitions --ahead 2"
        )
    return chosen


def _note(connection: BaseDatabaseWrapper, store: Store, chosen: list[Partition], archive: str) -> None:
    column = "first_position" if store == EVENTS else "first_number"
    with connection.cursor() as cursor:
        for each in chosen:
            rows = rows_of(connection, each.name)
            cursor.execute(NOTE, [store.name, each.first, each.end, each.name, rows, archive])
        cursor.execute(BEGIN.format(column=column), [max(each.end or 0 for each in chosen)])


def _without_default(connection: BaseDatabaseWrapper, store: Store) -> None:
    default = next((each for each in partitions(connection, store) if each.is_default), None)
    if default is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {store.table} IN ACCESS EXCLUSIVE MODE")
        if not is_empty(connection, default.name):
            raise CannotPartition("The default partition has rows: manage.py partitions --ahead 2 makes one of them.")
        cursor.execute(f'ALTER TABLE {store.table} DETACH PARTITION "{default.name}"')
        cursor.execute(f'DROP TABLE "{default.name}"')


def _detach(connection: BaseDatabaseWrapper, store: Store, each: Partition) -> None:
    """Beside readers and writers, who go on; one that was interrupted is ended."""
    how = "FINALIZE" if each.is_being_detached else "CONCURRENTLY"
    with connection.cursor() as cursor:
        cursor.execute(f'ALTER TABLE {store.table} DETACH PARTITION "{each.name}" {how}')


def _drop(connection: BaseDatabaseWrapper, store: Store, each: Partition) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'DROP TABLE "{each.name}"')
        cursor.execute(DROPPED, [store.name, each.name])
