"""Digests: each event's covers the one before it in its stream, so no fact can be changed, dropped or slipped in."""

import hashlib
from datetime import UTC

from eventstore.backends.rows import EventRow

NO_DIGEST = "00" * 32  # what the first event of a stream follows


def event_digest(previous: str, event: EventRow) -> str:
    """SHA-256, in hexadecimal, over the previous digest, the envelope, the canonical metadata and the canonical data.

    The data is taken as it is stored, personal fields encrypted, so a digest still holds when a person is erased.
    The position is not covered: the database draws it later.
    """
    moment = event.recorded_at.astimezone(UTC).isoformat(timespec="microseconds")
    envelope = (
        event.event_id,
        event.category,
        event.stream_id,
        event.version,
        event.type,
        event.schema_version,
        moment,
    )
    parts = (bytes.fromhex(previous), " ".join(map(str, envelope)).encode(), bytes(event.metadata), bytes(event.data))
    return hashlib.sha256(b"\n".join(parts)).hexdigest()
