"""The schema of the envelope in which the relay delivers events; what makes the envelope is `relay/envelope.py`."""

from typing import Any, Final

from eventstore.catalogue.entries import Entry
from eventstore.catalogue.schemas import Schema

NAME: Final = "envelope"

_ID: Final[Schema] = {"type": "string", "format": "uuid"}
_ATTRIBUTES: Final[dict[str, tuple[str, Schema]]] = {
    "specversion": ("The version of CloudEvents.", {"const": "1.0"}),
    "id": ("The id of the event, the same each time that it is delivered: drop what you have seen.", _ID),
    "source": ("The log that the event was recorded in.", {"type": "string", "pattern": "^urn:uuid:[0-9a-f-]{36}$"}),
    "type": ("The stored name of the event, which never changes.", {"type": "string"}),
    "subject": ("Its stream: a category, a slash, an id.", {"type": "string", "pattern": "^[a-z_]+/[0-9a-f-]{36}$"}),
    "time": ("When it was recorded.", {"type": "string", "format": "date-time"}),
    "datacontenttype": ("The media type of `data`.", {"const": "application/json"}),
    "epoch": ("Rises when the log was restored from an older copy.", {"type": "integer", "minimum": 1}),
    "position": ("Its place in the whole log.", {"type": "string", "pattern": "^[0-9]{1,19}$"}),
    "cursor": ("Its place as the API takes it, to read on from there.", {"type": "string"}),
    "sequence": (
        "Its version in its stream, from 1 on, padded so that texts sort as numbers do.",
        {"type": "string", "pattern": "^[0-9]{19}$"},
    ),
    "partitionkey": ("The id of its stream: events of one key are in order.", _ID),
    "schemaversion": (
        "The schema version that was stored; `data` has the present shape.",
        {"type": "integer", "minimum": 1},
    ),
    "correlationid": ("The id of what began all this.", {"type": "string"}),
    "causationid": ("The id of what caused this command.", {"type": "string"}),
    "data": ("The fields of the event.", {"type": "object"}),
}
_NOT_ALWAYS: Final = {"correlationid", "causationid"}


def envelope() -> Schema:
    """The schema of an envelope of any event."""
    return {
        "title": "Envelope",
        "description": "CloudEvents 1.0, structured. Attributes may be added: ignore those that you don't know.",
        "type": "object",
        "properties": {name: {**schema, "description": text} for name, (text, schema) in _ATTRIBUTES.items()},
        "required": [name for name in _ATTRIBUTES if name not in _NOT_ALWAYS],
    }


def envelope_of(entry: Entry, place: str, data: str) -> Schema:
    """The schema of an event's envelope; `place` is where schemas are referred to, `data` the name of its data's."""
    properties: dict[str, Any] = {"type": {"const": entry.name}, "data": {"$ref": f"{place}{data}"}}
    example = entry.delivered()
    return {
        "title": f"{entry.title}Message",
        "description": f"{entry.title}, as it is delivered.",
        "type": "object",
        "allOf": [{"$ref": f"{place}{NAME}"}],
        "properties": properties,
        "required": ["type", "data"],
        **({"examples": [example]} if example else {}),
    }
