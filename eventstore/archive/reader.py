"""Reads an archive: each file against its checksum, each row as it was stored."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from eventstore.archive import columns
from eventstore.archive.columns import id_text, lengthened
from eventstore.archive.errors import ArchiveDamaged
from eventstore.archive.format import Segment
from eventstore.archive.leaves import split
from eventstore.archive.lines import read_file
from eventstore.archive.places import Place, content_of
from eventstore.backends.rows import CommandRow, EventRow
from eventstore.log.slots import slot_of

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)

Event = tuple[int, EventRow]  # with its position; the digest is still to be made
Command = tuple[int, CommandRow, list[int]]  # with its number and the positions of its events


def moment_of(microseconds: int) -> datetime:
    """A time in microseconds since 1970."""
    return BEGINNING + timedelta(microseconds=microseconds)


def leaves(place: Place, segment: Segment) -> list[bytes]:
    """The leaves of a segment; raises ArchiveDamaged if they are not what was written."""
    content = content_of(place, segment.leaves)
    if len(content) != 32 * segment.rows or hashlib.sha256(content).hexdigest() != segment.leaves_sha256:
        raise ArchiveDamaged(f"{segment.leaves} was changed: it does not have the checksum that the manifest has.")
    return split(content)


def read(place: Place, store: str, segment: Segment, wanted: list[str] | None = None) -> Iterator[tuple[Any, ...]]:
    """The rows of a segment, of all columns or those that are wanted; ArchiveDamaged if they are not as written."""
    rows = 0
    for found in columns.decode(store, segment.name, read_file(place, segment), wanted):
        rows += len(next(iter(found.values())))
        if rows > segment.rows:
            break
        yield from zip(*found.values(), strict=True)
    if rows != segment.rows:
        raise ArchiveDamaged(f"{segment.name} does not have the {segment.rows:,} rows that the manifest says.")


def events(place: Place, segment: Segment) -> Iterator[Event]:
    """The events of a segment."""
    for row in read(place, "events", segment):
        position, event_id, category, stream, version, name, schema, at, cause, metadata, data = row
        stream_id = UUID(bytes=stream)
        command_id = None if cause is None else id_text(cause)
        text = metadata if command_id is None else lengthened(metadata, command_id)
        yield (
            position,
            EventRow(
                event_id=UUID(bytes=event_id),
                category=category,
                stream_id=stream_id,
                version=version,
                type=name,
                schema_version=schema,
                data=msgspec.Raw(data.encode()),
                metadata=msgspec.Raw(text.encode()),
                recorded_at=moment_of(at),
                slot=slot_of(stream_id),
                command_id=command_id,
            ),
        )


def commands(place: Place, segment: Segment) -> Iterator[Command]:
    """The commands of a segment."""
    for row in read(place, "commands", segment):
        number, own, actor, key, fingerprint, name, schema, accepted, at, metadata, data, response, positions = row
        yield (
            number,
            CommandRow(
                command_id=UUID(bytes=own),
                actor=actor,
                key=key,
                fingerprint=fingerprint.hex(),
                type=name,
                schema_version=schema,
                data=msgspec.Raw(data.encode()),
                metadata=msgspec.Raw(lengthened(metadata, id_text(own)).encode()),
                accepted=accepted,
                response=msgspec.Raw(response.encode()),
                recorded_at=moment_of(at),
            ),
            positions,
        )
