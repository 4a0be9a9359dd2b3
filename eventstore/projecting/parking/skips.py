"""Events that a person told a projection to pass over: itself a fact in the log, so a replay passes over them too."""

from collections.abc import Sequence
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from eventstore import log
from eventstore.messages import event


@event("projection.event_skipped")
class EventSkipped:
    """Counts for one version of the projector alone: the next one is given the event again."""

    projection_id: UUID
    projection: str
    projector_version: int
    position: int
    category: str
    stream_id: UUID
    type: str
    reason: str


def stream_of(projection: str) -> UUID:
    """The id of the stream that tells what was done about a projection, in the category "projection"."""
    return uuid5(NAMESPACE_OID, f"projection:{projection}")


def record(skipped: EventSkipped, *, actor: str) -> None:
    """Append it to the log, in the transaction of the caller."""
    log.append("projection", skipped.projection_id, [skipped], actor=actor)


def skipped_by(projection: str, version: int) -> frozenset[int]:
    """The positions of the events that this version of a projector passes over; one quick query."""
    told = (told.event for told in log.read_stream(stream_of(projection)) if isinstance(told.event, EventSkipped))
    return frozenset(skip.position for skip in told if skip.projector_version == version)


def without_skipped(records: Sequence[Any], projection: str, version: int) -> Sequence[Any]:
    """The events that are left when those that were skipped are passed over."""
    skipped = skipped_by(projection, version)
    return [record for record in records if record.position not in skipped] if skipped else records
