"""The state of a stream at any version, and what its last event changed in it."""

from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

import msgspec
from django.utils.translation import gettext

from eventstore import decider, log
from eventstore.admin import show, words
from eventstore.admin.messages import stream_links
from eventstore.backends.rows import Head
from eventstore.errors import EventStoreError
from eventstore.log import streams
from eventstore.log.records import Recorded
from eventstore.messages import StreamKey
from eventstore.models import Stream


@dataclass(frozen=True)
class Line:
    """One field of a state; `before` is its value one event earlier."""

    name: str
    now: str
    before: str
    changed: bool
    meant: str = ""  # in the project's words
    meant_before: str = ""


@dataclass(frozen=True)
class Moment:
    """A stream at a version: its state, and the event that led there if a version is given in the address."""

    version: int
    lines: list[Line] = field(default_factory=list)
    event: Recorded[Any] | None = None
    problem: str = ""

    @property
    def event_link(self) -> str:
        """The page of the event that led here."""
        return show.link_to("event", self.event.position) if self.event else ""


def now(stream: Stream, user: Any) -> Moment:
    """The present state, as the head has it: it costs the same however long the stream is."""
    if stream.category not in decider.deciders:
        return Moment(stream.version, problem=gettext("No rules are registered for this category, so it has no state."))
    key = StreamKey(stream.category, stream.stream_id)
    head = Head(key.id, key.category, stream.version, state=stream.state, fingerprint=stream.fingerprint)
    return _attempt(
        stream.version, lambda: Moment(stream.version, _lines(state := streams.state_of(head, key), state, user))
    )


def at(stream: Stream, version: int, user: Any) -> Moment:
    """The state at a version, folded from all events up to it, beside the state before its last event."""
    if stream.category not in decider.deciders:
        return now(stream, user)
    return _attempt(version, lambda: _step(stream, version, user))


def _step(stream: Stream, version: int, user: Any) -> Moment:
    last = max(version - 1, 0)
    before, _ = log.load(stream.category, stream.stream_id, version=last)
    event = next(log.read_stream(stream.stream_id, after=last, to=version), None)
    after = decider.deciders[stream.category].evolve(before, event.event) if event else before
    return Moment(version, _lines(before, after, user), event)


def _attempt(version: int, look: Any) -> Moment:
    """Shows an unreadable event as a problem, so that it does not hide the rest of the page."""
    try:
        found: Moment = look()
    except (EventStoreError, msgspec.MsgspecError) as error:
        return Moment(version, problem=str(error))
    return found


def _lines(before: Any, after: Any, user: Any) -> list[Line]:
    was, is_now = _fields(before), _fields(after)
    meant, meant_before = words.of_fields(after, user), words.of_fields(before, user)
    links = stream_links([*was.values(), *is_now.values()])
    return [
        Line(
            name,
            show.value(is_now[name], links),
            show.value(was[name], links),
            was[name] != is_now[name],
            meant.get(name, ""),
            meant_before.get(name, ""),
        )
        for name in is_now
    ]


def _fields(state: Any) -> dict[str, Any]:
    if is_dataclass(state):
        return {item.name: getattr(state, item.name) for item in fields(state)}
    return {"state": state}
