"""Reads rows of both stores as they are stored, column by column, for `columns`; one statement for each database."""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any, Final

import msgspec
import pyarrow as pa

from eventstore.archive.columns import cause_of, id_text, shortened
from eventstore.backends import store

# Ids as bytes, times as texts or microseconds, JSON as it is stored: nothing is made that is taken apart again.
SQLITE: Final = {
    "events": """
        SELECT position, event_id, category, stream_id, version, type, schema_version,
            CAST(recorded_at AS TEXT), metadata, data, digest
        FROM eventstore_event WHERE position > %s AND position <= %s ORDER BY position LIMIT %s
    """,
    "commands": """
        SELECT number, command_id, actor, key, fingerprint, type, schema_version, accepted,
            CAST(recorded_at AS TEXT), metadata, data, response, positions, digest
        FROM eventstore_command WHERE number > %s AND number <= %s ORDER BY number LIMIT %s
    """,
}
POSTGRESQL: Final = {
    "events": """
        SELECT position, uuid_send(event_id), category, uuid_send(stream_id), version, type, schema_version,
            (extract(epoch FROM recorded_at) * 1000000)::bigint, metadata::text, data::text, digest
        FROM eventstore_event WHERE position > %s AND position <= %s ORDER BY position LIMIT %s
    """,
    "commands": """
        SELECT number, uuid_send(command_id), actor, key, fingerprint, type, schema_version, accepted,
            (extract(epoch FROM recorded_at) * 1000000)::bigint, metadata::text, data::text, response::text,
            positions::text, digest
        FROM eventstore_command WHERE number > %s AND number <= %s ORDER BY number LIMIT %s
    """,
}
NAMES: Final = {
    "events": (
        *("position", "event_id", "category", "stream_id", "version", "type", "schema_version"),
        *("recorded_at", "metadata", "data", "digest"),
    ),
    "commands": (
        *("number", "command_id", "actor", "key", "fingerprint", "type", "schema_version", "accepted"),
        *("recorded_at", "metadata", "data", "response", "positions", "digest"),
    ),
}

Columns = dict[str, Sequence[Any]]

_positions = msgspec.json.Decoder(list[int])


def read(name: str, after: int, to: int, limit: int) -> Columns | None:
    """Rows of a store after a position or number, up to another, as columns with their digests; None if none is."""
    backend = store()
    on_sqlite = backend.connection.vendor == "sqlite"
    with backend.connection.cursor() as cursor:
        cursor.execute((SQLITE if on_sqlite else POSTGRESQL)[name], [after, to, limit])
        rows = cursor.fetchall()
    backend.must_hold(name, after + 1)  # after the read: what has gone meanwhile is not taken for what never was
    if not rows:
        return None
    columns: Columns = dict(zip(NAMES[name], zip(*rows, strict=True), strict=True))
    _as_they_are(columns) if on_sqlite else _as_they_were(columns)
    _with_causes(columns)
    if "positions" in columns:
        columns["positions"] = [_positions.decode(text) for text in columns["positions"]]
    return columns


def _as_they_are(columns: Columns) -> None:
    """SQLite: JSON is stored as it was written; ids are hexadecimal, and times are texts."""
    for name in ("event_id", "stream_id", "command_id"):
        if name in columns:
            columns[name] = list(map(bytes.fromhex, columns[name]))
    if "accepted" in columns:
        columns["accepted"] = list(map(bool, columns["accepted"]))
    columns["recorded_at"] = pa.array(columns["recorded_at"]).cast(pa.timestamp("us")).cast(pa.int64())


def _as_they_were(columns: Columns) -> None:
    """PostgreSQL: JSON is brought back into its canonical order."""
    for name in ("metadata", "data", "response"):
        if name in columns:
            columns[name] = list(map(_canonical, columns[name]))
    for name in ("fingerprint", "digest", "event_id", "stream_id", "command_id"):
        if name in columns:
            columns[name] = list(map(bytes, columns[name]))


def _canonical(text: str) -> str:
    return msgspec.json.encode(msgspec.json.decode(text), order="sorted").decode()


def _with_causes(columns: Columns) -> None:
    """Take the id of the command out of the metadata: for a command its own, for an event the one that is named."""
    texts = columns["metadata"]
    if "command_id" in columns:
        pairs = zip(texts, columns["command_id"], strict=True)
        columns["metadata"] = [shortened(text, id_text(command_id)) for text, command_id in pairs]
        return
    known: dict[str, tuple[bytes | None, str]] = {}  # events of one command have the same
    parted = [known.get(text) or known.setdefault(text, _parted(text)) for text in texts]
    columns["command_id"] = list(map(itemgetter(0), parted))
    columns["metadata"] = list(map(itemgetter(1), parted))


def _parted(metadata: str) -> tuple[bytes | None, str]:
    cause = cause_of(metadata)
    if cause is None:
        return None, metadata
    own = bytes.fromhex(cause.replace("-", ""))
    return own, shortened(metadata, id_text(own))
