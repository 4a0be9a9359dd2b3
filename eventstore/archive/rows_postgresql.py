"""Reads rows from PostgreSQL, which keeps JSON in an order of its own: it is brought back into the canonical one."""

from array import array
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from eventstore.archive.pages import columns_of, split, table_of

NUMBERS: Final = {
    "events": ("position", "version", "schema_version", "recorded_at"),
    "commands": ("number", "schema_version", "accepted", "recorded_at"),
}
TEXTS: Final = {"events": ("category", "type", "cause"), "commands": ("type", "actor", "key", "positions", "cause")}
JSON: Final = {"events": ("metadata", "data"), "commands": ("metadata", "data", "response")}

# The rows come in the order of the inner statement. Values of one width are bytes, texts stand one after the other, and
# JSON makes one list of each column. "@" is put in the place of the command's id in metadata, as `columns.shortened`
# has it; keys that begin with "@" stay in their order.
STATEMENTS: Final = {
    "events": """
        SELECT count(*), max(position),
            string_agg(uuid_send(event_id) || uuid_send(stream_id)
                || coalesce(uuid_send(cause), decode(repeat('00', 16), 'hex')) || digest, ''::bytea),
            string_agg(int8send(position) || int8send(version) || int8send(schema_version)
                || timestamptz_send(recorded_at), ''::bytea),
            string_agg(concat_ws(chr(30), category, type, coalesce(cause::text, '')), chr(30)),
            string_agg(coalesce(replace(replace(metadata::text, '"@', '"@@'), '"' || cause || '"', '"@"'),
                metadata::text), ','),
            string_agg(data::text, ',')
        FROM (
            SELECT *, (metadata ->> 'command_id')::uuid AS cause
            FROM eventstore_event WHERE position > %s AND position <= %s ORDER BY position LIMIT %s
        ) AS page
    """,
    "commands": """
        SELECT count(*), max(number),
            string_agg(uuid_send(command_id) || fingerprint || digest, ''::bytea),
            string_agg(int8send(number) || int8send(schema_version) || int8send(accepted::integer)
                || timestamptz_send(recorded_at), ''::bytea),
            string_agg(concat_ws(chr(30), type, actor, key, positions, command_id), chr(30)),
            string_agg(replace(replace(metadata::text, '"@', '"@@'), '"' || command_id || '"', '"@"'), ','),
            string_agg(data::text, ','),
            string_agg(response::text, ',')
        FROM (
            SELECT * FROM eventstore_command WHERE number > %s AND number <= %s ORDER BY number LIMIT %s
        ) AS page
    """,
}

EPOCH: Final = pa.scalar(946_684_800_000_000, pa.int64())  # 2000-01-01 in microseconds since 1970

Found = tuple[int, int, Callable[[], pa.Table]]

_decode: Final = msgspec.json.Decoder(list[Any]).decode
_encode_lines: Final = msgspec.json.Encoder(order="sorted").encode_lines


def read(cursor: Any, name: str, bounds: Sequence[int]) -> Found | None:
    """Rows after the first bound, up to the second, and no more than the third: how many, the last, and their table."""
    cursor.execute(STATEMENTS[name], bounds)
    rows, last, *parts = cursor.fetchone()
    return (rows, last, partial(_table, name, rows, *parts)) if rows else None


def _table(name: str, rows: int, fixed: bytes, numbers: bytes, texts: str, *json: str) -> pa.Table:
    columns: Mapping[str, pa.Array] = {
        **_numbers(name, rows, numbers),
        **columns_of(TEXTS[name], rows, texts),
        **{column: _canonical(rows, content) for column, content in zip(JSON[name], json, strict=True)},
    }
    return table_of(name, rows, bytes(fixed), columns)


def _numbers(name: str, rows: int, content: bytes) -> dict[str, pa.Array]:
    """The columns of numbers, of 8 bytes in the order of networks; PostgreSQL counts microseconds from 2000 on."""
    values, names = array("q", bytes(content)), NUMBERS[name]
    values.byteswap()
    columns = {
        column: pa.Array.from_buffers(pa.int64(), rows, [None, pa.py_buffer(values[at :: len(names)])])
        for at, column in enumerate(names)
    }
    return {**columns, "recorded_at": pc.add(columns["recorded_at"], EPOCH)}


def _canonical(rows: int, content: str) -> pa.Array:
    """A column of canonical JSON, which holds no end of a line, out of JSON with commas between two values."""
    lines = split(_encode_lines(_decode(f"[{content}]"))[:-1], "\n")
    if len(lines) != rows:
        raise ValueError("JSON holds the end of a line")
    return lines
