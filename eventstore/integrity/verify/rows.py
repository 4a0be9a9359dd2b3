"""The columns of whole rows, as the backends give them, and the canonical bytes of their JSON."""

import json
from collections.abc import Callable
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec
from django.db import Error

from eventstore.backends.rows import StoredCommand, StoredEvent

Row = tuple[Any, ...]

POSITION: Final = 0  # of a whole event; in a whole command there is the number
MALFORMED: Final = (TypeError, ValueError, OverflowError, AttributeError, msgspec.MsgspecError, RecursionError)

decode: Final = msgspec.json.Decoder().decode
encode: Final = msgspec.json.Encoder(order="sorted").encode


class WholeEvent(NamedTuple):
    """The columns of a whole event; JSON is text or bytes, ids are text with hyphens."""

    position: int
    event_id: str
    category: str
    stream_id: str
    version: int
    type: str
    schema_version: int
    data: Any
    metadata: Any
    recorded_at: Any
    slot: int
    digest: bytes

    def stored(self) -> StoredEvent:
        """The event for those who decode it."""
        return StoredEvent(
            self.position,
            UUID(self.event_id),
            self.category,
            UUID(self.stream_id),
            self.version,
            self.type,
            self.schema_version,
            text_of(self.data),
            text_of(self.metadata),
            self.recorded_at,
        )


class WholeCommand(NamedTuple):
    """The columns of a whole command; the fingerprint is in hexadecimal."""

    number: int
    command_id: str
    actor: str
    key: str
    fingerprint: str
    type: str
    schema_version: int
    data: Any
    metadata: Any
    accepted: bool
    response: Any
    positions: Any
    recorded_at: Any
    digest: bytes

    def stored(self) -> StoredCommand:
        """The command for those who decode it."""
        return StoredCommand(
            self.number,
            UUID(self.command_id),
            self.actor,
            self.key,
            self.type,
            self.schema_version,
            text_of(self.data),
            text_of(self.metadata),
            self.accepted,
            text_of(self.response),
            text_of(self.positions),
            self.recorded_at,
        )


class WholeHead(NamedTuple):
    """The columns of a stream's head, then those of its last event, None where it has none."""

    stream_id: str
    category: str
    version: int
    position: int
    digest: bytes
    recorded_at: Any
    state: Any
    fingerprint: str
    last_category: str | None
    last_version: int | None
    last_position: int | None
    last_digest: bytes | None
    last_recorded_at: Any


def canonical(stored: Any) -> bytes:
    """Stored JSON as the canonical bytes that a digest covers."""
    return encode(decode(stored))


def rewritten(stored: Any) -> bytes:
    """The canonical bytes of JSON that may have been written anew in other bytes, as a database does that is copied.

    Raises ValueError if a name is in an object twice: SQLite's functions read the first, and the engine the last.
    """
    json.loads(stored, object_pairs_hook=_once)
    return canonical(stored)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(found := dict(pairs)) != len(pairs):
        raise ValueError("a name is there twice")
    return found


def text_of(stored: Any) -> str:
    """Stored JSON as text."""
    return stored.decode() if isinstance(stored, bytes) else stored


def read_page(
    read: Callable[[int, int], list[Row]], after: int, limit: int, skip: Callable[[int], int | None]
) -> list[Row]:
    """The rows after a place; where one of them can't be read, those before it, or else none.

    A page that fails is halved until it does not, or is that row alone, which is given to `skip`: it says where to go
    on. Raises what the database raises if nothing can be read at all.
    """
    try:
        return read(after, limit)
    except (Error, ValueError):
        if limit > 1:
            return read_page(read, after, limit // 2, skip)
        place = skip(after)
        if place is None:
            raise
        return read_page(read, place, 1, skip)
