"""Skipped events: a person's decision to skip is an event in the log, so a replay skips the same events."""

import unicodedata
from collections.abc import Sequence
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from django.utils.translation import gettext as _

from eventstore import log
from eventstore.messages import event, first_unfit, has_control, is_blank


@event("projection.event_skipped")
class EventSkipped:
    """A person let a projection pass over an event; its projector's next version is given that event again."""

    projection_id: UUID
    projection: str
    projector_version: int
    position: int
    category: str
    stream_id: UUID
    type: str
    reason: str


def stream_of(projection: str) -> UUID:
    """The id of the stream in the category "projection" that records the skips of a projection."""
    return uuid5(NAMESPACE_OID, f"projection:{projection}")


def readable(text: str) -> str:
    """A name or a reason in one line, as it is recorded for ever; ValueError if it is empty, or not to be read."""
    line = " ".join(unicodedata.normalize("NFC", text).split())
    if is_blank(line):
        raise ValueError(_("Who skips an event gives a name and a reason: both are recorded."))
    if has_control(line) or first_unfit(line):
        raise ValueError(_("Name and reason may hold no characters that nobody sees. Remove them."))
    return line


def record(skipped: EventSkipped, *, actor: str) -> None:
    """Append a skip to the log, in the transaction of the caller."""
    log.append("projection", skipped.projection_id, [skipped], actor=actor)


def skipped_by(projection: str, version: int) -> frozenset[int]:
    """The positions of the events that this version of a projector skips; one quick query."""
    events = (record.event for record in log.read_stream(stream_of(projection)))
    skips = (event for event in events if isinstance(event, EventSkipped))
    return frozenset(skip.position for skip in skips if skip.projector_version == version)


def without_skipped(records: Sequence[Any], projection: str, version: int) -> Sequence[Any]:
    """Records without those that this version of a projector skips."""
    skipped = skipped_by(projection, version)
    return [record for record in records if record.position not in skipped] if skipped else records
