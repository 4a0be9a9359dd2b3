"""What the catalogue says of the rows that are stored, held against them."""

from collections.abc import Iterable, Iterator
from itertools import chain

from eventstore.catalogue import entries, json_schema
from eventstore.models import Command, Event
from tests.eventstore.catalogue.schemas import Schemas


def must_be_as_described() -> None:
    """Each stored event and command fits its schema, and each event came of a command that is said to lead to it."""
    schemas = Schemas(json_schema())
    rows: Iterable[Event | Command] = chain(Event.objects.all(), Command.objects.all())
    for row in rows:
        assert schemas.faults(row.type.replace(".", "-"), row.data) == [], row.type
    assert set(_led_to()) <= {(command, name) for name, commands in makers().items() for command in commands}


def makers() -> dict[str, tuple[str, ...]]:
    """The commands that may lead to each event, as the catalogue says."""
    return {entry.name: entry.made_by for entry in entries() if entry.noun == "event"}


def _led_to() -> Iterator[tuple[str, str]]:
    """The types of commands, with the types of events that they have led to."""
    types = dict(Event.objects.values_list("position", "type"))
    for command in Command.objects.only("type", "positions"):
        yield from ((command.type, types[position]) for position in command.positions)
