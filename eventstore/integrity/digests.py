"""Digests: each covers the digest before it in its stream, so no event can be changed, dropped or inserted unseen."""

import hashlib
from datetime import UTC

import msgspec

from eventstore.backends.rows import EventRow

NO_DIGEST = "00" * 32  # the digest before the first event of a stream


def event_digest(previous: str, event: EventRow) -> str:
    """SHA-256, in hexadecimal, over the previous digest, the envelope, the canonical metadata and the canonical data.

    The envelope is a JSON array without spaces, its time in UTC as RFC 3339 with a Z and as many digits as it has. The
    data is taken as it is stored, personal fields encrypted, so a digest still holds when a person is erased. The
    position is not covered: the database draws it later.
    """
    stream = (event.category, event.stream_id, event.version)
    moment = event.recorded_at.astimezone(UTC)
    envelope = msgspec.json.encode((event.event_id, *stream, event.type, event.schema_version, moment))
    parts = (bytes.fromhex(previous), envelope, event.metadata, event.data)
    return hashlib.sha256(b"\n".join(parts)).hexdigest()
