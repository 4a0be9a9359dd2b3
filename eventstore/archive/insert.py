"""Stores events and commands under the positions and numbers that they had, in bulk; and the heads of their streams."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from eventstore.archive.reader import Command, Event
from eventstore.backends import store
from eventstore.backends.sqlite.encoding import command_values, event_values

EVENT_COLUMNS: Final = (
    "position, event_id, category, stream_id, version, type, schema_version, data, metadata, recorded_at, slot, digest"
)
COMMAND_COLUMNS: Final = (
    "number, command_id, actor, key, fingerprint, type, schema_version, data, metadata, accepted, response, positions, "
    "recorded_at, digest"
)

# The newest event of each stream; its state is folded later.
HEADS: Final = """
INSERT INTO eventstore_stream
    (stream_id, category, version, position, digest, recorded_at, state, fingerprint, closed_until, first_position)
SELECT event.stream_id, category, event.version, position, digest, recorded_at, NULL, '', NULL, newest.first
FROM eventstore_event AS event
JOIN (SELECT stream_id, max(version) AS version, min(position) AS first FROM eventstore_event GROUP BY stream_id)
    AS newest
    ON newest.stream_id = event.stream_id AND newest.version = event.version
"""

# The next position is the one after the last that was restored; a sequence that has given nothing yet begins at 1.
SEQUENCES: Final = """
SELECT setval('eventstore_event_position_seq', greatest(%s, 1), %s > 0),
    setval('eventstore_command_number_seq', greatest(%s, 1), %s > 0)
"""


def insert_events(events: Iterable[Event]) -> None:
    """Store events, whose digests are made; within `guards.positions_chosen`."""
    if store().connection.vendor == "postgresql":
        _copy("eventstore_event", EVENT_COLUMNS, (_event_for_postgresql(*event) for event in events))
    else:
        _insert("eventstore_event", EVENT_COLUMNS, [[position, *event_values(event)] for position, event in events])


def insert_commands(commands: Iterable[Command]) -> None:
    """Store commands, whose digests are made; within `guards.positions_chosen`."""
    if store().connection.vendor == "postgresql":
        _copy("eventstore_command", COMMAND_COLUMNS, (_command_for_postgresql(*command) for command in commands))
    else:
        rows = [[number, *command_values(command, positions)] for number, command, positions in commands]
        _insert("eventstore_command", COMMAND_COLUMNS, rows)


def insert_heads() -> None:
    """Store the heads of all streams, without state."""
    with store().connection.cursor() as cursor:
        cursor.execute(HEADS)


def set_sequences(position: int, number: int) -> None:
    """Let the next position and number be the ones after these; SQLite goes by what is stored."""
    if store().connection.vendor == "postgresql":
        with store().connection.cursor() as cursor:
            cursor.execute(SEQUENCES, [position, position, number, number])


def _insert(table: str, columns: str, rows: Sequence[Sequence[Any]]) -> None:
    places = ", ".join(["%s"] * (columns.count(",") + 1))
    with store().connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({places})", rows)  # noqa: S608 - constants


def _copy(table: str, columns: str, rows: Iterable[Sequence[Any]]) -> None:
    with (
        store().connection.cursor() as cursor,
        cursor.cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)


def _event_for_postgresql(position: int, event: Any) -> list[Any]:
    return [
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
    ]


def _command_for_postgresql(number: int, command: Any, positions: list[int]) -> list[Any]:
    return [
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
    ]
