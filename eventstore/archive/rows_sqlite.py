"""Reads rows from SQLite: it joins a page of them into two long values, which Arrow takes apart again.

A statement that answers with one row runs without Python's lock from its beginning to its end, and what it answers
is never an object for each value.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

import pyarrow as pa

from eventstore.archive.pages import columns_of, table_of

TEXTS: Final = {
    "events": (
        *("position", "version", "schema_version", "recorded_at", "category", "type", "cause"),
        *("metadata", "data"),
    ),
    "commands": (
        *("number", "schema_version", "accepted", "recorded_at", "type", "actor", "key"),
        *("positions", "cause", "metadata", "data", "response"),
    ),
}
# The rows come in the order of the inner statement, which its LIMIT keeps from being merged into the outer one.
# "@" is put in the place of the command's id in metadata, as `columns.shortened` has it.
STATEMENTS: Final = {
    "events": """
        SELECT count(*), max(position),
            group_concat(event_id || stream_id || coalesce(replace(cause, '-', ''), hex(zeroblob(16)))
                || hex(digest), ''),
            CAST(group_concat(position || char(30) || version || char(30) || schema_version || char(30) || recorded_at
                || char(30) || category || char(30) || type || char(30) || coalesce(cause, '') || char(30)
                || coalesce(replace(replace(metadata, '"@', '"@@'), '"' || cause || '"', '"@"'), metadata)
                || char(30) || data, char(30)) AS BLOB)
        FROM (
            SELECT *, json_extract(metadata, '$.command_id') AS cause
            FROM eventstore_event WHERE position > %s AND position <= %s ORDER BY position LIMIT %s
        )
    """,
    "commands": """
        SELECT count(*), max(number),
            group_concat(command_id || hex(fingerprint) || hex(digest), ''),
            CAST(group_concat(number || char(30) || schema_version || char(30) || accepted || char(30) || recorded_at
                || char(30) || type || char(30) || actor || char(30) || "key" || char(30) || positions
                || char(30) || coalesce(cause, '') || char(30)
                || CASE replace(cause, '-', '') WHEN command_id
                    THEN replace(replace(metadata, '"@', '"@@'), '"' || cause || '"', '"@"')
                    ELSE replace(metadata, '"@', '"@@') END
                || char(30) || data || char(30) || response, char(30)) AS BLOB)
        FROM (
            SELECT *, json_extract(metadata, '$.command_id') AS cause
            FROM eventstore_command WHERE number > %s AND number <= %s ORDER BY number LIMIT %s
        )
    """,
}

Found = tuple[int, int, Callable[[], pa.Table]]


def read(cursor: Any, name: str, bounds: Sequence[int]) -> Found | None:
    """Rows after the first bound, up to the second, and no more than the third: how many, the last, and their table."""
    cursor.execute(STATEMENTS[name], bounds)
    rows, last, fixed, texts = cursor.fetchone()
    return (rows, last, partial(_table, name, rows, fixed, texts)) if rows else None


def _table(name: str, rows: int, fixed: str, texts: bytes) -> pa.Table:
    return table_of(name, rows, bytes.fromhex(fixed), columns_of(TEXTS[name], rows, texts))


@contextmanager
def little_memory(cursor: Any) -> Iterator[None]:
    """Within the block, the connection keeps and maps little of the file: each page of it is read once."""
    kept = {}
    for name, little in (("mmap_size", 0), ("cache_size", -8_000)):
        cursor.execute(f"PRAGMA {name}")
        kept[name] = (cursor.fetchone() or [None])[0]
        cursor.execute(f"PRAGMA {name} = {little}")
    try:
        yield
    finally:
        for name, before in kept.items():
            if before is not None:
                cursor.execute(f"PRAGMA {name} = {before}")
