"""Checks of Django settings under which a promise of the engine would not hold."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage

from eventstore.backends import store
from eventstore.telemetry.configured import faults


def check_configuration(**_: Any) -> list[CheckMessage]:
    """Checks that commands commit by themselves, that times are kept in UTC, and that what is to be observed can be."""
    database = store().connection.settings_dict
    return [*_transactions(database), *_times(database), *_telemetry()]


def _transactions(database: dict[str, Any]) -> Iterator[CheckMessage]:
    if database.get("ATOMIC_REQUESTS"):
        yield checks.Warning(
            "ATOMIC_REQUESTS is on, so a command commits when its request ends: a receipt may report what is rolled "
            "back later, locks are held for longer, and a deadlock can't be retried.",
            hint="Turn ATOMIC_REQUESTS off for the database of the events; a command is one transaction as it is.",
            id="eventstore.W020",
        )
    if not database.get("AUTOCOMMIT", True):
        yield checks.Error(
            "AUTOCOMMIT is off, so reading opens transactions that nobody ends, and they hold vacuum and rebuilds up.",
            hint="Turn AUTOCOMMIT on for the database of the events.",
            id="eventstore.E020",
        )
    if store().needs_immediate and (database.get("OPTIONS") or {}).get("transaction_mode") != "IMMEDIATE":
        yield checks.Error(
            "SQLite's transactions don't begin with a write lock, so a command that reads first fails with 'database "
            "is locked' as soon as another writes, however long it would wait.",
            hint='Give the database OPTIONS {"transaction_mode": "IMMEDIATE", "timeout": 30}.',
            id="eventstore.E022",
        )


def _times(database: dict[str, Any]) -> Iterator[CheckMessage]:
    if not settings.USE_TZ:
        yield checks.Error(
            "USE_TZ is off, so times have no zone, and the times of events could not be compared.",
            hint="Set USE_TZ = True.",
            id="eventstore.E021",
        )
    elif database.get("TIME_ZONE") not in (None, "UTC"):
        yield checks.Error(
            f"The database's TIME_ZONE is {database['TIME_ZONE']}, but the engine reads and writes times in UTC.",
            hint="Leave TIME_ZONE out of the settings of the events' database; pages convert times by themselves.",
            id="eventstore.E023",
        )


def _telemetry() -> Iterator[CheckMessage]:
    for _setting, fault in faults():
        yield checks.Warning(
            fault, hint="Install it, as docs/observability.md says, or take the setting out.", id="eventstore.W080"
        )
