"""Checks of declarations: shapes against the recorded ones, states that can be stored, keys of projections."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, get_args, get_type_hints
from uuid import UUID

import msgspec
from django.core import checks
from django.core.checks import CheckMessage

from eventstore import decider, messages
from eventstore.checks import personal_state
from eventstore.decider import Decider
from eventstore.errors import PayloadRefused
from eventstore.evolution import gate
from eventstore.evolution.notation import shape_of
from eventstore.evolution.samples import sample
from eventstore.log.records import Recorded
from eventstore.messages import MessageType, canonical
from eventstore.projecting.declaration.projection import Fold
from eventstore.projecting.declaration.registry import projections

STREAMS = (UUID(int=1), UUID(int=2))  # two streams, whose keys must differ
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


def check_shapes(**_: Any) -> list[CheckMessage]:
    """Checks events, commands and projectors against the recorded shapes and versions."""
    return gate.findings()


def check_deciders(**_: Any) -> list[CheckMessage]:
    """Checks that each decider's state can be stored in the heads of its streams."""
    return [
        message for each in decider.deciders.values() for message in (*_state(each), *personal_state.kept_texts(each))
    ]


def check_projections(**_: Any) -> list[CheckMessage]:
    """Checks that each projection can have rows, and that no row is shared by several streams."""
    return [*_without_events(), *_shared_keys()]


def _state(kind: Decider[Any, Any, Any]) -> Iterator[CheckMessage]:
    try:
        kept = kind.decoder.decode(canonical(kind.initial))
        assert kind.fingerprint
        problem = "" if kept == kind.initial else f"{kind.initial} is read back as {kept}"
    except (TypeError, PayloadRefused, msgspec.MsgspecError) as error:
        problem = str(error)
    if problem:
        yield checks.Error(
            f"The state of {kind.category} can't be kept: {problem}. Every command on such a stream would fail.",
            hint="Use a frozen dataclass whose fields are annotated with types that JSON can hold.",
            id="eventstore.E010",
        )


def _without_events() -> Iterator[CheckMessage]:
    yielded = _yielded()
    for projection in projections.values():
        if yielded is not None and projection.types is not None and not projection.types & yielded:
            yield checks.Warning(
                f"The projection {projection.name} reads {', '.join(sorted(projection.types)) or 'no events'}, which "
                "no decide function yields, so its table gets no rows.",
                hint="Correct the annotation of its 'event', or drop the projection. If such events are appended "
                "without a command, or are history, silence this.",
                id="eventstore.W010",
            )


def _yielded() -> set[str] | None:
    """The stored names of the events that deciders yield; `None` if an annotation leaves them open."""
    names: set[str] = set()
    for handler in decider.handlers.values():
        try:
            events = _messages_in(get_type_hints(handler.decide).get("return"))
        except (NameError, TypeError):
            return None
        if not events:
            return None
        names |= events
    return names


def _messages_in(hint: Any) -> set[str]:
    if hasattr(hint, "__message__"):
        return {messages.type_of(hint).name}
    return {name for inner in get_args(hint) for name in _messages_in(inner)}


def _shared_keys() -> Iterator[CheckMessage]:
    """Warns of rows that several streams share: writers lock streams, and runners share the log by streams."""
    for projection in projections.values():
        if isinstance(projection, Fold) and not (projection.global_order or projection.keys_per_stream):
            for name in sorted(projection.types or ()):
                if _is_shared(projection, messages.events[name]):
                    yield checks.Warning(
                        f"The key of {projection.name} for {name} does not depend on the event's stream, so events of "
                        "several streams may share a row, and two writers at once overwrite each other's changes.",
                        hint="Declare the projection with global_order=True and delayed=True. If a key never occurs in "
                        "two streams, say so: keys_per_stream=True.",
                        id="eventstore.W011",
                    )


def _is_shared(projection: Fold, kind: MessageType) -> bool:
    """Whether events that differ only in their stream have the same key."""
    (stream,) = kind.streams
    try:
        keys = projection.keys_of([_record(kind, stream, id) for id in STREAMS])
    except Exception:  # a key that can't take made-up data says nothing
        return False
    return keys[0] is not None and keys[0] == keys[1]


def _record(kind: MessageType, stream: str, stream_id: UUID) -> Recorded[Any]:
    example = sample(shape_of(kind), sparse=False, example={stream: str(stream_id)})
    return Recorded(
        position=1,
        event_id=STREAMS[0],
        category=kind.category,
        stream_id=stream_id,
        version=1,
        type=kind.name,
        schema_version=kind.version,
        event=kind.decoder.decode(canonical(example)),
        stored_metadata="{}",
        recorded_at=MOMENT,
    )
