"""Examples: made-up data of a shape, and events as the relay would deliver them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID, uuid5

import msgspec

from eventstore.backends.rows import Identity
from eventstore.catalogue.notes import Note
from eventstore.errors import EventStoreError
from eventstore.evolution.notation import Shape
from eventstore.evolution.samples import NoSample, sample
from eventstore.log.records import Recorded
from eventstore.messages import MessageType, canonical
from eventstore.relay.envelope import message

_SPACE: Final = UUID("c2a7e2f0-5f0e-4b0e-9d5e-6f1f8a0c5b11")  # of made-up ids, so that a field has the same everywhere
_LOG: Final = Identity(uuid5(_SPACE, "log"), 1)
_AT: Final = datetime(2026, 11, 30, 21, 0, 0, 123456, tzinfo=UTC)


def data_of(shape: Shape, notes: Mapping[str, Note], given: Mapping[str, Any]) -> dict[str, Any] | None:
    """Made-up data of a shape, which are the same each time; None if nothing can be made up for a field's type.

    `given` has precedence, then the examples in notes.
    """
    told = {name: note.examples[0] for name, note in notes.items() if note.examples}
    named = {name: _telling(name, text) for name, text in shape.fields.items() if _telling(name, text)}
    chosen = {name: value for name, value in {**named, **told, **given}.items() if name in shape.fields}
    try:
        made = sample(shape, sparse=False, example=chosen)
    except NoSample:
        return None
    return {name: made[name] for name in shape.fields}


def delivered(kind: MessageType, data: Mapping[str, Any] | None, *, with_personal: bool) -> dict[str, Any] | None:
    """The envelope of an event with these data, made as the relay makes it; None if they are none or don't fit."""
    if data is None:
        return None
    try:
        event = kind.decoder.decode(canonical(data))
        (stream,) = kind.streams_of(event)
        assert stream is not None
        body = message(_recorded(kind, event, stream.id), _LOG, with_personal=with_personal).body
    except (EventStoreError, msgspec.MsgspecError):
        return None
    found: dict[str, Any] = msgspec.json.decode(body)
    return found


def _recorded(kind: MessageType, event: Any, stream_id: UUID) -> Recorded[Any]:
    causes = {name: str(uuid5(_SPACE, name)) for name in ("correlation_id", "causation_id")}
    return Recorded(
        position=104,
        event_id=uuid5(_SPACE, "event_id"),
        category=kind.category,
        stream_id=stream_id,
        version=3,
        type=kind.name,
        schema_version=kind.version,
        event=event,
        stored_metadata=canonical(causes).decode(),
        recorded_at=_AT,
    )


def _telling(name: str, text: str) -> str | None:
    """A value that tells what it is: for ids and texts without limits."""
    match text.partition(" ")[0]:
        case "UUID":
            return str(uuid5(_SPACE, name))
        case "str":
            return name.replace("_", " ")
        case _:
            return None
