"""Checks of SQLite: pragmas that lose answered commands or make readers wait, guards that are missing."""

from collections.abc import Iterator
from pathlib import Path

from django.core import checks
from django.core.checks import CheckMessage
from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore.checks import guard_texts

# pragma -> (allowed values, consequence of others)
PRAGMAS = {
    "journal_mode": (("wal",), "readers wait for writers, and writers for readers"),
    "synchronous": ((2, 3), "a command that was answered can be lost in a power cut"),
    "foreign_keys": ((1,), "rows can refer to what is not there"),
    "secure_delete": ((1,), "what was erased stays in the file"),
}
WANTED = {"journal_mode": "WAL", "synchronous": "FULL", "foreign_keys": "ON", "secure_delete": "ON"}

GUARD_TRIGGERS = [*guard_texts.triggers()]


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
    yield from _beside_litestream(connection)


def _beside_litestream(connection: BaseDatabaseWrapper) -> Iterator[CheckMessage]:
    """Warns of a file that Litestream copies while the site moves the write-ahead log into it: pages get lost."""
    file = Path(str(connection.settings_dict["NAME"]))
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_autocheckpoint")
        (pages,) = cursor.fetchone()
    if pages and file.with_name(f".{file.name}-litestream").is_dir():
        yield checks.Warning(
            "Litestream copies the database, and the site makes checkpoints of its own: what was written shortly "
            "before one is missing from the copy, which is then damaged, and nothing says so until it is restored.",
            hint='Put "PRAGMA wal_autocheckpoint = 0;" into the init_command of the database\'s OPTIONS '
            "(SQLITE_CHECKPOINTS=0), start every process anew, then give Litestream a new place for its copy.",
            id="eventstore.W034",
        )


def guards(connection: BaseDatabaseWrapper) -> Iterator[CheckMessage]:
    """Errors for guard triggers that are missing, or that do something else."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        found = dict(cursor.fetchall())
    for name, text in guard_texts.triggers().items():
        if guard_texts.plain(found.get(name, "")) != text:
            problem = "not what it was made" if name in found else "missing"
            yield checks.Error(
                f"The guard {name} is {problem}: facts could be changed, or be missed by whoever reads them.",
                hint="Create it again as the migrations of eventstore do, then find out who dropped it.",
                id="eventstore.E040",
            )
