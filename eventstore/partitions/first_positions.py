"""Gives heads their first position, in small transactions that keep no command waiting for long."""

from typing import Final
from uuid import UUID

from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore.partitions.patience import patiently

PAGE: Final = 200  # heads in one transaction

# In the order in which commands lock heads, so that nobody waits in a circle.
FILL: Final = """
WITH page AS MATERIALIZED (
    SELECT stream_id FROM eventstore_stream WHERE stream_id > %s AND first_position <= 0
    ORDER BY stream_id LIMIT %s FOR UPDATE
), filled AS (
    UPDATE eventstore_stream AS head SET first_position = coalesce((
        SELECT position FROM eventstore_event AS event
        WHERE event.stream_id = head.stream_id AND event.version = 1), 0)
    FROM page WHERE head.stream_id = page.stream_id
)
SELECT max(stream_id::text)::uuid FROM page
"""
NONE_YET: Final = UUID(int=0)


def fill(connection: BaseDatabaseWrapper) -> None:
    """Fill the heads whose first position is unknown."""
    after: UUID | None = NONE_YET
    while after is not None:
        after = patiently(connection, lambda after=after: _page(connection, after))  # type: ignore[misc]


def _page(connection: BaseDatabaseWrapper, after: UUID) -> UUID | None:
    with connection.cursor() as cursor:
        cursor.execute(FILL, [after, PAGE])
        (last,) = cursor.fetchone()
    found: UUID | None = last
    return found
