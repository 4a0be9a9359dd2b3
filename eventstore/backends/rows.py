"""Rows that are written to the database and read from it, alike for all backends. Digests are in hexadecimal."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec


class Identity(NamedTuple):
    """The id of a log, its present epoch, and when that began, in microseconds since 1970.

    The time tells two epochs of one number apart: after a second restore of the same old copy, both are the second.
    """

    log_id: UUID
    epoch: int
    began: int = 0


def microseconds_of(moment: datetime) -> int:
    """A time as an identity has it."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


class EventRow(msgspec.Struct, gc=False):
    """An event to append; its position is still to be drawn."""

    event_id: UUID
    category: str
    stream_id: UUID
    version: int
    type: str
    schema_version: int
    data: msgspec.Raw
    metadata: msgspec.Raw
    recorded_at: datetime
    slot: int
    command_id: str | None
    digest: str = ""


class HeadRow(msgspec.Struct, gc=False):
    """A stream's head after its new events."""

    stream_id: UUID
    category: str
    version: int
    digest: str
    recorded_at: datetime
    state: str | None
    fingerprint: str


class CommandRow(msgspec.Struct, gc=False):
    """A command with its response."""

    command_id: UUID
    actor: str
    key: str
    fingerprint: str
    type: str
    schema_version: int
    data: msgspec.Raw
    metadata: msgspec.Raw
    accepted: bool
    response: msgspec.Raw
    recorded_at: datetime
    digest: str = ""


class Head(msgspec.Struct):
    """A stream's head as it was read; a stream without events has none in the database."""

    stream_id: UUID
    category: str
    version: int = 0
    digest: str = ""
    recorded_at: datetime | None = None
    state: str | None = None
    fingerprint: str = ""
    closed_until: datetime | None = None

    @property
    def not_before(self) -> datetime | None:
        """The earliest time of the next event: that of the last one, or the end of the closed time if that is later."""
        times = [time for time in (self.recorded_at, self.closed_until) if time]
        return max(times) if times else None


class StoredResponse(msgspec.Struct):
    """A stored command's fingerprint and response, with which a duplicate is answered."""

    command_id: UUID
    fingerprint: str
    accepted: bool
    response: dict[str, Any]
    positions: list[int]
    recorded_at: datetime
    language: str | None = None  # of the sender, in which the response was told
    identity: Identity | None = None  # of the log when the command was stored


class TransactionStart(msgspec.Struct):
    """What a transaction finds when it begins: the database's time, responses to its commands, the locked heads.

    And the log's identity, unless `migrate` has not given it one yet; and of a restore that was begun here and has not
    ended its source, and when it began (UTC).
    """

    now: datetime
    stored: dict[UUID, StoredResponse]
    heads: dict[UUID, Head]
    identity: Identity | None = None
    restore: tuple[str, str] | None = None


class Written(msgspec.Struct):
    """The positions of events and the numbers of commands that the database drew, in the order of the rows.

    `found` holds the rows of each lookup that was sent along.
    """

    positions: tuple[int, ...]
    numbers: tuple[int, ...]
    found: list[list[Any]] = []


class StoredEvent(NamedTuple):
    """An event as it is stored, before it is decoded."""

    position: int
    event_id: UUID
    category: str
    stream_id: UUID
    version: int
    type: str
    schema_version: int
    data: str
    metadata: str
    recorded_at: datetime


class StoredPayload(NamedTuple):
    """The columns of an event that its stream's state is folded from."""

    version: int
    type: str
    schema_version: int
    data: str


class StoredCommand(NamedTuple):
    """A command as it is stored, before it is decoded."""

    number: int
    command_id: UUID
    actor: str
    key: str
    type: str
    schema_version: int
    data: str
    metadata: str
    accepted: bool
    response: str
    positions: str
    recorded_at: datetime


class MarkRow(NamedTuple):
    """The tidemark, and the log's identity then; None before `migrate` has given it one."""

    position: int
    number: int
    identity: Identity | None = None


class Writer(NamedTuple):
    """A transaction that the tidemark waits for: its virtual transaction id, and the process that runs it."""

    transaction: str
    pid: int | None
