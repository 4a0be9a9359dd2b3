"""Sessions: the commands of one transaction, decided over the states of locked streams, then written in one go."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

import msgspec
from django.utils.translation import get_language

from eventstore import decider, messages, personal
from eventstore.backends.rows import CommandRow, Head, Identity, StoredResponse, TransactionStart
from eventstore.decider import Refusal, Refused, phrase
from eventstore.errors import BackwardsInTime
from eventstore.execution.clear_text import refuse_clear_text
from eventstore.execution.requests import CommandRequest
from eventstore.integrity.digests import command_digest
from eventstore.log.database import primary_rows
from eventstore.log.pending_events import PendingEvents
from eventstore.log.records import CommandRecord, Receipt, Recorded
from eventstore.log.streams import state_of
from eventstore.messages import StreamKey, canonical
from eventstore.messages.moments import must_be_moment
from eventstore.messages.payload import exact
from eventstore.models import Event
from eventstore.signals import commands_recorded

KEY_REUSED = Refusal(
    "IDEMPOTENCY_KEY_REUSED",
    phrase("This key has been used for another request. Send this one with a new key."),
)


@dataclass
class DecidedCommand:
    """The decision over one command: its response, and the number of its events."""

    request: CommandRequest
    moment: datetime
    accepted: bool
    response: dict[str, Any]
    events: int = 0
    positions: tuple[int, ...] = ()
    language: str | None = field(default_factory=get_language)  # in which its sender is answered, also the next time


class Session:
    """The commands of one transaction, decided one after the other and written in one go."""

    def __init__(self, start: TransactionStart) -> None:
        self.start = start
        self.states: dict[StreamKey, Any] = {}
        self.pending = PendingEvents(start.now, start.heads)
        self.outcomes: dict[UUID, DecidedCommand] = {}
        # A decided command stands where the receipt is only known once all is written.
        self.receipts: list[Receipt | DecidedCommand] = []

    def decide(self, request: CommandRequest) -> Refusal | None:
        """Decide over a command, or find its stored decision; returns the refusal, if it is refused."""
        if stored := self.start.stored.get(request.command_id):
            return self._answered(_replay(request, stored))
        if earlier := self.outcomes.get(request.command_id):
            return self._again(request, earlier)
        outcome = self._decided(request)
        self.outcomes[request.command_id] = outcome
        self.receipts.append(outcome)
        return None if outcome.accepted else msgspec.convert(outcome.response, Refusal)

    def commit(self) -> list[Receipt]:
        """Write everything and run the projections; returns the receipts, in the order of the commands."""
        outcomes = list(self.outcomes.values())
        rows = [_row(outcome) for outcome in outcomes]
        records = self.pending.write(self.states, rows) if outcomes else []
        _share_out(records, outcomes)
        if outcomes:
            numbered = zip(self.pending.numbers, outcomes, rows, strict=True)
            commands_recorded.send(sender=Session, records=[_record(*one) for one in numbered])
        identity = self.start.identity
        return [_receipt(item, identity) if isinstance(item, DecidedCommand) else item for item in self.receipts]

    def refuse_instead(self, request: CommandRequest, refusal: Refusal) -> Receipt:
        """Write a refusal of the only command, whose decision has been rolled back."""
        session = Session(self.start)
        moment = self.outcomes[request.command_id].moment
        session.outcomes[request.command_id] = _refused(request, moment, refusal)
        session.receipts.append(session.outcomes[request.command_id])
        return session.commit()[0]

    def _decided(self, request: CommandRequest) -> DecidedCommand:
        moment = self._moment(request)
        command = request.kind.at(request.command, moment)
        states = {stream: self._state(stream) for stream in request.streams}
        refuse_clear_text(command, states)
        try:
            decision = decider.decide(command, states)
        except Refused as no:
            return _refused(request, moment, no.refusal)
        self.pending.recorded_at = moment
        for stream, event in decision.events:
            self.pending.add(stream, event, request.metadata)
        self.states.update(decision.states)
        answer = exact(decision.answer, f"The answer to {request.kind.name}")
        return DecidedCommand(request, moment, True, answer, len(decision.events))

    def _moment(self, request: CommandRequest) -> datetime:
        """The database's clock; or the given time of imported history, which only ever goes forward."""
        for moment in (request.recorded_at, request.effective_at):
            if moment:
                must_be_moment(moment)
        given = request.recorded_at
        if given is None:
            return max([self.start.now, *self._earliest(request).values()])
        if self.last_recorded and given < self.last_recorded:
            raise BackwardsInTime(
                f"{given} is before the last event, of {self.last_recorded}. History is imported in order: sort it by "
                "time, and import it before anything newer is recorded."
            )
        for stream, earliest in self._earliest(request).items():
            if given < earliest:
                raise BackwardsInTime(
                    f"{given} is before {earliest}, and {stream} is closed until then: what was computed from it is "
                    f"issued. {BackwardsInTime.__doc__}"
                )
        self.last_recorded = given
        return given

    def _earliest(self, request: CommandRequest) -> dict[StreamKey, datetime]:
        """The earliest times that its streams' next events may have: beyond the present if the clock was set back."""
        found = {stream: self.pending.not_before(stream) for stream in request.streams}
        return {stream: earliest for stream, earliest in found.items() if earliest}

    @cached_property
    def last_recorded(self) -> datetime | None:
        """The recording time of the last event, in the log or in this session."""
        return primary_rows(Event).order_by("-position").values_list("recorded_at", flat=True).first()

    def _state(self, stream: StreamKey) -> Any:
        if stream not in self.states:
            head = self.start.heads.get(stream.id, Head(stream.id, stream.category))
            self.states[stream] = state_of(head, stream)
        return self.states[stream]

    def _answered(self, receipt: Receipt) -> Refusal | None:
        self.receipts.append(receipt)
        return receipt.refusal

    def _again(self, request: CommandRequest, earlier: DecidedCommand) -> Refusal | None:
        """Answer a command whose key came earlier in the same batch."""
        if earlier.request.fingerprint != request.fingerprint:
            return self._answered(_reused(request))
        self.receipts.append(earlier)
        return None if earlier.accepted else msgspec.convert(earlier.response, Refusal)


def _refused(request: CommandRequest, moment: datetime, refusal: Refusal) -> DecidedCommand:
    return DecidedCommand(request, moment, False, exact(refusal, f"The refusal {refusal.code}"))


def _receipt(outcome: DecidedCommand, identity: Identity | None) -> Receipt:
    return Receipt(
        outcome.request.command_id,
        outcome.accepted,
        outcome.response if outcome.accepted else {},
        None if outcome.accepted else msgspec.convert(outcome.response, Refusal),
        outcome.positions,
        outcome.moment,
        dry_run=outcome.request.dry_run,
        language=outcome.language,
        identity=identity,
    )


def _reused(request: CommandRequest) -> Receipt:
    return Receipt(request.command_id, accepted=False, refusal=KEY_REUSED)


def _replay(request: CommandRequest, stored: StoredResponse) -> Receipt:
    if stored.fingerprint != request.fingerprint:
        return _reused(request)
    response = _in_order(stored.response)
    receipt = Receipt(
        request.command_id,
        stored.accepted,
        positions=tuple(stored.positions),
        recorded_at=stored.recorded_at,
        replayed=True,
        language=stored.language,
        identity=stored.identity,
    )
    if stored.accepted:
        return replace(receipt, answer=response)
    return replace(receipt, refusal=msgspec.convert(response, Refusal))


def _share_out(records: list[Recorded[Any]], outcomes: list[DecidedCommand]) -> None:
    """Give each command the positions of its own events, which lie in the commands' order."""
    positions = iter([record.position for record in records])
    for outcome in outcomes:
        outcome.positions = tuple(next(positions) for _ in range(outcome.events))


def _row(outcome: DecidedCommand) -> CommandRow:
    request = outcome.request
    row = CommandRow(
        command_id=request.command_id,
        actor=request.actor,
        key=request.key,
        fingerprint=request.fingerprint,
        type=request.kind.name,
        schema_version=request.kind.version,
        data=msgspec.Raw(_concealed(outcome)),
        metadata=msgspec.Raw(canonical(_metadata(outcome))),
        accepted=outcome.accepted,
        response=msgspec.Raw(canonical(outcome.response)),
        recorded_at=outcome.moment,
    )
    row.digest = command_digest(row)
    return row


def _metadata(outcome: DecidedCommand) -> Mapping[str, Any]:
    """The metadata of the command, with the language of its sender, which is nothing to its events."""
    return outcome.request.metadata | ({"language": outcome.language} if outcome.language else {})


def _concealed(outcome: DecidedCommand) -> bytes:
    """The command as it is stored; a refused one about an erased person is stored without its personal fields."""
    try:
        return outcome.request.concealed
    except personal.SubjectErased:
        if outcome.accepted:
            raise
        return messages.encode(personal.omit(outcome.request.command))


def _record(number: int, outcome: DecidedCommand, row: CommandRow) -> CommandRecord:
    request = outcome.request
    return CommandRecord(
        number=number,
        command_id=request.command_id,
        actor=request.actor,
        key=request.key,
        type=request.kind.name,
        schema_version=request.kind.version,
        command=request.command,
        stored_metadata=bytes(row.metadata).decode(),
        accepted=outcome.accepted,
        stored_response=bytes(row.response).decode(),
        positions=outcome.positions,
        recorded_at=outcome.moment,
    )


def _in_order(response: Mapping[str, Any]) -> dict[str, Any]:
    """A stored response, keys in one order: databases have their own, and a replay must not differ by a byte."""
    ordered: dict[str, Any] = msgspec.json.decode(canonical(response))
    return ordered
