"""Digests: each event's covers the one before it in its stream, so that no fact can be changed, dropped or slipped in."""

import hashlib
from datetime import UTC, datetime
from uuid import UUID

NO_DIGEST = "00" * 32  # what the first event of a stream follows


def event_digest(
    previous: str,
    *,
    event_id: UUID,
    category: str,
    stream_id: UUID,
    version: int,
    type: str,
    schema_version: int,
    recorded_at: datetime,
    metadata: bytes,
    data: bytes,
) -> str:
    """SHA-256, in hexadecimal, over the previous digest, the envelope, the canonical metadata and the canonical data.

    The data is taken as it is stored, personal fields encrypted, so a digest still holds when a person is erased.
    """
    moment = recorded_at.astimezone(UTC).isoformat(timespec="microseconds")
    envelope = f"{event_id} {category} {stream_id} {version} {type} {schema_version} {moment}".encode()
    return hashlib.sha256(b"\n".join((bytes.fromhex(previous), envelope, metadata, data))).hexdigest()
