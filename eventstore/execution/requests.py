"""Requests: a command with its actor, its key and the id under which it is stored."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.functional import cached_property  # Python's own takes a lock before 3.12

from eventstore import messages, personal
from eventstore.messages import MessageType, StreamKey


def command_id_of(actor: str, key: str) -> UUID:
    """The id of a command, derived from the actor and the actor's key, so that one look-up finds a duplicate."""
    hashed = bytearray(hashlib.sha256(f"{actor}\n{key}".encode()).digest()[:16])
    hashed[6] = 0x80 | hashed[6] & 0x0F  # UUID version 8, as RFC 9562 has it for ids of one's own making
    hashed[8] = 0x80 | hashed[8] & 0x3F
    return UUID(bytes=bytes(hashed))


@dataclass(frozen=True, kw_only=True)
class CommandRequest:
    """A command with its actor, key and options; `execute` explains each of them."""

    command: Any
    key: str
    actor: str
    fingerprint_source: str | None = None
    correlation_id: UUID | None = None
    causation_id: UUID | None = None
    effective_at: datetime | None = None
    recorded_at: datetime | None = None
    in_transaction: Callable[[], object] | None = field(default=None, compare=False)
    dry_run: bool = False

    @cached_property
    def kind(self) -> MessageType:
        """The type of the command."""
        return messages.type_of(self.command)

    @cached_property
    def command_id(self) -> UUID:
        """The id under which the command is stored."""
        return command_id_of(self.actor, self.key)

    @cached_property
    def encoded(self) -> bytes:
        """The command in canonical JSON, personal fields in clear."""
        return messages.encode(self.command)

    @property
    def concealed(self) -> bytes:
        """The command in canonical JSON as it is stored, personal fields encrypted."""
        return messages.encode(personal.conceal(self.command)) if self.kind.personal else self.encoded

    @cached_property
    def fingerprint(self) -> str:
        """A keyed hash, in hexadecimal, of the command or of `fingerprint_source`; these may hold passwords."""
        text = self.encoded if self.fingerprint_source is None else self.fingerprint_source.encode()
        return personal.keyed_hash(self.kind.name.encode() + b"\n" + text).hex()

    @cached_property
    def streams(self) -> tuple[StreamKey, ...]:
        """The streams that the command decides over, each once."""
        named = self.kind.streams_of(self.command)
        return tuple(dict.fromkeys(stream for stream in named if stream is not None))

    @cached_property
    def metadata(self) -> dict[str, Any]:
        """The metadata of the command, and of each event that it causes."""
        given = {
            "actor": self.actor,
            "command_id": str(self.command_id),
            "correlation_id": str(self.correlation_id or self.command_id),
            "causation_id": self.causation_id and str(self.causation_id),
            "effective_at": self.effective_at and self.effective_at.isoformat(),
            "imported": self.recorded_at is not None or None,
        }
        return {name: value for name, value in given.items() if value is not None}
