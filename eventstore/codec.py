"""From stored rows to records: decoded, brought to the present shape, personal fields in clear."""

from collections.abc import Sequence
from typing import Any

import msgspec

from eventstore import messages, personal, upcasting
from eventstore.backends.rows import StoredCommand, StoredEvent
from eventstore.records import CommandRecord, Recorded

_json = msgspec.json.Decoder()


def recorded(rows: Sequence[StoredEvent]) -> list[Recorded[Any]]:
    """Events as the domain knows them; raises UnknownMessage for a stored name without a class."""
    decoded = [_message(messages.events, row) for row in rows]
    return [_record(row, event) for row, event in zip(rows, _reveal(decoded), strict=True)]


def command_records(rows: Sequence[StoredCommand]) -> list[CommandRecord]:
    """Commands as the domain knows them; raises UnknownMessage for a stored name without a class."""
    decoded = [_message(messages.commands, row) for row in rows]
    return [_command_record(row, command) for row, command in zip(rows, _reveal(decoded), strict=True)]


def _message(registry: dict[str, messages.MessageType], row: StoredEvent | StoredCommand) -> Any:
    return upcasting.decode(messages.find(registry, row.type), row.schema_version, row.data)


def _reveal(decoded: list[Any]) -> list[Any]:
    if any(message.__message__.personal for message in decoded):
        return personal.reveal(decoded)
    return decoded


def _record(row: StoredEvent, event: Any) -> Recorded[Any]:
    return Recorded(
        row.position,
        row.event_id,
        row.category,
        row.stream_id,
        row.version,
        row.type,
        row.schema_version,
        event,
        _json.decode(row.metadata),
        row.recorded_at,
    )


def _command_record(row: StoredCommand, command: Any) -> CommandRecord:
    return CommandRecord(
        row.number,
        row.command_id,
        row.actor,
        row.key,
        row.type,
        row.schema_version,
        command,
        _json.decode(row.metadata),
        row.accepted,
        _json.decode(row.response),
        tuple(_json.decode(row.positions)),
        row.recorded_at,
    )
