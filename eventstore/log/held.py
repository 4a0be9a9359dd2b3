"""Whether what was not found may lie in an archive alone.

A look-up of one row finds nothing there, and says nothing about it. So whoever has found nothing asks here before
saying that there is nothing. It costs a row of the tidemark's table.
"""

from datetime import timedelta
from typing import Final
from uuid import UUID

from eventstore.backends import in_database, store
from eventstore.log.database import primary_rows
from eventstore.models import Event

__all__ = ["must_hold_command", "must_hold_event"]

TIME_ORDERED: Final = 7  # the version of UUIDs that hold the time at which they were made
SLACK: Final = timedelta(minutes=10)  # between the clock of a program, which makes ids, and that of the database


def must_hold_event(key: int | UUID) -> None:
    """Raise RangeDetached if the event at a position, or with an id, may lie in an archive alone.

    No index has the ids of all events. But an id tells when it was made: one that is younger than the oldest event here
    is not that of an older one.
    """
    with in_database():
        if isinstance(key, int) or not _is_younger(key):
            store().must_hold("events", key if isinstance(key, int) else 1)


def must_hold_command(key: int | UUID) -> None:
    """Raise RangeDetached if the command with a number, or with an id, lies in an archive alone."""
    with in_database():
        number = key if isinstance(key, int) else store().claimed_number(key)
        if number is not None:
            store().must_hold("commands", number)


def _is_younger(event_id: UUID) -> bool:
    if event_id.version != TIME_ORDERED:
        return False
    oldest = primary_rows(Event).order_by("position").values_list("recorded_at", flat=True).first()
    made_ms = event_id.int >> 80
    return oldest is not None and made_ms > (oldest + SLACK).timestamp() * 1_000
