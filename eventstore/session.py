"""Commands inside their transaction: the states of the locked streams, what was decided, and what is written."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

import msgspec

from eventstore import decider, messages, personal
from eventstore.backends.rows import CommandRow, Head, Opening, Stored
from eventstore.decider import Refusal, Refused, phrase
from eventstore.draft import Draft
from eventstore.errors import BackwardsInTime
from eventstore.log import state_of
from eventstore.messages import StreamKey, canonical
from eventstore.models import Event
from eventstore.records import CommandRecord, Receipt, Recorded
from eventstore.requests import Request
from eventstore.signals import commands_recorded

KEY_REUSED = Refusal(
    "IDEMPOTENCY_KEY_REUSED",
    phrase("This key has been used for another request. Send this one with a new key."),
)


@dataclass
class Outcome:
    """What was decided over one command: a response, and how many events."""

    request: Request
    moment: datetime
    accepted: bool
    response: dict[str, Any]
    events: int = 0
    positions: tuple[int, ...] = ()


class Session:
    """One transaction's commands, taken one after the other and written in one go."""

    def __init__(self, opening: Opening) -> None:
        self.opening = opening
        self.states: dict[StreamKey, Any] = {}
        self.draft = Draft(opening.now, opening.heads)
        self.outcomes: dict[UUID, Outcome] = {}
        self.receipts: list[Receipt | Outcome] = []  # an outcome where the receipt is only known once all is written

    def take(self, request: Request) -> Refusal | None:
        """Decide over a command, or find what was decided; the refusal, if that is what comes of it."""
        if stored := self.opening.stored.get(request.command_id):
            return self._answered(_replay(request, stored))
        if earlier := self.outcomes.get(request.command_id):
            return self._again(request, earlier)
        outcome = self._decide(request)
        self.outcomes[request.command_id] = outcome
        self.receipts.append(outcome)
        return None if outcome.accepted else msgspec.convert(outcome.response, Refusal)

    def finish(self) -> list[Receipt]:
        """Write everything and tell the projections; the receipts, in the order of the commands."""
        outcomes = list(self.outcomes.values())
        rows = [_row(outcome) for outcome in outcomes]
        records = self.draft.write(self.states, rows) if outcomes else []
        _share_out(records, outcomes)
        if outcomes and commands_recorded.has_listeners(Session):
            numbered = zip(self.draft.numbers, outcomes, rows, strict=True)
            commands_recorded.send(sender=Session, records=[_record(*one) for one in numbered])
        return [_receipt(item) if isinstance(item, Outcome) else item for item in self.receipts]

    def refuse_instead(self, request: Request, refusal: Refusal) -> Receipt:
        """Write a refusal in place of what was decided over the only command, and has been undone."""
        session = Session(self.opening)
        moment = self.outcomes[request.command_id].moment
        session.outcomes[request.command_id] = _refused(request, moment, refusal)
        session.receipts.append(session.outcomes[request.command_id])
        return session.finish()[0]

    def _decide(self, request: Request) -> Outcome:
        moment = self._moment(request)
        command = request.kind.at(request.command, moment)
        try:
            decision = decider.decide(command, {stream: self._state(stream) for stream in request.streams})
        except Refused as no:
            return _refused(request, moment, no.refusal)
        self.draft.recorded_at = moment
        for stream, event in decision.events:
            self.draft.add(stream, event, request.metadata)
        self.states.update(decision.states)
        return Outcome(request, moment, True, _in_order(decision.answer), len(decision.events))

    def _moment(self, request: Request) -> datetime:
        """The database's clock; or the given time of imported history, which only ever goes forward."""
        given = request.recorded_at
        if given is None:
            return max(self._present(request))
        if self.last_recorded and given < self.last_recorded:
            raise BackwardsInTime(
                f"{given} is before the last event, of {self.last_recorded}. {BackwardsInTime.__doc__}"
            )
        self.last_recorded = given
        return given

    def _present(self, request: Request) -> Iterator[datetime]:
        """The database's clock, and when its streams' last events were recorded: which is later if it was set back."""
        yield self.opening.now
        for stream in request.streams:
            head = self.opening.heads.get(stream.id)
            if head and head.recorded_at:
                yield head.recorded_at

    @cached_property
    def last_recorded(self) -> datetime | None:
        """When the last event was recorded, in the log or in this session."""
        return Event.objects.order_by("-position").values_list("recorded_at", flat=True).first()

    def _state(self, stream: StreamKey) -> Any:
        if stream not in self.states:
            head = self.opening.heads.get(stream.id, Head(stream.id, stream.category))
            self.states[stream] = state_of(head, stream)
        return self.states[stream]

    def _answered(self, receipt: Receipt) -> Refusal | None:
        self.receipts.append(receipt)
        return receipt.refusal

    def _again(self, request: Request, earlier: Outcome) -> Refusal | None:
        """The same key twice in one batch."""
        if earlier.request.fingerprint != request.fingerprint:
            return self._answered(_reused(request))
        self.receipts.append(earlier)
        return None if earlier.accepted else msgspec.convert(earlier.response, Refusal)


def _refused(request: Request, moment: datetime, refusal: Refusal) -> Outcome:
    return Outcome(request, moment, False, _in_order(msgspec.to_builtins(refusal)))


def _receipt(outcome: Outcome) -> Receipt:
    return Receipt(
        outcome.request.command_id,
        outcome.accepted,
        outcome.response if outcome.accepted else {},
        None if outcome.accepted else msgspec.convert(outcome.response, Refusal),
        outcome.positions,
        outcome.moment,
        dry_run=outcome.request.dry_run,
    )


def _reused(request: Request) -> Receipt:
    return Receipt(request.command_id, accepted=False, refusal=KEY_REUSED)


def _replay(request: Request, stored: Stored) -> Receipt:
    if stored.fingerprint != request.fingerprint:
        return _reused(request)
    response = _in_order(stored.response)
    receipt = Receipt(
        request.command_id,
        stored.accepted,
        positions=tuple(stored.positions),
        recorded_at=stored.recorded_at,
        replayed=True,
    )
    if stored.accepted:
        return replace(receipt, answer=response)
    return replace(receipt, refusal=msgspec.convert(response, Refusal))


def _share_out(records: list[Recorded[Any]], outcomes: list[Outcome]) -> None:
    """Give each command the positions of its own events, which lie in the commands' order."""
    positions = iter([record.position for record in records])
    for outcome in outcomes:
        outcome.positions = tuple(next(positions) for _ in range(outcome.events))


def _row(outcome: Outcome) -> CommandRow:
    request = outcome.request
    return CommandRow(
        command_id=request.command_id,
        actor=request.actor,
        key=request.key,
        fingerprint=request.fingerprint,
        type=request.kind.name,
        schema_version=request.kind.version,
        data=msgspec.Raw(_concealed(outcome)),
        metadata=msgspec.Raw(canonical(request.metadata)),
        accepted=outcome.accepted,
        response=msgspec.Raw(canonical(outcome.response)),
        recorded_at=outcome.moment,
    )


def _concealed(outcome: Outcome) -> bytes:
    """The command as it is stored: a "no" to one about a person who was erased stands there with nothing personal."""
    try:
        return outcome.request.concealed
    except personal.SubjectErased:
        if outcome.accepted:
            raise
        return messages.encode(personal.omit(outcome.request.command))


def _record(number: int, outcome: Outcome, row: CommandRow) -> CommandRecord:
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
    """A response with its keys in one order: databases keep their own, and a replay must not differ by a byte."""
    ordered: dict[str, Any] = msgspec.json.decode(canonical(response))
    return ordered
