"""What a server of PostgreSQL tells every role: its connections, and whether its write-ahead log is archived."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple

from django.db.backends.base.base import BaseDatabaseWrapper

# The state of other roles' sessions is hidden from most.
CONNECTIONS: Final = """
SELECT coalesce(state, 'unknown'), count(*) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' GROUP BY 1
"""
MOST: Final = "SELECT current_setting('max_connections')::int"
ARCHIVER: Final = """
SELECT last_archived_time, coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false)
FROM pg_stat_archiver
"""


class Connections(NamedTuple):
    """Connections to this database by their state, and how many the server takes in all."""

    by_state: Mapping[str, int]
    most: int


class Archiver(NamedTuple):
    """When a file of the write-ahead log was last archived, and whether an attempt since has failed."""

    archived_at: datetime | None
    is_failing: bool


def connections(connection: BaseDatabaseWrapper) -> Connections:
    """The connections at this moment."""
    with connection.cursor() as cursor:
        cursor.execute(CONNECTIONS)
        by_state = dict(cursor.fetchall())
        cursor.execute(MOST)
        (most,) = cursor.fetchone()
    return Connections(by_state, most)


def archiver(connection: BaseDatabaseWrapper) -> Archiver:
    """How archiving goes; where it is off, nothing was archived and nothing has failed."""
    with connection.cursor() as cursor:
        cursor.execute(ARCHIVER)
        return Archiver(*cursor.fetchone())
