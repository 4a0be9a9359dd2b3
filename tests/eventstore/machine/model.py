"""The engine with the sample's domain as a plain Python object would be it: what the state machine compares with."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple
from uuid import UUID

from eventstore.personal import SubjectErased
from tests.eventstore.sample import LIMIT, Clear, Count, Counted, Describe, Move, NotePerson, PersonNoted, Reset
from tests.eventstore.sample_projections import UNLUCKY

Key = tuple[str, str]  # actor and key


class ModelRequest(NamedTuple):
    """A command with its key and actor."""

    command: Any
    key: str
    actor: str

    @property
    def id(self) -> Key:
        return self.actor, self.key


@dataclass(frozen=True)
class Fact:
    """An event in the log."""

    position: int
    category: str
    stream_id: UUID
    version: int
    event: Any
    caused_by: Key | None = None


@dataclass(frozen=True)
class ExpectedReceipt:
    """The receipt that the model expects; a new one is stored, with positions that the database has drawn."""

    command: Any
    answer: Mapping[str, Any] = field(default_factory=dict)
    refusal: str | None = None
    events: tuple[Any, ...] = ()
    is_new: bool = True
    positions: tuple[int, ...] = ()


@dataclass
class Model:
    """The log, the command store, and who has been erased."""

    facts: dict[int, Fact] = field(default_factory=dict)
    commands: dict[Key, ExpectedReceipt] = field(default_factory=dict)
    erased: set[UUID] = field(default_factory=set)
    skipped: set[int] = field(default_factory=set)

    def expect(self, requests: Sequence[ModelRequest], *, atomic: bool = False) -> list[ExpectedReceipt]:
        """The receipts of commands in one transaction; with `atomic`, up to the first refusal. Raises SubjectErased."""
        totals, answered, found = self.totals(), dict(self.commands), list[ExpectedReceipt]()
        for request in requests:
            expected = self._expect_one(request, answered.get(request.id), totals)
            if expected.is_new:
                answered[request.id] = expected
            found.append(expected)
            if atomic and expected.refusal:
                break
        return found

    def record(
        self,
        requests: Sequence[ModelRequest],
        expectations: Sequence[ExpectedReceipt],
        positions: Sequence[tuple[int, ...]],
    ) -> None:
        """Store the receipts and their events."""
        for request, expected, drawn in zip(requests, expectations, positions, strict=True):
            if expected.is_new:
                self.commands[request.id] = replace(expected, positions=drawn)
                for event, position in zip(expected.events, drawn, strict=True):
                    self.append(position, event, request.id)

    def append(self, position: int, event: Any, caused_by: Key | None = None) -> None:
        """Store an event at the end of its stream."""
        kind = type(event).__message__
        (stream,) = kind.streams_of(event)
        self.facts[position] = Fact(position, stream.category, stream.id, self.version(stream.id) + 1, event, caused_by)

    def log(self) -> list[Fact]:
        """All facts, in order, without the personal data of erased persons."""
        return [self._present(self.facts[position]) for position in sorted(self.facts)]

    def stream(self, stream_id: UUID) -> list[Fact]:
        return [fact for fact in self.log() if fact.stream_id == stream_id]

    def version(self, stream_id: UUID) -> int:
        return len(self.stream(stream_id))

    def totals(self) -> dict[UUID, int]:
        """The totals of all tallies."""
        return fold(fact.event for fact in self.log())

    def knows(self, person: UUID) -> bool:
        """Whether personal data of a person is stored, so that there is a key to erase."""
        return person not in self.erased and self.version(person) > 0

    @property
    def is_indigestible(self) -> bool:
        """Whether there is an event that `lines` can't digest."""
        return any(is_unlucky(fact) and fact.position not in self.skipped for fact in self.facts.values())

    def unlucky(self, stream_id: UUID) -> int | None:
        """The position of the first event of a stream that `lines` can't digest."""
        found = (
            fact.position for fact in self.stream(stream_id) if is_unlucky(fact) and fact.position not in self.skipped
        )
        return next(found, None)

    def _present(self, fact: Fact) -> Fact:
        if isinstance(fact.event, PersonNoted) and fact.stream_id in self.erased:
            return replace(fact, event=PersonNoted(fact.stream_id, None, fact.event.remark))
        return fact

    def _expect_one(
        self, request: ModelRequest, earlier: ExpectedReceipt | None, totals: dict[UUID, int]
    ) -> ExpectedReceipt:
        if earlier is not None and earlier.command == request.command:
            return replace(earlier, is_new=False)
        if earlier is not None:
            return ExpectedReceipt(request.command, refusal="IDEMPOTENCY_KEY_REUSED", is_new=False)
        events = self._decided(request.command, totals)
        if events is None:
            return ExpectedReceipt(request.command, refusal="OUT_OF_RANGE")
        totals |= fold(events, totals)
        return ExpectedReceipt(request.command, answer(request.command, totals), events=tuple(events))

    def _decided(self, command: Any, totals: Mapping[UUID, int]) -> list[Any] | None:
        match command:
            case Count(tally_id=tally, amount=amount):
                return counted([(tally, amount)], totals)
            case Move(source_id=source, target_id=target, amount=amount):
                return counted([(source, -amount), (target, amount)], totals)
            case Clear(tally_id=tally):
                return [Reset(tally)] if totals.get(tally) else []
            case NotePerson(person_id=person, name=name):
                if person in self.erased:
                    raise SubjectErased
                return [PersonNoted(person, name)]
        return []


def counted(steps: Sequence[tuple[UUID, int]], totals: Mapping[UUID, int]) -> list[Any] | None:
    """The events of steps, each from its tally's first total; None if a total leaves the limits."""
    events = [Counted(tally, amount, totals.get(tally, 0) + amount) for tally, amount in steps]
    return events if all(0 <= event.total <= LIMIT for event in events) else None


def answer(command: Any, totals: Mapping[UUID, int]) -> dict[str, Any]:
    """The answer to the sender of a command."""
    match command:
        case Count(tally_id=tally) | Clear(tally_id=tally):
            return {"total": totals.get(tally, 0)}
        case Describe():
            return {"longer": {"x": 2, "y": 1}, "zz": 1}
    return {}


def fold(events: Iterable[Any], before: Mapping[UUID, int] | None = None) -> dict[UUID, int]:
    """The totals of tallies after events."""
    totals = dict(before or {})
    for event in events:
        if isinstance(event, Counted):
            totals[event.tally_id] = event.total
        elif isinstance(event, Reset):
            totals[event.tally_id] = 0
    return totals


def is_unlucky(fact: Fact) -> bool:
    return isinstance(fact.event, Counted) and fact.event.amount == UNLUCKY
