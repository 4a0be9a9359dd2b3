"""The entries of the catalogue: each event and command, with all that is recorded of it and what the code says."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from eventstore.catalogue import examples, flow, notes
from eventstore.catalogue.notes import Note, description_of
from eventstore.catalogue.schemas import Schema, schema_of
from eventstore.evolution import files, gate
from eventstore.evolution.declared import DeclaredMessage, declared
from eventstore.evolution.files import Versions
from eventstore.evolution.notation import PERSONAL, Shape, shape_of
from eventstore.messages import MessageType, upcasters
from eventstore.projecting.declaration.projection import Projection
from eventstore.projecting.declaration.registry import subscribers
from eventstore.projecting.declaration.subscribers import Subscriber


@dataclass(frozen=True)
class Field:
    """A field at the present version; `type` is in the notation of `shapes.json`."""

    name: str
    type: str
    schema: Schema
    note: Note
    is_personal: bool


@dataclass(frozen=True)
class Version:
    """One schema version; `upcast_by` names the function that leads on to the next, if this is not the last."""

    number: int
    shape: Shape
    schema: Schema
    example: dict[str, Any] | None
    upcast_by: str | None = None
    upcast: str = ""  # what that function says of itself


@dataclass(frozen=True)
class Reader:
    """Who is given a message: a projection, a reaction, a target of the relay. `mode` is the subscriber's."""

    name: str
    mode: str


@dataclass(frozen=True)
class Entry:
    """An event or a command. Versions are in their order; names are stored names, or actors where none is stored."""

    noun: Literal["event", "command"]
    kind: MessageType
    description: str
    fields: tuple[Field, ...]
    versions: tuple[Version, ...]
    emits: tuple[str, ...] = ()  # of a command: the events that it may lead to
    made_by: tuple[str, ...] = ()  # of an event: the commands that may lead to it; of a command: who sends it by itself
    read_by: tuple[Reader, ...] = ()

    @property
    def name(self) -> str:
        return self.kind.name

    @property
    def category(self) -> str:
        return self.kind.category

    @property
    def title(self) -> str:
        return self.kind.cls.__name__

    @property
    def present(self) -> Version:
        return self.versions[-1]

    @property
    def is_personal(self) -> bool:
        """Whether it holds personal fields."""
        return bool(self.kind.personal)

    def delivered(self, *, with_personal: bool = False) -> dict[str, Any] | None:
        """An example of the event as the relay delivers it."""
        return examples.delivered(self.kind, self.present.example, with_personal=with_personal)


def entries() -> list[Entry]:
    """All events and commands of installed apps, by their names. Raises Unreadable for a faulty `shapes.json`."""
    recorded = gate.merged(files.read_all().values())
    messages = [item for item in declared() if isinstance(item, DeclaredMessage)]
    emitted, sent = flow.emissions(), flow.senders()
    made = [entry_of(item.kind, recorded[item.group].get(item.name, {}), emitted, sent) for item in messages]
    return sorted(made, key=lambda entry: (entry.noun != "event", entry.name))


def entry_of(
    kind: MessageType,
    recorded: Versions,
    emitted: Mapping[str, frozenset[str]],
    sent: Mapping[str, frozenset[str]],
) -> Entry:
    """The entry of one event or command, with its recorded versions, and who emits and sends what."""
    told = notes.notes_of(kind)
    shapes = {number: shape for number, shape in recorded.items() if isinstance(shape, Shape) and number < kind.version}
    shapes[kind.version] = shape_of(kind)
    makers = emitted if kind.noun == "event" else sent
    return Entry(
        noun=kind.noun,
        kind=kind,
        description=description_of(kind.cls),
        fields=tuple(_fields(shapes[kind.version], told)),
        versions=tuple(
            _version(kind, number, shapes[number], _that_fit(told, shapes[number], shapes[kind.version]))
            for number in sorted(shapes)
        ),
        emits=tuple(sorted(emitted.get(kind.name, ()))) if kind.noun == "command" else (),
        made_by=tuple(sorted(maker for maker, made in makers.items() if kind.name in made)),
        read_by=tuple(_readers(kind)),
    )


def _fields(shape: Shape, told: Mapping[str, Note]) -> Iterable[Field]:
    properties = schema_of(shape, told)["properties"]
    for name, text in shape.fields.items():
        yield Field(name, text, properties[name], told.get(name, Note()), text.startswith(PERSONAL))


def _that_fit(told: Mapping[str, Note], shape: Shape, present: Shape) -> Mapping[str, Note]:
    """The notes of those fields of an older shape that are as they are now: others may have meant something else."""
    return {name: note for name, note in told.items() if shape.fields.get(name) == present.fields[name]}


def _version(kind: MessageType, number: int, shape: Shape, told: Mapping[str, Note]) -> Version:
    step = upcasters.declared().get((kind.name, number)) if number < kind.version else None
    return Version(
        number,
        shape,
        {"title": kind.cls.__name__ + ("" if number == kind.version else f"V{number}"), **schema_of(shape, told)},
        examples.data_of(shape, told, step.example if step else {}),
        getattr(step.function, "__name__", repr(step.function)) if step else None,
        description_of(step.function) if step else "",
    )


def _readers(kind: MessageType) -> Iterable[Reader]:
    for name, subscriber in sorted(subscribers().items()):
        if _reads(subscriber, kind):
            yield Reader(name, subscriber.mode)


def _reads(subscriber: Subscriber, kind: MessageType) -> bool:
    reads_commands = isinstance(subscriber, Projection) and subscriber.reads_commands
    if kind.noun == "command" or reads_commands:
        return kind.noun == "command" and reads_commands
    return subscriber.types is None or kind.name in subscriber.types
