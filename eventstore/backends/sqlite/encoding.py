"""SQLite: values and rows in the form in which Django stores them there."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from eventstore.backends.rows import (
    CommandRow,
    EventRow,
    Head,
    HeadRow,
    Identity,
    StoredCommand,
    StoredEvent,
    StoredResponse,
    microseconds_of,
)


def value_of(value: Any) -> Any:
    """A value as Django stores it in SQLite."""
    match value:
        case UUID():
            return value.hex
        case datetime():
            return time_text(value)
        case _:
            return value


def time_text(moment: datetime) -> str:
    """A time as Django stores it in SQLite: in UTC, without a zone."""
    return str(moment.astimezone(UTC).replace(tzinfo=None))


def time_of(text: str | datetime) -> datetime:
    """A time from raw SQL, which gives text unless sqlite3's own converter has parsed it."""
    moment = text if isinstance(text, datetime) else datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC)


def event_values(event: EventRow) -> list[Any]:
    """The parameters of APPEND."""
    return [
        event.event_id.hex,
        event.category,
        event.stream_id.hex,
        event.version,
        event.type,
        event.schema_version,
        bytes(event.data).decode(),
        bytes(event.metadata).decode(),
        time_text(event.recorded_at),
        event.slot,
        bytes.fromhex(event.digest),
    ]


def head_values(head: HeadRow, first: int, position: int) -> list[Any]:
    """The parameters of MOVE_HEAD; `first` and `position` are those of the first and the last event that is added."""
    return [
        head.stream_id.hex,
        head.category,
        head.version,
        position,
        bytes.fromhex(head.digest),
        time_text(head.recorded_at),
        head.state,
        head.fingerprint,
        first,
    ]


def command_values(command: CommandRow, positions: list[int]) -> list[Any]:
    """The parameters of STORE."""
    return [
        command.command_id.hex,
        command.actor,
        command.key,
        bytes.fromhex(command.fingerprint),
        command.type,
        command.schema_version,
        bytes(command.data).decode(),
        bytes(command.metadata).decode(),
        command.accepted,
        bytes(command.response).decode(),
        msgspec.json.encode(positions).decode(),
        time_text(command.recorded_at),
        bytes.fromhex(command.digest),
    ]


def head_of(row: Sequence[Any]) -> Head:
    """The head in a row of HEADS."""
    stream_id, category, version, digest, recorded_at, state, fingerprint, closed = row
    closed_until = None if closed is None else time_of(closed)
    return Head(UUID(stream_id), category, version, digest, time_of(recorded_at), state, fingerprint, closed_until)


def response_of(row: Sequence[Any]) -> StoredResponse:
    """The response in a row of RESPONSES."""
    command_id, fingerprint, accepted, response, positions, recorded_at, language, *identity = row
    return StoredResponse(
        UUID(command_id),
        fingerprint,
        bool(accepted),
        msgspec.json.decode(response),
        msgspec.json.decode(positions),
        time_of(recorded_at),
        language,
        identity_of(*identity),
    )


def identity_of(log_id: str | None, epoch: int | None, began_at: str | datetime | None) -> Identity | None:
    """The identity in the columns of an epoch; None where there is no epoch."""
    if log_id is None or epoch is None or began_at is None:
        return None
    return Identity(UUID(log_id), epoch, microseconds_of(time_of(began_at)))


def event_of(row: Sequence[Any]) -> StoredEvent:
    """The event in a row of EVENTS."""
    event = StoredEvent._make(row)
    return event._replace(event_id=UUID(row[1]), stream_id=UUID(row[3]), recorded_at=time_of(event.recorded_at))


def command_of(row: Sequence[Any]) -> StoredCommand:
    """The command in a row of COMMANDS."""
    command = StoredCommand._make(row)
    return command._replace(
        command_id=UUID(row[1]), accepted=bool(command.accepted), recorded_at=time_of(command.recorded_at)
    )
