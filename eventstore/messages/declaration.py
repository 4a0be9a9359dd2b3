"""The declaration of events and commands: `@event` and `@command` make a class a message with a stored name.

Pure: no Django, no database. The stored name is what the log keeps for ever; the class may move or be renamed.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from functools import cached_property
from typing import Annotated, Any, NamedTuple, TypeVar, dataclass_transform, get_args, get_type_hints
from uuid import UUID

import msgspec

from eventstore.errors import MessageError, UnknownMessage

T = TypeVar("T")

_NAME = re.compile(r"[a-z][a-z_]*\.[a-z][a-z_]*")
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

    @property
    def category(self) -> str:
        return self.name.partition(".")[0]

    @cached_property
    def personal(self) -> tuple[str, ...]:
        """The names of the fields that are encrypted."""
        hints = get_type_hints(self.cls, include_extras=True)
        return tuple(name for name, hint in hints.items() if _PERSONAL in _annotations(hint))

    @cached_property
    def is_open(self) -> bool:
        """Whether a field takes foreign data of any type, which has to be looked through before it is stored."""
        return any(Any in _leaves(hint) for hint in get_type_hints(self.cls).values())

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
        ids = [(category, getattr(message, name)) for name, category in self._stream_fields]
        return tuple([StreamKey(category, id) if id is not None else None for category, id in ids])

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
    return _declare(events, name, version, subject, None)


@dataclass_transform(frozen_default=True)
def command(
    name: str, *, version: int = 1, subject: str | None = None, streams: Mapping[str, str] | None = None
) -> Callable[[type[T]], type[T]]:
    """Declare a command class: an order, that may be refused.

    The streams that it decides over are, by convention, `<category>_id` alone; `streams` maps fields to
    categories where there are more, in the order in which `decide` is given their states. A field `now` is set
    to the moment at which it is decided over, which is the one at which its events are recorded.
    """
    return _declare(commands, name, version, subject, streams)


def _declare(
    registry: dict[str, MessageType],
    name: str,
    version: int,
    subject: str | None,
    streams: Mapping[str, str] | None,
) -> Callable[[type[T]], type[T]]:
    def register(cls: type[T]) -> type[T]:
        frozen: type[T] = dataclass(frozen=True, slots=True)(cls)
        category = name.partition(".")[0]
        kind = MessageType(frozen, name, version, subject, streams or {f"{category}_id": category})
        _check(kind, registry)
        registry[name] = kind
        frozen.__message__ = kind  # type: ignore[attr-defined]
        return frozen

    return register


def type_of(message: object) -> MessageType:
    """The type of a message; raises MessageError for an object that is none."""
    kind: MessageType | None = getattr(message, "__message__", None)
    if kind is None:
        raise MessageError(f"{type(message).__name__} is neither an @event nor a @command.")
    return kind


def find(registry: Mapping[str, MessageType], name: str) -> MessageType:
    """The type with a stored name; raises UnknownMessage."""
    try:
        return registry[name]
    except KeyError:
        raise UnknownMessage(f"No class is registered for the stored name {name!r}. {UnknownMessage.__doc__}") from None


def _check(kind: MessageType, registry: Mapping[str, MessageType]) -> None:
    names = {item.name for item in fields(kind.cls)}
    if not _NAME.fullmatch(kind.name):
        raise MessageError(f"{kind.name!r} must read 'category.what_happened', in lower-case letters and underscores.")
    if (twin := registry.get(kind.name)) and _place(twin.cls) != _place(kind.cls):
        raise MessageError(f"{kind.name!r} is taken by {_place(twin.cls)}. Stored names are unique.")
    if missing := set(kind.streams) - names:
        raise MessageError(f"{kind.cls.__qualname__} needs the field {missing.pop()!r}: it holds its stream's id.")
    if kind.subject and kind.subject not in names:
        raise MessageError(
            f"{kind.cls.__qualname__} has no field {kind.subject!r} for the subject of its personal data."
        )
    if kind.personal and not kind.subject:
        raise MessageError(f"{kind.cls.__qualname__} has personal fields, so it must say whose: subject='..._id'.")
    _refuse_types(kind)


def _place(cls: type[Any]) -> str:
    """Where a class is declared: the same for one that is imported again, when the code is loaded anew."""
    return f"{cls.__module__}.{cls.__qualname__}"


def _refuse_types(kind: MessageType) -> None:
    for name, hint in get_type_hints(kind.cls).items():
        if float in _leaves(hint):
            raise MessageError(
                f"{kind.cls.__qualname__}.{name} is a float. Use an integer of minor units, or a string."
            )


def _leaves(hint: Any) -> set[Any]:
    inner = [leaf for leaf in get_args(hint) if not isinstance(leaf, str)]
    return {hint}.union(*(_leaves(leaf) for leaf in inner)) if inner else {hint}


def _annotations(hint: Any) -> tuple[Any, ...]:
    """The annotations of a hint, also of `Annotated[…]` inside a union."""
    return getattr(hint, "__metadata__", ()) + tuple(note for arg in get_args(hint) for note in _annotations(arg))
