"""What the stores hand out: recorded events, recorded commands, receipts. No Django here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec

from eventstore.decider import Refusal
from eventstore.messages import StreamKey

E_co = TypeVar("E_co", covariant=True)

_object = msgspec.json.Decoder(dict[str, Any])


class Recorded(msgspec.Struct, Generic[E_co], frozen=True, gc=False):
    """An event as it stands in the log. Positions order the whole log; versions are dense in a stream, from 1.

    A struct, as whole logs are read into it: it is made in a third of a dataclass's time, and holds no cycles that a
    garbage collector should look for. Its metadata stay the JSON that is stored until somebody asks, which few do.
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
        """When it counts from, where that is not when it was recorded."""
        if "effective_at" not in self.stored_metadata:
            return self.recorded_at
        given = self.metadata.get("effective_at")
        return datetime.fromisoformat(given) if given else self.recorded_at

    @property
    def command_id(self) -> UUID | None:
        given = self.metadata.get("command_id")
        return UUID(given) if given else None


class CommandRecord(msgspec.Struct, frozen=True, gc=False):
    """A command as it stands in the command store, with what came of it; a struct for the same reasons."""

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
    """What the sender of a command gets, the first time and every time it is sent again.

    `answer` is what the decider told; `refusal` why not. `positions` are those of the events that it caused.
    """

    command_id: UUID
    accepted: bool
    answer: Mapping[str, Any] = field(default_factory=dict)
    refusal: Refusal | None = None
    positions: tuple[int, ...] = ()
    recorded_at: datetime | None = None
    replayed: bool = False
    dry_run: bool = False

    @property
    def position(self) -> int:
        """The last position that it wrote; 0 if it wrote none, which every read model has passed."""
        return self.positions[-1] if self.positions else 0
