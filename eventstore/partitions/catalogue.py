"""The partitions that there are, by PostgreSQL's own catalog: the only list of them."""

import re
from typing import Any, Final, NamedTuple

from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore.partitions.stores import STORES, Store

BOUNDS: Final = re.compile(r"FOR VALUES FROM \((?:'?(-?\d+)'?|MINVALUE)\) TO \('?(\d+)'?\)")

IS_PARTITIONED: Final = "SELECT relkind = 'p' FROM pg_class WHERE oid = to_regclass(%s)"

PARTITIONS: Final = """
SELECT child.relname, pg_get_expr(child.relpartbound, child.oid), child.reltuples::bigint,
    pg_total_relation_size(child.oid), inhdetachpending
FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid
WHERE inhparent = to_regclass(%s)
"""

PARTMAN: Final = "SELECT extnamespace::regnamespace::text FROM pg_extension WHERE extname = 'pg_partman'"


class Partition(NamedTuple):
    """A partition: from its first position or number to before `end`, or the default one without any."""

    store: Store
    name: str
    first: int | None
    end: int | None
    rows: int  # as of the last ANALYZE; -1 before any
    bytes: int
    is_being_detached: bool

    @property
    def is_default(self) -> bool:
        return self.end is None


def is_partitioned(connection: BaseDatabaseWrapper, store: Store | None = None) -> bool:
    """Whether a store, or without one both, are partitioned; never on another database than PostgreSQL."""
    if connection.vendor != "postgresql":
        return False
    wanted = STORES if store is None else (store,)
    return all(_first(connection, IS_PARTITIONED, each.table) for each in wanted)


def partitions(connection: BaseDatabaseWrapper, store: Store) -> list[Partition]:
    """The partitions of a store in order, the default one last; none where it is one table."""
    with connection.cursor() as cursor:
        cursor.execute(PARTITIONS, [store.table])
        found = [Partition(store, name, *_bounds(bound), *row) for name, bound, *row in cursor.fetchall()]
    return sorted(found, key=lambda each: (each.is_default, each.first or 0))


def rows_of(connection: BaseDatabaseWrapper, name: str) -> int:
    """How many rows a partition has, counted."""
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT count(*) FROM "{name}"')  # noqa: S608 - a table's name
        (count,) = cursor.fetchone()
    return int(count)


def is_empty(connection: BaseDatabaseWrapper, name: str) -> bool:
    """Whether a partition has no rows."""
    return not _first(connection, f'SELECT EXISTS (SELECT FROM "{name}")')  # noqa: S608 - a table's name


def last_drawn(connection: BaseDatabaseWrapper, store: Store) -> int:
    """The last position or number that was given out."""
    found = _first(connection, f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {store.sequence}")  # noqa: S608 - a constant
    return int(found)


def partman_schema(connection: BaseDatabaseWrapper) -> str | None:
    """The schema of pg_partman, where that is installed."""
    found = _first(connection, PARTMAN)
    return None if found is None else str(found)


def partman_manages(connection: BaseDatabaseWrapper, store: Store) -> bool:
    """Whether pg_partman makes the partitions of a store."""
    schema = partman_schema(connection)
    if schema is None:
        return False
    statement = f"SELECT EXISTS (SELECT FROM {schema}.part_config WHERE parent_table LIKE %s)"  # noqa: S608 - a schema's name
    return bool(_first(connection, statement, f"%.{store.table}"))


def _bounds(text: str) -> tuple[int | None, int | None]:
    found = BOUNDS.fullmatch(text)
    return (None, None) if found is None else (int(found[1] or 0), int(found[2]))


def _first(connection: BaseDatabaseWrapper, statement: str, *parameters: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        row = cursor.fetchone()
    return None if row is None else row[0]
