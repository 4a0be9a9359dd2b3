"""Rows as a proof holds them: exactly what was hashed, so that anybody can hash it again."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from eventstore.messages import canonical, events
from eventstore.models import Command, Event
from eventstore.verifier.digests import COMMAND_ENVELOPE, EVENT_ENVELOPE

__all__ = ["command_as_stored", "event_as_stored", "personal_fields"]


def event_as_stored(event: Event) -> dict[str, Any]:
    """The row of an event. Personal fields stay encrypted, as they are hashed."""
    return _row(event, EVENT_ENVELOPE, ("metadata", "data"))


def command_as_stored(command: Command) -> dict[str, Any]:
    """The row of a command with its answer. Personal fields stay encrypted, as they are hashed."""
    return _row(command, COMMAND_ENVELOPE, ("metadata", "data", "response"))


def personal_fields(row: Event | Command, known: Mapping[str, Any] = events) -> list[str]:
    """The fields of a row's data that are encrypted; none for a type without a class in this version of the project."""
    kind = known.get(row.type)
    return sorted(set(kind.personal) & row.data.keys()) if kind else []


def _row(row: Event | Command, envelope: tuple[str, ...], columns: tuple[str, ...]) -> dict[str, Any]:
    texts = {name: canonical(getattr(row, name)).decode() for name in columns}
    return {**{name: _plain(getattr(row, name)) for name in envelope}, **texts}


def _plain(value: Any) -> Any:
    match value:
        case bytes() | memoryview():
            return bytes(value).hex()
        case datetime():
            return msgspec.json.decode(msgspec.json.encode(value.astimezone(UTC)))
        case _:
            return msgspec.to_builtins(value)
