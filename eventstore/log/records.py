"""Recorded events, recorded commands and receipts. No Django here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec

from eventstore.backends.rows import Identity
from eventstore.decider import Refusal
from eventstore.log.cursor_text import Cursor
from eventstore.messages import StreamKey

E_co = TypeVar("E_co", covariant=True)

_object = msgspec.json.Decoder(dict[str, Any])


class Recorded(msgspec.Struct, Generic[E_co], frozen=True, gc=False):
    """An event as it is recorded in the log. Positions order the whole log; versions are dense in a stream, from 1.

    A struct, as whole logs are read into it: it is made in a third of a dataclass's time, and holds no cycles that a
    garbage collector should look for. Its metadata stay stored JSON until they are read, which is rare.
    """

    position: int
    event_id: UUID
    category: str
    stream_id: UUID
    version: int
    type: str
    schema_version: int
    event: E_co
    stored_metadata: str
    recorded_at: datetime

    @property
    def metadata(self) -> Mapping[str, Any]:
        return _object.decode(self.stored_metadata)

    @property
    def stream(self) -> StreamKey:
        return StreamKey(self.category, self.stream_id)

    @property
    def effective_at(self) -> datetime:
        """The time from which the event counts: the recording time, unless another was given."""
        if "effective_at" not in self.stored_metadata:
            return self.recorded_at
        given = self.metadata.get("effective_at")
        return datetime.fromisoformat(given) if given else self.recorded_at

    @property
    def command_id(self) -> UUID | None:
        given = self.metadata.get("command_id")
        return UUID(given) if given else None


class CommandRecord(msgspec.Struct, frozen=True, gc=False):
    """A command as it is recorded in the command store, with its response; a struct for the same reasons."""

    number: int
    command_id: UUID
    actor: str
    key: str
    type: str
    schema_version: int
    command: Any
    stored_metadata: str
    accepted: bool
    stored_response: str
    positions: tuple[int, ...]
    recorded_at: datetime

    @property
    def metadata(self) -> Mapping[str, Any]:
        return _object.decode(self.stored_metadata)

    @property
    def response(self) -> Mapping[str, Any]:
        return _object.decode(self.stored_response)

    @property
    def refusal_code(self) -> str | None:
        code: str | None = None if self.accepted else self.response.get("code")
        return code


@dataclass(frozen=True, slots=True)
class Receipt:
    """The response to a command, alike the first time and every time it is sent again.

    `answer` is the decider's; `refusal` is there where the command was refused. `positions` are those of its events.
    `language` is the one in which its sender was first answered, None for a command that was stored without.
    `identity` is that of the log when the command was stored.
    """

    command_id: UUID
    accepted: bool
    answer: Mapping[str, Any] = field(default_factory=dict)
    refusal: Refusal | None = None
    positions: tuple[int, ...] = ()
    recorded_at: datetime | None = None
    replayed: bool = False
    dry_run: bool = False
    language: str | None = None
    identity: Identity | None = None

    @property
    def position(self) -> int:
        """The position of the command's last event; 0, which every read model has passed, if it caused none."""
        return self.positions[-1] if self.positions else 0

    @property
    def cursor(self) -> str | None:
        """The cursor of that position; None for a rehearsal, whose position another event will have.

        It carries the epoch in which the command was stored, so a replay differs by no byte. Once the log has changed
        it is refused, as every other cursor from then.
        """
        if self.dry_run or self.identity is None:
            return None
        return Cursor(self.identity, self.position).text
