"""The browsing indexes: people look through the stores by them, and no command, feed or rebuild needs them.

They take a fifth of the stores' size, so a site may have them in its read database alone (EVENTSTORE_BROWSING_INDEXES).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

from eventstore.backends.configured import setting
from eventstore.models import Command, Event

NEWEST: Final = 100_000  # rows that a list looks through where it lacks its index

PARTITIONS: Final = """
SELECT quote_ident(child.relname), child.relname FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid
WHERE inhparent = to_regclass(%s) AND child.relkind = 'r' ORDER BY 1
"""
IS_PARTITIONED: Final = "SELECT relkind = 'p' FROM pg_class WHERE oid = to_regclass(%s)"
INVALID: Final = """
SELECT quote_ident(relname) FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
WHERE indrelid = to_regclass(%s) AND NOT indisvalid AND relname = %s
"""


@dataclass(frozen=True)
class BrowsingIndex:
    """An index of a model, and what is slow without it."""

    name: str
    model: type[Model]
    slow: str

    @property
    def columns(self) -> Sequence[str]:
        """The columns of the index, in their order."""
        (index,) = (each for each in self.model._meta.indexes if each.name == self.name)
        return list(index.fields)  # their names are those of the columns

    @property
    def table(self) -> str:
        """The table of the model."""
        return self.model._meta.db_table


BROWSING: Final = {
    index.name: index
    for index in (
        BrowsingIndex("eventstore_event_type", Event, "events of one type or category in the admin, and erasures"),
        BrowsingIndex("eventstore_command_actor", Command, "commands of one actor in the admin; reads by followers"),
        BrowsingIndex("eventstore_command_type", Command, "commands of one type in the admin"),
    )
}


def are_wanted() -> bool:
    """Whether this database is to have them: the setting EVENTSTORE_BROWSING_INDEXES, on by default."""
    return bool(setting("EVENTSTORE_BROWSING_INDEXES", True))


def there(connection: BaseDatabaseWrapper) -> dict[str, bool]:
    """Whether each of them is in a database, whole."""
    found = {}
    for name, index in BROWSING.items():
        with connection.cursor() as cursor:
            constraints = connection.introspection.get_constraints(cursor, index.table)
        found[name] = name in constraints and not _is_invalid(connection, index)
    return found


def create(connection: BaseDatabaseWrapper, index: BrowsingIndex) -> list[str]:
    """Make an index while the site goes on; returns what was done. One that was interrupted is made anew."""
    return _run(connection, list(_creation(connection, index)))


def drop(connection: BaseDatabaseWrapper, index: BrowsingIndex) -> list[str]:
    """Drop an index while the site goes on; returns what was done."""
    concurrently = "CONCURRENTLY " if _is_postgresql(connection) and not _is_partitioned(connection, index) else ""
    return _run(connection, [f"DROP INDEX {concurrently}IF EXISTS {connection.ops.quote_name(index.name)}"])


def _creation(connection: BaseDatabaseWrapper, index: BrowsingIndex) -> Iterator[str]:
    quoted = connection.ops.quote_name
    name, table, columns = quoted(index.name), quoted(index.table), ", ".join(map(quoted, index.columns))
    if not _is_postgresql(connection):
        yield f"CREATE INDEX IF NOT EXISTS {name} ON {table} ({columns})"
        return
    if _is_invalid(connection, index) and not _is_partitioned(connection, index):
        yield f"DROP INDEX CONCURRENTLY {name}"
    if not _is_partitioned(connection, index):
        yield f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON {table} ({columns})"
        return
    # A partitioned table takes no concurrent index: each partition gets its own, and the last makes the whole valid.
    yield f"CREATE INDEX IF NOT EXISTS {name} ON ONLY {table} ({columns})"
    for partition, plain in _rows(connection, PARTITIONS, [index.table]):
        part = quoted(f"{plain[: 62 - len(index.name)]}_{index.name.removeprefix('eventstore_')}")
        yield f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {part} ON {partition} ({columns})"
        yield f"ALTER INDEX {name} ATTACH PARTITION {part}"


def _run(connection: BaseDatabaseWrapper, statements: list[str]) -> list[str]:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    return statements


def _is_postgresql(connection: BaseDatabaseWrapper) -> bool:
    return connection.vendor == "postgresql"


def _is_partitioned(connection: BaseDatabaseWrapper, index: BrowsingIndex) -> bool:
    return bool(_rows(connection, IS_PARTITIONED, [index.table])[0][0])


def _is_invalid(connection: BaseDatabaseWrapper, index: BrowsingIndex) -> bool:
    """Whether making it was interrupted: then it costs as much as a whole one, and serves nobody."""
    return _is_postgresql(connection) and bool(_rows(connection, INVALID, [index.table, index.name]))


def _rows(connection: BaseDatabaseWrapper, statement: str, parameters: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        found: list[Any] = cursor.fetchall()
    return found
