"""Reads rows from SQLite: it joins a page of them into two long values, which Arrow takes apart again.

A statement that answers with one row runs without Python's lock from its beginning to its end, and what it answers
is never an object for each value.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from eventstore.archive.columns import ID, SCHEMAS

# What stands between two values. JSON holds none, as the tables refuse JSON that is not valid, and neither do names,
# keys and times. Were there one, the columns would not be of one length, which is an error.
BREAK: Final = "\x1e"

# What an id looks like where metadata name the command.
WRITTEN_ID: Final = "^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})?$"

# Values of one width, in hexadecimal, with their widths in bytes; and texts.
FIXED: Final = {
    "events": {"event_id": 16, "stream_id": 16, "command_id": 16, "digest": 32},
    "commands": {"command_id": 16, "fingerprint": 32, "digest": 32},
}
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

_positions = msgspec.json.Decoder(list[list[int]])


def read(cursor: Any, name: str, bounds: Sequence[int]) -> Found | None:
    """Rows after the first bound, up to the second, and no more than the third: how many, the last, and their table."""
    cursor.execute(STATEMENTS[name], bounds)
    rows, last, fixed, texts = cursor.fetchone()
    return (rows, last, partial(_table, name, rows, fixed, texts)) if rows else None


def _table(name: str, rows: int, fixed: str, texts: bytes) -> pa.Table:
    columns = {**_fixed(name, rows, bytes.fromhex(fixed)), **_texts(name, rows, texts)}
    if not pc.all(pc.match_substring_regex(columns["cause"], WRITTEN_ID)).as_py():
        raise ValueError("metadata name a command by what is no id")
    if name == "events":
        columns["command_id"] = pc.if_else(
            pc.equal(columns["cause"], _text("")), pa.scalar(None, ID), columns["command_id"]
        )
    else:
        columns["accepted"] = pc.equal(columns["accepted"], _text("1"))
        lists = b"[" + b",".join(columns["positions"].cast(pa.binary()).to_pylist()) + b"]"
        columns["positions"] = pa.array(_positions.decode(lists), pa.list_(pa.int64()))
    columns["recorded_at"] = columns["recorded_at"].cast(pa.timestamp("us")).cast(pa.int64())
    schema = SCHEMAS[name].append(pa.field("digest", pa.binary(32), nullable=False))
    return pa.table([columns[field.name].cast(field.type) for field in schema], schema=schema)


def _fixed(name: str, rows: int, content: bytes) -> dict[str, pa.Array]:
    """The columns of values of one width."""
    widths = FIXED[name]
    whole = sum(widths.values())
    if len(content) != whole * rows:
        raise ValueError("an id or a hash is too short or too long")
    wide = pa.FixedSizeBinaryArray.from_buffers(pa.binary(whole), rows, [None, pa.py_buffer(content)])
    columns, begin = {}, 0
    for column, width in widths.items():
        columns[column] = pc.binary_slice(wide, begin, begin + width)
        begin += width
    return columns


def _texts(name: str, rows: int, content: bytes) -> dict[str, pa.Array]:
    """The columns of texts; they are checked to be UTF-8."""
    names = TEXTS[name]
    values = pc.split_pattern(pa.array([content], pa.binary()).cast(pa.string()), BREAK).values
    if len(values) != len(names) * rows:
        raise ValueError("a text holds a separator of records")
    lists = pa.FixedSizeListArray.from_arrays(values, len(names))
    return {column: pc.list_element(lists, pa.scalar(at, pa.int32())) for at, column in enumerate(names)}


def _text(value: str) -> pa.Scalar:
    """A scalar with its type: where it has none, pyarrow looks for NumPy on the disk each time to find it out."""
    return pa.scalar(value, pa.string())


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
