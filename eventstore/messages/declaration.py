"""The declaration of events and commands: `@event` and `@command` make a class a message with a stored name.

Pure: no Django, no database. The stored name is what the log keeps for ever; the class may move or be renamed.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from datetime import datetime
from functools import cached_property
from typing import Annotated, Any, Literal, NamedTuple, TypeVar, dataclass_transform, get_args, get_type_hints
from uuid import UUID

import msgspec

from eventstore.errors import MessageError, UnknownMessage
from eventstore.messages.arguments import MAX_CATEGORY, MAX_NAME, MAX_VERSION, id_of
from eventstore.messages.types import Part, parts_of

T = TypeVar("T")

_NAME = re.compile(r"[a-z][a-z_]*\.[a-z][a-z_]*")
_CATEGORY = re.compile(r"[a-z][a-z_]*")
_PERSONAL = "personal"

Personal = Annotated[str | None, _PERSONAL]
"""Text about a person: encrypted with the key of its subject wherever it is stored; `None` once they are erased."""


class StreamKey(NamedTuple):
    """The name of one stream: its category and its id."""

    category: str
    id: UUID

    def __str__(self) -> str:
        return f"{self.category}:{self.id}"


@dataclass(frozen=True)
class MessageType:
    """A class of messages with its stored name, schema version and streams."""

    cls: type[Any]
    name: str
    version: int
    subject: str | None
    streams: Mapping[str, str] = field(default_factory=dict)  # field that holds a stream's id -> category
    noun: Literal["event", "command"] = "event"

    @property
    def category(self) -> str:
        return self.name.partition(".")[0]

    @cached_property
    def personal(self) -> tuple[str, ...]:
        """The names of the fields that are encrypted."""
        hints = get_type_hints(self.cls, include_extras=True)
        return tuple(name for name, hint in hints.items() if is_personal(hint))

    @cached_property
    def open_fields(self) -> frozenset[str]:
        """The names of the fields that take foreign data of any type, somewhere within."""
        return frozenset(name for name, parts in self._parts.items() if any(part.is_open for part in parts))

    @cached_property
    def examined_fields(self) -> tuple[str, ...]:
        """The names of the fields whose values have to be looked through before they are stored."""
        return tuple(name for name, parts in self._parts.items() if any(part.may_be_inexact for part in parts))

    @property
    def _parts(self) -> dict[str, list[Part]]:
        return {name: list(parts_of(hint)) for name, hint in get_type_hints(self.cls).items()}

    @cached_property
    def decoder(self) -> "msgspec.json.Decoder[Any]":
        return msgspec.json.Decoder(self.cls)

    @cached_property
    def _stream_fields(self) -> tuple[tuple[str, str], ...]:
        return tuple(self.streams.items())

    def at(self, message: T, moment: datetime) -> T:
        """The message as of a moment: its field `now`, if it has one, says when it is decided over."""
        return replace(message, now=moment) if self._is_timed else message  # type: ignore[type-var]

    @cached_property
    def _is_timed(self) -> bool:
        return any(item.name == "now" for item in fields(self.cls))

    def streams_of(self, message: object) -> tuple[StreamKey | None, ...]:
        """The streams that a message names, in the declared order; `None` where an optional id is not given."""
        keys: list[StreamKey | None] = []
        for name, category in self._stream_fields:
            id = getattr(message, name)
            if id is not None and type(id) is not UUID:
                id = id_of(f"{self.cls.__qualname__}.{name}", id)
            keys.append(None if id is None else StreamKey(category, id))
        return tuple(keys)

    def subject_of(self, message: object) -> UUID | None:
        return getattr(message, self.subject) if self.subject else None


events: dict[str, MessageType] = {}
commands: dict[str, MessageType] = {}


@dataclass_transform(frozen_default=True)
def event(name: str, *, version: int = 1, subject: str | None = None) -> Callable[[type[T]], type[T]]:
    """Declare an event class: a fact, in the past tense, that is never edited.

    `name` is "category.what_happened". The event's stream is found by convention: the field `<category>_id`.
    `version` is the schema version of its fields; `subject` names the field with the id of the person whom
    its `Personal` fields are about. Raises MessageError for a declaration that can't be stored.
    """
    return _declare("event", name, version, subject, None)


@dataclass_transform(frozen_default=True)
def command(
    name: str, *, version: int = 1, subject: str | None = None, streams: Mapping[str, str] | None = None
) -> Callable[[type[T]], type[T]]:
    """Declare a command class: an order, that may be refused.

    The streams that it decides over are, by convention, `<category>_id` alone; `streams` maps fields to
    categories where there are more, in the order in which `decide` is given their states. A field `now` is set
    to the moment at which it is decided over, which is the one at which its events are recorded.
    """
    return _declare("command", name, version, subject, streams)


def _declare(
    noun: Literal["event", "command"],
    name: str,
    version: int,
    subject: str | None,
    streams: Mapping[str, str] | None,
) -> Callable[[type[T]], type[T]]:
    registry = events if noun == "event" else commands

    def register(cls: type[T]) -> type[T]:
        _check_name(name, version)
        category = name.partition(".")[0]
        kind = MessageType(_frozen(cls), name, version, subject, streams or {f"{category}_id": category}, noun)
        _check(kind, registry)
        registry[name] = kind
        kind.cls.__message__ = kind
        return kind.cls

    return register


def _frozen(cls: type[T]) -> type[T]:
    try:
        return dataclass(frozen=True, slots=True)(cls)
    except (TypeError, ValueError) as error:  # a default that can be changed, fields in a wrong order
        raise MessageError(f"{cls.__qualname__} can't be made a frozen dataclass: {error}.") from error


def type_of(message: object) -> MessageType:
    """The type of a message, or of a class of messages; raises MessageError for an object that is none."""
    kind: MessageType | None = getattr(message, "__message__", None)
    if kind is None:
        raise MessageError(
            f"{_named(message)} is neither an @event nor a @command. Declare its class with one of them: only what has "
            "a stored name is stored."
        )
    if kind.cls is not type(message) and kind.cls is not message:
        raise MessageError(
            f"{_named(message)} inherits from {place_of(kind.cls)}, and would be stored as {kind.name!r}. Declare it "
            "with a stored name of its own."
        )
    return kind


def type_of_event(message: object) -> MessageType:
    """The type of an event; raises MessageError for anything else."""
    return _type_of(message, "event")


def type_of_command(message: object) -> MessageType:
    """The type of a command; raises MessageError for anything else."""
    return _type_of(message, "command")


def _type_of(message: object, noun: str) -> MessageType:
    kind = type_of(message)
    if kind.noun != noun:
        raise MessageError(f"{kind.cls.__qualname__} is a @{kind.noun}, where a @{noun} is needed.")
    if kind.cls is message:
        raise MessageError(f"{kind.cls.__qualname__} is a class. Give a message of it: {kind.cls.__qualname__}(…).")
    return kind


def place_of(declared: Any) -> str:
    """Where a class or function is declared: the same for one that is imported again, when the code is loaded anew."""
    named = declared if hasattr(declared, "__qualname__") else type(declared)
    return f"{named.__module__}.{named.__qualname__}"


def find(registry: Mapping[str, MessageType], name: str) -> MessageType:
    """The type with a stored name; raises UnknownMessage."""
    try:
        return registry[name]
    except KeyError:
        raise UnknownMessage(
            f"No class is declared with the stored name {name!r}. Stored names never change: import the module of its "
            "class in the ready() of an installed app; if the class is gone, declare one with this name again, and an "
            "upcaster if its fields differ."
        ) from None


def _check_name(name: str, version: int) -> None:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise MessageError(f"{name!r} must read 'category.what_happened', in lower-case letters and underscores.")
    if len(name) > MAX_NAME or len(name.partition(".")[0]) > MAX_CATEGORY:
        raise MessageError(
            f"{name!r} is too long to be stored: {MAX_NAME} characters at most, {MAX_CATEGORY} of them before the dot."
        )
    if type(version) is not int or not 1 <= version <= MAX_VERSION:
        raise MessageError(f"The version of {name!r} is {version!r}. Versions are integers from 1 to {MAX_VERSION:,}.")


def check_category(category: object) -> None:
    """Raises MessageError for a category that no stream can have."""
    if not isinstance(category, str) or not _CATEGORY.fullmatch(category) or len(category) > MAX_CATEGORY:
        raise MessageError(
            f"The category {category!r} can't be stored. It is made of lower-case letters and underscores, at most "
            f"{MAX_CATEGORY}."
        )


def _check(kind: MessageType, registry: Mapping[str, MessageType]) -> None:
    names, called = {item.name for item in fields(kind.cls)}, kind.cls.__qualname__
    if (twin := registry.get(kind.name)) and place_of(twin.cls) != place_of(kind.cls):
        raise MessageError(
            f"{place_of(kind.cls)} can't be {kind.name!r}: that is taken by {place_of(twin.cls)}. Stored names are "
            "unique, so give one of them another."
        )
    if missing := sorted(set(kind.streams) - names):
        raise MessageError(f"{called} needs the field {missing[0]!r}: it holds its stream's id.")
    for category in kind.streams.values():
        check_category(category)
    if kind.subject and kind.subject not in names:
        raise MessageError(
            f"{called} has no field {kind.subject!r} for the subject of its personal data. Name one that it has."
        )
    if kind.personal and not kind.subject:
        raise MessageError(f"{called} has personal fields, so it must say whose: subject='..._id'.")
    _check_types(kind)


def _check_types(kind: MessageType) -> None:
    called, hints = kind.cls.__qualname__, get_type_hints(kind.cls)
    for name in [*kind.streams, *([kind.subject] if kind.subject else [])]:
        if not all(part.type in (UUID, type(None)) for part in parts_of(hints[name])):
            raise MessageError(f"{called}.{name} holds an id, so its type is UUID, not {_type_name(hints[name])}.")
    for name, hint in hints.items():
        for part in parts_of(hint, name):
            _check_part(called, part)
    _check_defaults(kind)
    try:
        assert kind.decoder
    except TypeError as error:
        raise MessageError(f"{called} has a field that can't be stored as JSON: {error}") from error


def _check_part(called: str, part: Part) -> None:
    if part.is_inexact:
        raise MessageError(
            f"{called}.{part.path} is a {part.type.__name__}, which is not exact. Use an integer of minor units, a "
            "Decimal, or text."
        )
    if part.is_unknown:
        raise MessageError(
            f"{called}.{part.path} is a {_type_name(part.type)}, which can't be stored as JSON. Use text, integers, "
            "decimals, times, ids, tuples, and dataclasses of these."
        )


def _check_defaults(kind: MessageType) -> None:
    for item in fields(kind.cls):
        if item.default is not MISSING and not _is_hashable(item.default):
            raise MessageError(
                f"The default of {kind.cls.__qualname__}.{item.name} can be changed, and all messages would share it. "
                "Use field(default_factory=…)."
            )


def _is_hashable(value: object) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


def _named(message: object) -> str:
    return (message if isinstance(message, type) else type(message)).__qualname__


def _type_name(hint: Any) -> str:
    return getattr(hint, "__name__", None) or str(hint)


def is_personal(hint: Any) -> bool:
    """Whether an annotation is `Personal`, also inside of a union or a collection."""
    return _PERSONAL in _annotations(hint)


def _annotations(hint: Any) -> tuple[Any, ...]:
    """The annotations of a hint, also of `Annotated[…]` inside a union."""
    return getattr(hint, "__metadata__", ()) + tuple(note for arg in get_args(hint) for note in _annotations(arg))
