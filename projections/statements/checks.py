"""A system check of the database triggers that keep issued statements unchanged.

It runs under `manage.py check --database default`, `migrate` and `doctor`. A trigger can be lost by accident: SQLite
drops those of a table that a migration makes anew.
"""

from collections.abc import Collection
from typing import Any, Final

from django.core.checks import CheckMessage, Error
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore.checks import check_reachable
from eventstore.log import log_database

# The triggers that are on. PostgreSQL's `A` is ENABLE ALWAYS: on also where replication writes.
POSTGRESQL: Final = """
SELECT tgname FROM pg_trigger WHERE tgrelid = to_regclass('projections_statement') AND tgenabled = 'A'
"""
SQLITE: Final = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'projections_statement'"
TRIGGERS_ON: Final = {"postgresql": POSTGRESQL, "sqlite": SQLITE}

GUARD_TRIGGERS: Final = {
    "postgresql": {"append_only"},
    "sqlite": {f"projections_statement_{name}" for name in ("no_update", "no_delete", "no_replace")},
}


def check_statements(databases: Collection[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Reports each missing trigger as projections.E001; the engine reports a database that does not answer."""
    connection = connections[log_database()]
    if connection.alias not in (databases or ()) or check_reachable(connection) or not _has_table(connection):
        return []
    missing = GUARD_TRIGGERS[connection.vendor] - _triggers_on(connection)
    return [
        Error(
            f"The guard {name} of projections_statement is missing or off: issued statements could be changed.",
            hint="Create it again as the migration 0004 of projections does, then find out who dropped it.",
            id="projections.E001",
        )
        for name in sorted(missing)
    ]


def _has_table(connection: BaseDatabaseWrapper) -> bool:
    """Whether the table exists: `migrate` runs the checks before it makes the table."""
    return "projections_statement" in connection.introspection.table_names()


def _triggers_on(connection: BaseDatabaseWrapper) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(TRIGGERS_ON[connection.vendor])
        return {name for (name,) in cursor.fetchall()}
