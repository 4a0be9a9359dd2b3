"""Requests: a command with its actor, its key and the id under which it is stored."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from inspect import iscoroutinefunction
from typing import Any
from uuid import UUID

from django.utils.functional import cached_property  # Python's own takes a lock before 3.12

from eventstore import messages, personal
from eventstore.errors import ArgumentRefused
from eventstore.messages import MessageType, StreamKey
from eventstore.messages.arguments import actor_text, described, id_of, key_text, time_of
from eventstore.messages.declaration import type_of_command
from eventstore.telemetry import hooks
from eventstore.telemetry.traceparent import NAME as TRACEPARENT
from eventstore.telemetry.traceparent import parsed


def command_id_of(actor: str, key: str) -> UUID:
    """The id of a command, derived from the actor and the actor's key, so that one look-up finds a duplicate."""
    return UUID(bytes=command_id_bytes(actor, key))


def command_id_bytes(actor: str, key: str) -> bytes:
    """The bytes of that id; whoever compares a million of them needs no objects."""
    hashed = bytearray(hashlib.sha256(f"{actor}\n{key}".encode()).digest()[:16])
    hashed[6] = 0x80 | hashed[6] & 0x0F  # UUID version 8, as RFC 9562 has it for ids of one's own making
    hashed[8] = 0x80 | hashed[8] & 0x3F
    return bytes(hashed)


@dataclass(frozen=True, kw_only=True)
class CommandRequest:
    """A command with its actor, key and options; `execute` explains each of them.

    `traceparent` is the trace that it belongs to, where that is another than the one at work (W3C Trace Context).

    Raises ArgumentRefused for what can't be stored, or can't be meant, and MessageError for what is no command.
    """

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
    traceparent: str | None = None

    def __post_init__(self) -> None:
        type_of_command(self.command)
        if (key := key_text(self.key)) is not self.key:
            object.__setattr__(self, "key", key)
        if (actor := actor_text(self.actor)) is not self.actor:
            object.__setattr__(self, "actor", actor)
        _must_be_plain(self.in_transaction)
        if self.fingerprint_source is not None and not isinstance(self.fingerprint_source, str):
            raise ArgumentRefused(f"The fingerprint is {described(self.fingerprint_source)}. Give text, or None.")
        if self.traceparent is not None and parsed(self.traceparent) is None:
            raise ArgumentRefused(f"The traceparent is {described(self.traceparent)}, which names no trace.")
        for name in ("correlation_id", "causation_id"):
            if (given := getattr(self, name)) is not None:
                id_of(name, given)
        for name in ("effective_at", "recorded_at"):
            if (given := getattr(self, name)) is not None:
                time_of(name, given)

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

    def refuse_unstorable(self) -> None:
        """Encode the command, which raises PayloadRefused or ArgumentRefused if it can't be; nothing is locked yet."""
        _ = self.streams, self.encoded

    @property
    def concealed(self) -> bytes:
        """The command in canonical JSON as it is stored, personal fields encrypted."""
        return messages.encode(personal.conceal(self.command)) if self.kind.personal else self.encoded

    @cached_property
    def fingerprint(self) -> str:
        """A keyed hash, in hexadecimal, of the command or of `fingerprint_source`; these may hold passwords."""
        text = self.encoded if self.fingerprint_source is None else self._fingerprint_bytes
        return personal.keyed_hash(self.kind.name.encode() + b"\n" + text).hex()

    @property
    def _fingerprint_bytes(self) -> bytes:
        assert self.fingerprint_source is not None
        return self.fingerprint_source.encode(errors="surrogatepass")

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
            TRACEPARENT: self.traceparent or hooks.traceparent(),
        }
        return {name: value for name, value in given.items() if value is not None}


def requests_of(given: object) -> list[CommandRequest]:
    """Several requests in a list; raises ArgumentRefused for anything else."""
    if not isinstance(given, Iterable):
        raise ArgumentRefused(f"The requests are {described(given)}. Give a list of CommandRequest.")
    requests = list(given)
    for place, request in enumerate(requests):
        if not isinstance(request, CommandRequest):
            raise ArgumentRefused(
                f"Request {place} is {described(request)}, not a CommandRequest. Give CommandRequest(command=…, key=…, "
                "actor=…)."
            )
    return requests


def _must_be_plain(work: object) -> None:
    """Raises ArgumentRefused for what can't be called within the transaction."""
    if work is not None and not callable(work):
        raise ArgumentRefused(f"in_transaction is {described(work)}. Give a function without arguments.")
    if work is not None and iscoroutinefunction(work):
        raise ArgumentRefused("in_transaction is async, and nobody would await it. Give a plain function.")
