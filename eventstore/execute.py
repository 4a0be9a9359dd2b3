"""Execute a command: claim its id, lock its streams, decide, and commit facts, answer and read models as one.

The whole of it is one transaction. A refusal is stored like an acceptance, so sending a command again always gives
the first answer; a failure of the machine stores nothing, so sending it again is safe.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction
from uuid_utils.compat import uuid7

from eventstore import decider, messages, personal
from eventstore.backends import backend_of, writing
from eventstore.backends.rows import CommandRow, Head, Opening, Stored
from eventstore.decider import Decision, Refusal, Refused, phrase
from eventstore.errors import BackwardsInTime
from eventstore.log import Draft, state_of
from eventstore.messages import MessageType, StreamKey, canonical
from eventstore.models import Event
from eventstore.records import CommandRecord, Receipt
from eventstore.retries import retrying
from eventstore.signals import commands_recorded

KEY_REUSED = Refusal(
    "IDEMPOTENCY_KEY_REUSED",
    phrase("This key has been used for another request. Send this one with a new key."),
)


def execute(
    command: Any,
    key: str | UUID,
    *,
    actor: str,
    fingerprint: str | None = None,
    correlation_id: UUID | None = None,
    causation_id: UUID | None = None,
    effective_at: datetime | None = None,
    recorded_at: datetime | None = None,
    alongside: Callable[[], None] | None = None,
    dry_run: bool = False,
) -> Receipt:
    """Decide over a command and record what comes of it; the same key by the same actor gives the same receipt.

    `key` is the caller's own id for this request; `fingerprint` says what was asked, where the command itself differs
    from one attempt to the next. The same key with another fingerprint is refused with IDEMPOTENCY_KEY_REUSED, which is
    not stored. `alongside` runs in the transaction, after the events: it may write rows that are not projections (a
    login) and may raise Refused. `recorded_at` is for importing history alone, and may not be earlier than the last
    event's. `dry_run` rehearses everything and stores nothing, the key included.

    Raises RetriesExhausted, or the database's own error, if nothing could be stored: try again with the same key.
    """
    request = Request(
        command,
        str(uuid7()) if dry_run else str(key),
        actor,
        fingerprint,
        correlation_id,
        causation_id,
        effective_at,
        recorded_at,
        alongside,
        dry_run,
    )
    return retrying(lambda: _once(request))


def command_id_of(actor: str, key: str) -> UUID:
    """The id of a command: it stands for the actor and the actor's key, so one look-up finds a duplicate."""
    hashed = bytearray(hashlib.sha256(f"{actor}\n{key}".encode()).digest()[:16])
    hashed[6] = 0x80 | hashed[6] & 0x0F  # UUID version 8, as RFC 9562 has it for ids of one's own making
    hashed[8] = 0x80 | hashed[8] & 0x3F
    return UUID(bytes=bytes(hashed))


@dataclass(frozen=True)
class Request:
    """A command on its way through `execute`, with who asks and how."""

    command: Any
    key: str
    actor: str
    given_fingerprint: str | None = None
    correlation_id: UUID | None = None
    causation_id: UUID | None = None
    effective_at: datetime | None = None
    recorded_at: datetime | None = None
    alongside: Callable[[], None] | None = field(default=None, compare=False)
    dry_run: bool = False

    @cached_property
    def kind(self) -> MessageType:
        return messages.type_of(self.command)

    @cached_property
    def command_id(self) -> UUID:
        return command_id_of(self.actor, self.key)

    @cached_property
    def fingerprint(self) -> str:
        """What was asked, as a keyed hash in hexadecimal: it may cover passwords and personal data."""
        asked = self.given_fingerprint
        text = messages.encode(self.command) if asked is None else asked.encode()
        return personal.keyed_hash(self.kind.name.encode() + b"\n" + text).hex()

    @cached_property
    def streams(self) -> tuple[StreamKey, ...]:
        named = self.kind.streams_of(self.command)
        return tuple(dict.fromkeys(stream for stream in named if stream is not None))

    @cached_property
    def metadata(self) -> dict[str, Any]:
        """What goes with the command and with each event that it causes."""
        given = {
            "actor": self.actor,
            "command_id": str(self.command_id),
            "correlation_id": str(self.correlation_id or self.command_id),
            "causation_id": self.causation_id and str(self.causation_id),
            "effective_at": self.effective_at and self.effective_at.isoformat(),
            "imported": self.recorded_at is not None or None,
        }
        return {name: value for name, value in given.items() if value is not None}


def _once(request: Request) -> Receipt:
    opening = backend_of(writing()).open(writing(), request.command_id, sorted(stream.id for stream in request.streams))
    if opening.stored:
        return _replay(request, opening.stored)
    receipt = _decide(request, opening, _recording_time(request, opening))
    if request.dry_run:
        transaction.set_rollback(True, using=writing().alias)
    return receipt


def _replay(request: Request, stored: Stored) -> Receipt:
    if stored.fingerprint != request.fingerprint:
        return Receipt(request.command_id, accepted=False, refusal=KEY_REUSED)
    response = _in_order(stored.response)
    return Receipt(
        request.command_id,
        stored.accepted,
        response if stored.accepted else {},
        None if stored.accepted else msgspec.convert(response, Refusal),
        tuple(stored.positions),
        stored.recorded_at,
        replayed=True,
    )


def _decide(request: Request, opening: Opening, moment: datetime) -> Receipt:
    states = {stream: _state(stream, opening) for stream in request.streams}
    try:
        decision = decider.decide(request.command, states)
    except Refused as no:
        return _refuse(request, no.refusal, moment)
    if request.alongside is None:
        return _accept(request, decision, opening, moment)
    try:
        with transaction.atomic(using=writing().alias):
            return _accept(request, decision, opening, moment)
    except Refused as no:  # the events are undone with the savepoint; the "no" is kept
        return _refuse(request, no.refusal, moment)


def _accept(request: Request, decision: Decision, opening: Opening, moment: datetime) -> Receipt:
    answer = _in_order(decision.answer)
    draft = Draft(request.metadata, moment, dict(opening.heads))
    for stream, event in decision.events:
        draft.add(stream, event)
    records = draft.write(decision.states, [_row(request, moment, accepted=True, response=answer)])
    if request.alongside:
        request.alongside()
    positions = tuple(record.position for record in records)
    _announce(request, draft, moment, accepted=True, response=answer, positions=positions)
    return Receipt(request.command_id, True, answer, None, positions, moment, dry_run=request.dry_run)


def _refuse(request: Request, refusal: Refusal, moment: datetime) -> Receipt:
    response = _in_order(msgspec.to_builtins(refusal))
    draft = Draft(request.metadata, moment, {})
    draft.write({}, [_row(request, moment, accepted=False, response=response)])
    _announce(request, draft, moment, accepted=False, response=response, positions=())
    return Receipt(
        request.command_id, False, {}, msgspec.convert(response, Refusal), (), moment, dry_run=request.dry_run
    )


def _row(request: Request, moment: datetime, *, accepted: bool, response: Mapping[str, Any]) -> CommandRow:
    return CommandRow(
        command_id=request.command_id,
        actor=request.actor,
        key=request.key,
        fingerprint=request.fingerprint,
        type=request.kind.name,
        schema_version=request.kind.version,
        data=msgspec.Raw(messages.encode(personal.conceal(request.command))),
        metadata=msgspec.Raw(canonical(request.metadata)),
        accepted=accepted,
        response=msgspec.Raw(canonical(response)),
        recorded_at=moment,
    )


def _announce(
    request: Request,
    draft: Draft,
    moment: datetime,
    *,
    accepted: bool,
    response: Mapping[str, Any],
    positions: tuple[int, ...],
) -> None:
    record = CommandRecord(
        number=draft.numbers[0],
        command_id=request.command_id,
        actor=request.actor,
        key=request.key,
        type=request.kind.name,
        schema_version=request.kind.version,
        command=request.command,
        metadata=request.metadata,
        accepted=accepted,
        response=response,
        positions=positions,
        recorded_at=moment,
    )
    commands_recorded.send(sender=Request, records=[record])


def _in_order(response: Any) -> dict[str, Any]:
    """A response with its keys in one order: databases keep their own, and a replay must not differ by a byte."""
    ordered: dict[str, Any] = msgspec.json.decode(canonical(response))
    return ordered


def _state(stream: StreamKey, opening: Opening) -> Any:
    return state_of(opening.heads.get(stream.id, Head(stream.id, stream.category)), stream)


def _recording_time(request: Request, opening: Opening) -> datetime:
    """The database's clock; or the given time of imported history, which only ever goes forward."""
    if request.recorded_at is None:
        return opening.now
    last = Event.objects.order_by("-position").values_list("recorded_at", flat=True).first()
    if last and request.recorded_at < last:
        raise BackwardsInTime(f"{request.recorded_at} is before the last event, of {last}. {BackwardsInTime.__doc__}")
    return request.recorded_at
