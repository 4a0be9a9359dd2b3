"""Slots: the parts of the log that runners share; each stream lies whole in one of them."""

import zlib
from uuid import UUID

SLOTS = 64


def slot_of(stream_id: UUID) -> int:
    """The slot of a stream: a stable hash of its id, from 0 to 63. Never changes: it is stored."""
    return zlib.crc32(stream_id.bytes) % SLOTS
