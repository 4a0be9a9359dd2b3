"""The digests of rows, told once more with the standard library's JSON: the engine's own are in `eventstore.integrity`.

The row comes as it is stored: its envelope in fields, its JSON columns as canonical text, exactly as they were hashed.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

__all__ = ["COMMAND_ENVELOPE", "EVENT_ENVELOPE", "command_digest", "event_digest"]

EVENT_ENVELOPE: Final = ("event_id", "category", "stream_id", "version", "type", "schema_version", "recorded_at")
COMMAND_ENVELOPE: Final = (
    *("command_id", "actor", "key", "fingerprint", "type", "schema_version", "accepted", "recorded_at"),
)


def event_digest(previous: bytes, event: Mapping[str, Any]) -> bytes:
    """The SHA-256 over the previous digest of the stream, the envelope, the metadata and the data, parted by LF."""
    return _hash(previous, _envelope(event, EVENT_ENVELOPE), _text(event, "metadata"), _text(event, "data"))


def command_digest(command: Mapping[str, Any]) -> bytes:
    """The SHA-256 over the envelope, the metadata, the data and the response of a command, parted by LF."""
    columns = (_text(command, name) for name in ("metadata", "data", "response"))
    return _hash(_envelope(command, COMMAND_ENVELOPE), *columns)


def _envelope(row: Mapping[str, Any], names: tuple[str, ...]) -> bytes:
    """The envelope as a JSON array without spaces, in UTF-8."""
    return json.dumps([row[name] for name in names], ensure_ascii=False, separators=(",", ":")).encode()


def _text(row: Mapping[str, Any], name: str) -> bytes:
    return str(row[name]).encode()


def _hash(*parts: bytes) -> bytes:
    return hashlib.sha256(b"\n".join(parts)).digest()
