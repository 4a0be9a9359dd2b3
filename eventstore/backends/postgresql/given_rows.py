"""PostgreSQL: rows of the log that are stored under the positions and numbers that they had, by COPY."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore.backends.postgresql.statements import APPEND_GIVEN, DRAW_AFTER, STORE_GIVEN
from eventstore.backends.rows import CommandRow, EventRow

EVENTS: Final = "eventstore_event"
COMMANDS: Final = "eventstore_command"


class GivenRows:
    """The part of the backend that a restore stores rows with."""

    connection: BaseDatabaseWrapper

    def append_given(self, events: Iterable[tuple[int, EventRow]], table: str = EVENTS) -> None:
        self._copy(APPEND_GIVEN.replace(EVENTS, table), (_event_values(position, event) for position, event in events))

    def store_given(self, commands: Iterable[tuple[int, CommandRow, Sequence[int]]], table: str = COMMANDS) -> None:
        self._copy(STORE_GIVEN.replace(COMMANDS, table), (_command_values(*command) for command in commands))

    def draw_after(self, position: int, number: int) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(DRAW_AFTER, [position, position, number, number])

    def _copy(self, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
        with self.connection.cursor() as cursor, cursor.cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)


def _event_values(position: int, event: EventRow) -> tuple[Any, ...]:
    return (
        position,
        event.event_id,
        event.category,
        event.stream_id,
        event.version,
        event.type,
        event.schema_version,
        bytes(event.data).decode(),
        bytes(event.metadata).decode(),
        event.recorded_at,
        event.slot,
        bytes.fromhex(event.digest),
    )


def _command_values(number: int, command: CommandRow, positions: Sequence[int]) -> tuple[Any, ...]:
    return (
        number,
        command.command_id,
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
        command.recorded_at,
        bytes.fromhex(command.digest),
    )
