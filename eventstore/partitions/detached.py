"""The ranges that were detached, and where each lies now."""

from typing import Final, NamedTuple

from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore.partitions.stores import DETACHED

CREATE: Final = f"""
CREATE TABLE IF NOT EXISTS {DETACHED} (
    store text NOT NULL, first bigint NOT NULL, "end" bigint NOT NULL, name text NOT NULL, rows bigint NOT NULL,
    archive text NOT NULL, is_dropped boolean NOT NULL DEFAULT false,
    detached_at timestamptz NOT NULL DEFAULT clock_timestamp(), PRIMARY KEY (store, first)
)
"""
RANGES: Final = f"""
SELECT store, first, "end", name, rows, archive, is_dropped FROM {DETACHED} ORDER BY store, first
"""  # noqa: S608 - a constant


class Range(NamedTuple):
    """A range from its first position, or number, to before `end`, that lies in an archive."""

    store: str
    first: int
    end: int
    name: str
    rows: int
    archive: str
    is_dropped: bool


def ranges(connection: BaseDatabaseWrapper) -> list[Range]:
    """The ranges that were detached; none where nothing ever was."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [DETACHED])
        if cursor.fetchone() != (True,):
            return []
        cursor.execute(RANGES)
        return list(map(Range._make, cursor.fetchall()))
