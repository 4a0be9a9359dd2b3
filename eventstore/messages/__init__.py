"""Events and commands: frozen dataclasses with a stable stored name and a schema version."""

from eventstore.messages.characters import first_unfit, has_control, is_blank, is_plain
from eventstore.messages.declaration import (
    MessageType,
    Personal,
    StreamKey,
    command,
    commands,
    event,
    events,
    find,
    type_of,
)
from eventstore.messages.moments import is_moment, parse_moment
from eventstore.messages.payload import MAX_PAYLOAD, canonical, encode
from eventstore.messages.upcasters import upcaster

__all__ = [
    "MAX_PAYLOAD",
    "MessageType",
    "Personal",
    "StreamKey",
    "canonical",
    "command",
    "commands",
    "encode",
    "event",
    "events",
    "find",
    "first_unfit",
    "has_control",
    "is_blank",
    "is_moment",
    "is_plain",
    "parse_moment",
    "type_of",
    "upcaster",
]
