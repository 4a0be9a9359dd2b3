"""Reads rows from PostgreSQL, which keeps JSON in an order of its own: it is brought back into the canonical one."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

import msgspec
import pyarrow as pa

from eventstore.archive.columns import SCHEMAS, id_text, shortened

# Ids as bytes, times as microseconds: nothing is made that is taken apart again.
STATEMENTS: Final = {
    "events": """
        SELECT position, uuid_send(event_id), category, uuid_send(stream_id), version, type, schema_version,
            (extract(epoch FROM recorded_at) * 1000000)::bigint, uuid_send((metadata ->> 'command_id')::uuid),
            metadata::text, data::text, digest
        FROM eventstore_event WHERE position > %s AND position <= %s ORDER BY position LIMIT %s
    """,
    "commands": """
        SELECT number, uuid_send(command_id), actor, key, fingerprint, type, schema_version, accepted,
            (extract(epoch FROM recorded_at) * 1000000)::bigint, metadata::text, data::text, response::text,
            positions::text, digest
        FROM eventstore_command WHERE number > %s AND number <= %s ORDER BY number LIMIT %s
    """,
}

Found = tuple[int, int, Callable[[], pa.Table]]

_positions = msgspec.json.Decoder(list[int])


def read(cursor: Any, name: str, bounds: Sequence[int]) -> Found | None:
    """Rows after the first bound, up to the second, and no more than the third: how many, the last, and their table."""
    cursor.execute(STATEMENTS[name], bounds)
    rows = cursor.fetchall()
    return (len(rows), rows[-1][0], partial(_table, name, rows)) if rows else None


def _table(name: str, rows: list[tuple[Any, ...]]) -> pa.Table:
    schema = SCHEMAS[name].append(pa.field("digest", pa.binary(32), nullable=False))
    columns: dict[str, Sequence[Any]] = dict(zip(schema.names, zip(*rows, strict=True), strict=True))
    for column in ("metadata", "data", "response"):
        if column in columns:
            columns[column] = list(map(_canonical, columns[column]))
    if "positions" in columns:
        columns["positions"] = list(map(_positions.decode, columns["positions"]))
    pairs = zip(columns["metadata"], columns["command_id"], strict=True)
    columns["metadata"] = [text if own is None else shortened(text, id_text(own)) for text, own in pairs]
    return pa.table([pa.array(columns[field.name], field.type) for field in schema], schema=schema)


def _canonical(text: str) -> str:
    return msgspec.json.encode(msgspec.json.decode(text), order="sorted").decode()
