"""The primary's side: publications of the tables of the log, by name, and a role that may read them."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

from eventstore.replication.errors import ReplicationError
from eventstore.replication.tables import FACTS, STATE, names

FACTS_NAME: Final = "tidemark_facts"
STATE_NAME: Final = "tidemark_state"

# What is published of each, and of which tables. By the root, so that partitions need not be the same on both sides.
PUBLICATIONS: Final[dict[str, tuple[str, Sequence[type[Model]]]]] = {
    FACTS_NAME: ("insert", FACTS),
    STATE_NAME: ("insert, update, delete", STATE),
}
MIGRATIONS: Final = "django_migrations"  # the read database compares them before it follows

PUBLISHED = """
SELECT pubname, array_agg(tablename::text ORDER BY tablename) FROM pg_publication_tables
WHERE schemaname = current_schema() GROUP BY pubname ORDER BY pubname
"""
OPTIONS = """
SELECT pubname, puballtables, pubinsert, pubupdate, pubdelete, pubtruncate, pubviaroot FROM pg_publication
"""
WAL_LEVEL = "SELECT current_setting('wal_level'), current_setting('max_slot_wal_keep_size')"
ROLE = "SELECT rolreplication OR rolsuper FROM pg_roles WHERE rolname = %s"


def statements(connection: BaseDatabaseWrapper, role: str = "") -> Iterator[str]:
    """Yields the SQL that publishes the log, as far as that is not done, and that a replication role needs."""
    there = published(connection)
    for name, (operations, tables) in PUBLICATIONS.items():
        listed = ", ".join(map(connection.ops.quote_name, names(tables)))
        options = f"(publish = '{operations}', publish_via_partition_root = true)"
        if name not in there:
            yield f"CREATE PUBLICATION {name} FOR TABLE {listed} WITH {options};"
        elif there[name] != sorted(names(tables)):
            yield f"ALTER PUBLICATION {name} SET TABLE {listed};"
    if role:
        yield from _rights(connection, role)


def _rights(connection: BaseDatabaseWrapper, role: str) -> Iterator[str]:
    """What a role needs to copy the tables and to receive what follows, and no more."""
    quoted = f'"{role.replace(chr(34), chr(34) * 2)}"'
    found = rows(connection, ROLE, [role])
    if not found:
        yield f"CREATE ROLE {quoted} LOGIN REPLICATION;  -- and give it a password: \\password {quoted}"
    elif not found[0][0]:
        yield f"ALTER ROLE {quoted} REPLICATION;"
    ((schema,),) = rows(connection, "SELECT quote_ident(current_schema())")
    yield f"GRANT USAGE ON SCHEMA {schema} TO {quoted};"
    listed = ", ".join(map(connection.ops.quote_name, [*names(FACTS), *names(STATE), MIGRATIONS]))
    yield f"GRANT SELECT ON {listed} TO {quoted};"


def publish(connection: BaseDatabaseWrapper, role: str = "") -> list[str]:
    """Publish the log; returns what was done. Raises ReplicationError where the server does not write what it takes."""
    must_be_logical(rows(connection, WAL_LEVEL)[0][0])
    done = list(statements(connection, role))
    with connection.cursor() as cursor:
        for statement in done:
            cursor.execute(statement.partition(";")[0])
    return done


def must_be_logical(wal_level: str) -> None:
    """Raises ReplicationError for a server that does not log what logical replication needs."""
    if wal_level != "logical":
        raise ReplicationError(
            f"The primary runs with wal_level = {wal_level}, and logical replication needs wal_level = logical. As a "
            "superuser: ALTER SYSTEM SET wal_level = logical; then restart PostgreSQL."
        )


def published(connection: BaseDatabaseWrapper) -> dict[str, list[str]]:
    """The tables of each publication in this database."""
    return dict(rows(connection, PUBLISHED))


def unpublish(connection: BaseDatabaseWrapper) -> list[str]:
    """Drop the publications of the log; returns what was done."""
    done = [f"DROP PUBLICATION {name};" for name in PUBLICATIONS if name in published(connection)]
    with connection.cursor() as cursor:
        for statement in done:
            cursor.execute(statement)
    return done


def rows(connection: BaseDatabaseWrapper, statement: str, parameters: Sequence[Any] = ()) -> list[Any]:
    """The rows that a statement gives."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        found: list[Any] = cursor.fetchall()
    return found
