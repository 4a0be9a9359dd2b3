"""Makes partitions before they are needed, and repairs what was too late: no row is ever refused for want of one."""

from functools import partial
from typing import Final

from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore.partitions import guards
from eventstore.partitions.catalogue import Partition, is_empty, is_partitioned, last_drawn, partitions
from eventstore.partitions.errors import CannotPartition
from eventstore.partitions.patience import ATTEMPTS, patiently
from eventstore.partitions.stores import STORES, Store

OWNER: Final = "SELECT quote_ident(pg_get_userbyid(relowner)) FROM pg_class WHERE oid = %s::regclass"


def make_ahead(connection: BaseDatabaseWrapper, *, ahead: int, size: int, attempts: int = ATTEMPTS) -> list[str]:
    """Have so many empty partitions beyond the one that is written to; returns the names of those that were made.

    `size` is in positions, or numbers. What the default partition has caught becomes a partition as it is. Raises
    CannotPartition where the stores are not partitioned, or when a lock was not free in so many attempts.
    """
    made = []
    for store in STORES:
        if not is_partitioned(connection, store):
            raise CannotPartition("The stores are not partitioned yet: manage.py partitions --adopt")
        made += default_restored(connection, store, size)
        while _ahead(connection, store) < ahead:
            step = partial(_add, connection, store, size)
            made.append(patiently(connection, step, attempts))
    return made


def left(connection: BaseDatabaseWrapper, store: Store) -> int:
    """How many positions, or numbers, can be drawn until the default partition is needed."""
    return _end(partitions(connection, store)) - last_drawn(connection, store) - 1


def create(connection: BaseDatabaseWrapper, store: Store, name: str, *, like: str, bound: str) -> None:
    """Make an empty partition with all that belongs to one, and attach it; within a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE TABLE "{name}" (LIKE "{like}" INCLUDING ALL)')
        owned(connection, store, name)
        for statement in guards.of_statements(store, name):
            cursor.execute(statement)
        cursor.execute(f'ALTER TABLE {store.table} ATTACH PARTITION "{name}" {bound}')


def owned(connection: BaseDatabaseWrapper, store: Store, name: str) -> None:
    """Give a new table the owner that the store has."""
    with connection.cursor() as cursor:
        cursor.execute(OWNER, [store.table])
        (owner,) = cursor.fetchone()
        cursor.execute(f'ALTER TABLE "{name}" OWNER TO {owner}')


def bound_of(first: int, end: int) -> str:
    """The bound of a partition, for ATTACH."""
    return f"FOR VALUES FROM ({first}) TO ({end})"


def _end(found: list[Partition]) -> int:
    return max(each.end for each in found if each.end is not None)


def _ahead(connection: BaseDatabaseWrapper, store: Store) -> int:
    """How many partitions begin beyond the next position."""
    following = last_drawn(connection, store) + 1
    return sum(each.first is not None and each.first > following for each in partitions(connection, store))


def _add(connection: BaseDatabaseWrapper, store: Store, size: int) -> str:
    found = partitions(connection, store)
    first = _end(found)
    name = store.partition(first)
    newest = max((each for each in found if not each.is_default), key=lambda each: each.first or 0)
    create(connection, store, name, like=newest.name, bound=bound_of(first, (first // size + 1) * size))
    return name


def default_restored(connection: BaseDatabaseWrapper, store: Store, size: int) -> list[str]:
    """See to it that there is an empty default partition; returns the name of one that was made of a full one."""
    default = next((each for each in partitions(connection, store) if each.is_default), None)
    if default is None:
        like = partitions(connection, store)[-1].name
        patiently(connection, lambda: create(connection, store, store.default, like=like, bound="DEFAULT"))
    elif not is_empty(connection, default.name):
        return [patiently(connection, lambda: _promote(connection, store, default, size))]
    return []


def _promote(connection: BaseDatabaseWrapper, store: Store, default: Partition, size: int) -> str:
    """The default partition becomes the one that was missing, with its rows where they are; another takes its place."""
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {store.table} IN ACCESS EXCLUSIVE MODE")
        first = _end(partitions(connection, store))
        end = (last_drawn(connection, store) // size + 2) * size
        name = store.partition(first)
        cursor.execute(f'ALTER TABLE {store.table} DETACH PARTITION "{default.name}"')
        cursor.execute(f'ALTER TABLE "{default.name}" RENAME TO "{name}"')
        cursor.execute(f'ALTER TABLE {store.table} ATTACH PARTITION "{name}" {bound_of(first, end)}')
    create(connection, store, store.default, like=name, bound="DEFAULT")
    return name
