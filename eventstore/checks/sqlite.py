"""Checks of SQLite: pragmas that lose answered commands or make readers wait, guards that are missing."""

from collections.abc import Iterator

from django.core import checks
from django.core.checks import CheckMessage
from django.db.backends.base.base import BaseDatabaseWrapper

# pragma -> (allowed values, consequence of others)
PRAGMAS = {
    "journal_mode": (("wal",), "readers wait for writers, and writers for readers"),
    "synchronous": ((2, 3), "a command that was answered can be lost in a power cut"),
    "foreign_keys": ((1,), "rows can refer to what is not there"),
}
WANTED = {"journal_mode": "WAL", "synchronous": "FULL", "foreign_keys": "ON"}

GUARD_TRIGGERS = [
    f"eventstore_{table}_{name}"
    for table, drawn in (("event", "position"), ("command", "number"))
    for name in ("no_update", "no_delete", "no_replace", f"draw_{drawn}")
]


def settings(connection: BaseDatabaseWrapper) -> Iterator[CheckMessage]:
    """Warns of pragmas that lose commands or block readers; a database in memory is exempt."""
    if connection.is_in_memory_db():  # type: ignore[attr-defined]
        return
    for name, (right, consequence) in PRAGMAS.items():
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA {name}")
            (value,) = cursor.fetchone()
        if value not in right:
            yield checks.Warning(
                f"SQLite runs with {name} = {value}: {consequence}.",
                hint=f'Put "PRAGMA {name} = {WANTED[name]};" into the init_command of the database\'s OPTIONS.',
                id="eventstore.W033",
            )


def guards(connection: BaseDatabaseWrapper) -> Iterator[CheckMessage]:
    """Errors for guard triggers that are missing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        found = {name for (name,) in cursor.fetchall()}
    for name in GUARD_TRIGGERS:
        if name not in found:
            yield checks.Error(
                f"The guard {name} is missing: facts could be changed, or be missed by whoever reads them.",
                hint="Create it again as the migrations of eventstore do, then find out who dropped it.",
                id="eventstore.E040",
            )
