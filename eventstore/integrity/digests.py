"""Digests of events, each of which covers the one before it in its stream, and of commands. Never changes: stored."""

import hashlib
from datetime import UTC

import msgspec

from eventstore.backends.rows import CommandRow, EventRow

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


def command_digest(command: CommandRow) -> str:
    """SHA-256, in hexadecimal, over all that the row of a command says, its answer included.

    The envelope, as of an event, then the canonical metadata, data and response. The number and the positions of its
    events are not covered: the database draws them later. The number is in the command's leaf of the tree, and the
    positions are those of the events that name the command.
    """
    sender = (command.command_id, command.actor, command.key, command.fingerprint)
    moment = command.recorded_at.astimezone(UTC)
    envelope = msgspec.json.encode((*sender, command.type, command.schema_version, command.accepted, moment))
    parts = (envelope, command.metadata, command.data, command.response)
    return hashlib.sha256(b"\n".join(parts)).hexdigest()
