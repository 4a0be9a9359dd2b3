"""Lifts what the database itself refuses, for a restore alone: positions that are chosen, and changes of epochs.

Only the owner of the tables can do so, and only within a transaction, at whose end each guard is back as it was.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import transaction

from eventstore.backends import log_database, store

# Both are put back as they were made (migrations 0002, 0003, 0009, 0010): usual triggers, and one that is ALWAYS on.
CHOICE: Final = {"eventstore_event": "draw_position", "eventstore_command": "draw_number"}
EPOCHS: Final = "eventstore_epoch"

SQLITE_TRIGGERS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name IN (%s, %s, %s)"


@contextmanager
def positions_chosen() -> Iterator[None]:
    """A transaction in which events and commands are stored under the positions and numbers that they are given."""
    with transaction.atomic(using=log_database()):
        if store().connection.vendor == "postgresql":
            with _disabled(dict.fromkeys(CHOICE, ("hold_mark", "refuse_choice")), "ENABLE"):
                yield
        else:
            with _dropped([f"{table}_{name}" for table, name in CHOICE.items()]):
                yield


@contextmanager
def epochs_replaced() -> Iterator[None]:
    """A part of a transaction in which the epochs of a new log can be deleted."""
    if store().connection.vendor == "postgresql":
        with _disabled({EPOCHS: ("append_only",)}, "ENABLE ALWAYS"):
            yield
    else:
        with _dropped([f"{EPOCHS}_no_delete"]):
            yield


@contextmanager
def _disabled(triggers: dict[str, tuple[str, ...]], enable: str) -> Iterator[None]:
    with store().connection.cursor() as cursor:
        for table, names in triggers.items():
            for name in names:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {name}")
        yield
        for table, names in triggers.items():
            for name in names:
                cursor.execute(f"ALTER TABLE {table} {enable} TRIGGER {name}")


@contextmanager
def _dropped(names: list[str]) -> Iterator[None]:
    with store().connection.cursor() as cursor:
        cursor.execute(SQLITE_TRIGGERS, [*names, *[""] * (3 - len(names))])
        found = dict(cursor.fetchall())
        for name in found:
            cursor.execute(f"DROP TRIGGER {name}")
        yield
        for statement in found.values():
            cursor.execute(statement)
