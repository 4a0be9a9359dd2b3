"""All schemas in one document of JSON Schema (2020-12), whose root is any event as the relay delivers it.

Below `$defs`, `tally-counted` is the data of `tally.counted` at its present version, `tally-counted-v1` that of an
older one, and `tally-counted-message` the event in its envelope. Of a dot, generators of code would make a module.
"""

from collections.abc import Sequence
from typing import Any, Final

from eventstore.catalogue.entries import Entry, Version, entries
from eventstore.catalogue.envelope import NAME, envelope, envelope_of
from eventstore.catalogue.schemas import Schema

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_PLACE: Final = "#/$defs/"


def json_schema(of: Sequence[Entry] | None = None) -> dict[str, Any]:
    """The document; of all entries by default."""
    found = entries() if of is None else of
    delivered = delivered_schemas(found, _PLACE)
    return {
        "$schema": DIALECT,
        "title": title_of(found),
        "description": "The root is any event in its envelope. Below $defs are the data of each event and command.",
        "anyOf": [{"$ref": f"{_PLACE}{name}"} for name in delivered],
        "$defs": {NAME: envelope(), **delivered, **data_schemas(found)},
    }


def title_of(found: Sequence[Entry]) -> str:
    """A title by the names of the packages that declare messages; the engine's own goes without saying."""
    packages = sorted({entry.kind.cls.__module__.partition(".")[0] for entry in found} - {"eventstore"})
    return f"Events and commands of {', '.join(packages) or 'eventstore'}"


def message_name(entry: Entry) -> str:
    """The name of the schema of an event in its envelope."""
    return f"{definition_of(entry.name)}-message"


def definition_of(name: str) -> str:
    """The name of the schema of data at the present version, by the stored name of the event or command."""
    return name.replace(".", "-")


def delivered_schemas(found: Sequence[Entry], place: str) -> dict[str, Schema]:
    """The schemas of events in their envelopes, by their names; `place` is where other schemas are referred to."""
    events = [entry for entry in found if entry.noun == "event"]
    return {message_name(entry): envelope_of(entry, place, definition_of(entry.name)) for entry in events}


def data_schemas(found: Sequence[Entry]) -> dict[str, Schema]:
    """The schemas of data, of all versions, by their names."""
    return {schema_name(entry, each): _data(entry, each) for entry in found for each in entry.versions}


def schema_name(entry: Entry, version: Version) -> str:
    """The name of the schema of an event's or a command's data at one version."""
    name = definition_of(entry.name)
    return name if version is entry.present else f"{name}-v{version.number}"


def _data(entry: Entry, version: Version) -> Schema:
    told = {
        "description": entry.description,
        "x-message": entry.name,
        "x-noun": entry.noun,
        "x-version": version.number,
        "x-upcast-by": version.upcast_by,
        "examples": [version.example] if version.example is not None else None,
    }
    return {**version.schema, **{name: value for name, value in told.items() if value}}
