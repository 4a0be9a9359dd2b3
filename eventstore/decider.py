"""Deciders: the rules of a domain as pure functions over state, commands and events.

A decider is an initial state, `decide(state, command) -> events` (which may refuse) and `evolve(state, event) -> state`
(which never does). The form is Jérémie Chassaing's "Functional Event Sourcing Decider" (2021). Pure: no Django,
no clock, no randomness; what a decision needs travels in the command.
"""

import dataclasses
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, Protocol, TypeVar, get_args
from uuid import UUID

import msgspec

from eventstore import messages
from eventstore.errors import EventStoreError, MessageError
from eventstore.messages import StreamKey

__all__ = [
    "Decider",
    "Decision",
    "Handler",
    "Refusal",
    "Refused",
    "StateReader",
    "decide",
    "deciders",
    "decides",
    "handlers",
    "initial_state",
    "no_answer",
    "phrase",
    "read_states_with",
    "register",
]

S = TypeVar("S")
C = TypeVar("C")
E = TypeVar("E")


def phrase(message: str) -> str:
    """Mark a sentence for translation, where it is written; it is translated where it is shown."""
    return message


@dataclass(frozen=True, slots=True)
class Refusal:
    """A "no" with its reason: a stable code, a sentence for a person, the field at fault and further facts."""

    code: str
    message: str
    field: str | None = None
    details: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    values: Mapping[str, Any] = dataclasses.field(
        default_factory=dict
    )  # fill the places in the message, also when translated


class Refused(Exception):
    """Raised by a rule to refuse a command. The refusal is stored, so that a retry never turns it into a yes."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        field: str | None = None,
        details: Mapping[str, Any] | None = None,
        **values: str | int,
    ) -> None:
        super().__init__(message % values if values else message)
        self.refusal = Refusal(code, message, field, details or {}, values)


def no_answer(*_: Any) -> dict[str, Any]:
    """Answer with nothing but the receipt."""
    return {}


class StateReader(Protocol):
    """Reads the states of streams; the log is one, and makes itself known when it is imported."""

    def current(self, category: str, stream_id: UUID) -> Any:
        """The state of a stream as the next decision would see it."""

    def load(
        self, category: str, stream_id: UUID, *, version: int | None = None, at: datetime | None = None
    ) -> tuple[Any, int]:
        """The state of a stream and its version, folded from its events up to a version or a recorded time."""


@dataclass(frozen=True)
class Decider(Generic[S, C, E]):
    """The rules of one category of streams.

    `answer(state_after, command)` returns the sender's answer as JSON values; it is stored with the command.
    `version` rises when `evolve` changes its meaning without changing the shape of the state.
    """

    category: str
    initial: S
    evolve: Callable[[S, E], S]
    decide: Callable[[S, C], Iterable[E]] | None = None  # with `commands`; none where `decides` routes each command
    commands: Any = None  # a class or a union of classes
    answer: Callable[[S, C], dict[str, Any]] = no_answer
    version: int = 1

    @cached_property
    def fingerprint(self) -> str:
        """Changes with the shape of the state, so that heads with an old shape are folded anew."""
        shape = msgspec.json.encode(msgspec.json.schema(type(self.initial)), order="sorted")
        return f"{self.version}:{hashlib.sha256(shape).hexdigest()[:16]}"

    @cached_property
    def decoder(self) -> "msgspec.json.Decoder[S]":
        return msgspec.json.Decoder(type(self.initial))

    def current(self, stream_id: UUID) -> S:
        """The state of a stream as the next decision would see it, from its head: at the same cost for any history."""
        state: S = _reader().current(self.category, stream_id)
        return state

    def load(self, stream_id: UUID, *, version: int | None = None, at: datetime | None = None) -> tuple[S, int]:
        """The state of a stream and its version, folded from its events; up to a version or a recorded time, inclusive.

        The version is 0, and the state the initial one, for a stream without events.
        """
        loaded: tuple[S, int] = _reader().load(self.category, stream_id, version=version, at=at)
        return loaded

    def fold(self, state: S, events: Iterable[E]) -> S:
        """The state after events, in their order."""
        for event in events:
            state = self.evolve(state, event)
        return state


@dataclass(frozen=True, slots=True)
class Handler:
    """The functions that decide over a command and answer it; states come in the order of the command's streams."""

    decide: Callable[..., Iterable[Any]]
    answer: Callable[..., dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome of a command: events in order, the state of each stream after them, and the answer."""

    events: tuple[tuple[StreamKey, Any], ...]
    states: Mapping[StreamKey, Any]
    answer: dict[str, Any]


deciders: dict[str, Decider[Any, Any, Any]] = {}
handlers: dict[type[Any], Handler] = {}
_readers: list[StateReader] = []  # the one in use; rules alone need none


def read_states_with(reader: StateReader) -> None:
    """Let deciders read the states of their streams with this reader."""
    _readers[:] = [reader]


def register(decider: Decider[Any, Any, Any]) -> None:
    """Register a decider: its category's streams get state, its commands a handler."""
    deciders[decider.category] = decider
    if decider.decide is not None:
        for command in get_args(decider.commands) or (decider.commands,):
            decides(command, decide=decider.decide, answer=decider.answer)


def decides(
    command: type[Any],
    *,
    decide: Callable[..., Iterable[Any]],
    answer: Callable[..., dict[str, Any]] = no_answer,
) -> None:
    """Register the functions that decide over a command; by itself for a command over several streams.

    `decide(*states, command)` yields events, each of which finds its stream by its own id field;
    `answer(*states_after, command)` returns the sender's answer as JSON values.
    """
    messages.type_of(command)
    handlers[command] = Handler(decide, answer)


def decide(command: Any, states: Mapping[StreamKey, Any]) -> Decision:
    """Decide over a command, given the state of each stream that it names.

    Raises Refused if a rule says no, MessageError if no rule is registered for the command, or an event
    strays to a stream that the command did not name.
    """
    handler = handlers.get(type(command))
    if handler is None:
        raise MessageError(
            f"Nobody decides over {type(command).__name__}: name it in its Decider's commands, or in `decides`, and "
            "import the module of its rules in the app's ready()."
        )
    streams = messages.type_of(command).streams_of(command)
    events = tuple(_route(event, states) for event in handler.decide(*_pick(streams, states), command))
    after = _evolve(states, events)
    return Decision(events, after, handler.answer(*_pick(streams, after), command))


def initial_state(category: str) -> Any:
    """The state of a stream without events; `None` where no decider is registered for the category."""
    decider = deciders.get(category)
    return decider.initial if decider else None


def _reader() -> StateReader:
    if not _readers:
        raise EventStoreError("No log is loaded to read a state from. Set Django up first, or import eventstore.log.")
    return _readers[0]


def _pick(streams: Sequence[StreamKey | None], states: Mapping[StreamKey, Any]) -> list[Any]:
    return [None if stream is None else states[stream] for stream in streams]


def _route(event: Any, states: Mapping[StreamKey, Any]) -> tuple[StreamKey, Any]:
    (stream,) = messages.type_of(event).streams_of(event)
    if stream is None or stream not in states:
        raise MessageError(
            f"{type(event).__name__} belongs to {stream}, which the command does not name in its streams."
        )
    return stream, event


def _evolve(states: Mapping[StreamKey, Any], events: Iterable[tuple[StreamKey, Any]]) -> dict[StreamKey, Any]:
    after = dict(states)
    for stream, event in events:
        after[stream] = deciders[stream.category].evolve(after[stream], event)
    return after
