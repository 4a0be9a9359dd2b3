"""Deciders: the rules of a domain as pure functions over state, commands and events.

A decider is an initial state, `decide(state, command) -> events` (which may refuse) and `evolve(state, event) -> state`
(which never does). The form is Jérémie Chassaing's "Functional Event Sourcing Decider" (2021). Pure: no Django,
no clock, no randomness; what a decision needs travels in the command.
"""

import dataclasses
import hashlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

import msgspec

from eventstore import messages
from eventstore.deciding.registration import (
    check_decide,
    check_evolve,
    check_state,
    commands_of,
    is_second,
    iterated,
)
from eventstore.errors import EventStoreError, MessageError
from eventstore.messages import StreamKey, canonical
from eventstore.messages.arguments import described
from eventstore.messages.declaration import check_category, place_of, type_of_command, type_of_event
from eventstore.messages.types import parts_of

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
    "read_code_with",
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
    States in the heads of streams are folded anew when the shape of the state changes, its initial value, or the code
    of `evolve`: the function, what it reaches by name within its app, and the classes of the state. `version` rises
    when `evolve` changes its meaning in any other way, by a library for example.
    """

    category: str
    initial: S
    evolve: Callable[[S, E], S]
    decide: Callable[[S, C], Iterable[E]] | None = None  # with `commands`; none where `decides` routes each command
    commands: Any = None  # a class or a union of classes
    answer: Callable[[S, C], dict[str, Any]] = no_answer
    version: int = 1
    declared_at: float = dataclasses.field(default_factory=time.time, init=False, repr=False, compare=False)

    @property
    def first_state(self) -> S:
        """The state of a stream without events; no stream shares it with another, whatever its rules do to it."""
        return self.decoder.decode(self._encoded_initial)

    @cached_property
    def _encoded_initial(self) -> bytes:
        return canonical(self.initial, self._called)

    def own(self, state: S) -> S:
        """A state whose holder may do with it what they like: a copy, unless no part of it can be changed."""
        return self._read_back(canonical(state, self._called)) if self._may_be_changed else state

    @cached_property
    def _may_be_changed(self) -> bool:
        return any(part.may_be_changeable for part in parts_of(type(self.initial)))

    @property
    def _called(self) -> str:
        return f"The state of {self.category}"

    @cached_property
    def fingerprint(self) -> str:
        """Changes with the shape of the state and with what makes it, so that older heads are folded anew."""
        shape = msgspec.json.encode(_without_descriptions(msgspec.json.schema(type(self.initial))), order="sorted")
        initial = messages.canonical(self.initial)
        return f"{self.version}:{hashlib.sha256(shape + initial).hexdigest()[:16]}:{self.code}"

    @cached_property
    def code(self) -> str:
        """A digest of the code that folds events; empty where nothing reads code."""
        return _code_readers[0](self) if _code_readers else ""

    @cached_property
    def decoder(self) -> "msgspec.json.Decoder[S]":
        return msgspec.json.Decoder(type(self.initial))

    def encode(self, state: S) -> bytes:
        """A state as it is kept in a head. Raises MessageError for one that nobody could read there."""
        encoded = canonical(state, self._called)
        self._read_back(encoded)
        return encoded

    def _read_back(self, encoded: bytes) -> S:
        try:
            return self.decoder.decode(encoded)
        except msgspec.ValidationError as error:
            raise MessageError(
                f"{place_of(self.evolve)} gave a state of {self.category} that can't be read back: {error}. Give each "
                "field a value of the type that it declares."
            ) from error

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
        kind = type(self.initial)
        for event in events:
            state = self.evolve(state, event)
            if type(state) is not kind:
                raise MessageError(
                    f"{place_of(self.evolve)} gave {described(state)} for {type(event).__qualname__}. It returns the "
                    f"stream's state after each event, a {kind.__qualname__}, also after one that changes nothing."
                )
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
_code_readers: list[Callable[[Decider[Any, Any, Any]], str]] = []  # likewise


def read_states_with(reader: StateReader) -> None:
    """Let deciders read the states of their streams with this reader."""
    _readers[:] = [reader]


def read_code_with(reader: Callable[[Decider[Any, Any, Any]], str]) -> None:
    """Let fingerprints of deciders include their code, as this reader describes it."""
    _code_readers[:] = [reader]


def register(decider: Decider[Any, Any, Any]) -> None:
    """Register a decider: its category's streams get state, its commands a handler.

    Raises MessageError for a second decider of the category, or of a command, and for a state that can be changed.
    """
    check_category(decider.category)
    check_state(decider.category, decider.initial)
    check_evolve(decider.category, decider.evolve)
    _refuse_second_decider(decider)
    routed = commands_of(decider.category, decider.decide, decider.commands)
    for command in routed:
        check_decide(command, decider.decide)
        _refuse_second(command, decider.decide)
    deciders[decider.category] = decider
    for command in routed:
        decides(command, decide=decider.decide, answer=decider.answer)  # type: ignore[arg-type]


def decides(
    command: type[Any],
    *,
    decide: Callable[..., Iterable[Any]],
    answer: Callable[..., dict[str, Any]] = no_answer,
) -> None:
    """Register the functions that decide over a command; by itself for a command over several streams.

    `decide(*states, command)` yields events, each of which finds its stream by its own id field;
    `answer(*states_after, command)` returns the sender's answer as JSON values. Raises MessageError if another function
    decides over the command already.
    """
    check_decide(command, decide)
    _refuse_second(command, decide)
    handlers[command] = Handler(decide, answer)


def _refuse_second_decider(decider: Decider[Any, Any, Any]) -> None:
    twin = deciders.get(decider.category)
    if twin and any(is_second(*pair) for pair in zip(_parts_of(twin), _parts_of(decider), strict=True)):
        raise MessageError(
            f"Two deciders are registered for {decider.category}: one evolves by {place_of(twin.evolve)}, the other by "
            f"{place_of(decider.evolve)}. A category has one: give the other a category of its own, or remove it."
        )


def _parts_of(decider: Decider[Any, Any, Any]) -> tuple[Any, ...]:
    return decider.evolve, decider.decide, type(decider.initial)


def _refuse_second(command: type[Any], decide: Any) -> None:
    twin = handlers.get(command)
    if twin and is_second(twin.decide, decide):
        raise MessageError(
            f"Two functions decide over {place_of(command)}: {place_of(twin.decide)} and {place_of(decide)}. A command "
            "has one decision; remove a registration."
        )


def decide(command: Any, states: Mapping[StreamKey, Any]) -> Decision:
    """Decide over a command, given the state of each stream that it names.

    Raises Refused if a rule says no, MessageError if no rule is registered for the command, or if one gives what it
    must not: no events, or events of a stream that the command did not name.
    """
    handler = handlers.get(type(command))
    if handler is None:
        kind = type_of_command(command)
        raise MessageError(
            f"Nobody decides over {place_of(kind.cls)}: name it in its Decider's commands and register() that, or give "
            "it to decides(); and import the module of its rules in the app's ready(), of an app in INSTALLED_APPS."
        )
    streams = messages.type_of(command).streams_of(command)
    given = handler.decide(*_pick(streams, states), command)
    events = tuple([_route(event, states, handler) for event in iterated(given, handler.decide, "events")])
    after = _evolve(states, events)
    answer = handler.answer(*_pick(streams, after), command)
    if not isinstance(answer, Mapping):
        raise MessageError(
            f"{place_of(handler.answer)} answered {described(answer)}. An answer is a dict of JSON values, or empty."
        )
    return Decision(events, after, dict(answer))


def initial_state(category: str) -> Any:
    """The state of a stream without events; `None` where no decider is registered for the category."""
    decider = deciders.get(category)
    return decider.first_state if decider else None


def _without_descriptions(schema: Any) -> Any:
    """A schema without texts for people: docstrings are among them."""
    if isinstance(schema, dict):
        return {
            name: part if name == "default" else _without_descriptions(part)
            for name, part in schema.items()
            if not (name == "description" and isinstance(part, str))
        }
    return [_without_descriptions(part) for part in schema] if isinstance(schema, list) else schema


def _reader() -> StateReader:
    if not _readers:
        raise EventStoreError("No log is loaded to read a state from. Set Django up first, or import eventstore.log.")
    return _readers[0]


def _pick(streams: Sequence[StreamKey | None], states: Mapping[StreamKey, Any]) -> list[Any]:
    """The states of streams, for a rule that may do with them what it likes."""
    return [None if stream is None else _own(stream, states[stream]) for stream in streams]


def _own(stream: StreamKey, state: Any) -> Any:
    kind = deciders.get(stream.category)
    return kind.own(state) if kind else state


def _route(event: Any, states: Mapping[StreamKey, Any], handler: Handler) -> tuple[StreamKey, Any]:
    try:
        kind = type_of_event(event)
    except MessageError as error:
        raise MessageError(f"{place_of(handler.decide)} gave what is no event. {error}") from error
    (stream,) = kind.streams_of(event)
    if stream is None or stream not in states:
        raise MessageError(
            f"{kind.cls.__qualname__} belongs to {stream}, which the command does not name in its streams. Name it "
            "there, @command(…, streams={field: category}), so that it is locked; or correct the event's id."
        )
    return stream, event


def _evolve(states: Mapping[StreamKey, Any], events: Iterable[tuple[StreamKey, Any]]) -> dict[StreamKey, Any]:
    """The states after events; they share nothing that can be changed with those before, nor with the events."""
    after = dict(states)
    for stream, event in events:
        kind = deciders.get(stream.category)
        if kind is not None:
            after[stream] = kind.own(kind.fold(kind.own(after[stream]), (event,)))
    return after
