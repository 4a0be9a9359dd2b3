"""A domain of one idea for the engine's own tests: a tally that counts up to a limit, and never below zero."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, assert_never
from uuid import UUID

from eventstore.decider import Decider, Refused, decides, register
from eventstore.messages import Personal, command, event

LIMIT = 100


@event("tally.counted")
class Counted:
    tally_id: UUID
    amount: int
    total: int


@event("tally.reset")
class Reset:
    tally_id: UUID


@event("person.noted", subject="person_id")
class PersonNoted:
    person_id: UUID
    name: Personal
    remark: str = ""


@command("tally.count")
class Count:
    tally_id: UUID
    amount: int


@command("tally.clear")
class Clear:
    tally_id: UUID


@command("tally.describe")
class Describe:
    tally_id: UUID


@command("tally.move", streams={"source_id": "tally", "target_id": "tally"})
class Move:
    source_id: UUID
    target_id: UUID
    amount: int


@command("tally.stray")
class Stray:
    tally_id: UUID
    other_id: UUID


@command("person.note", subject="person_id")
class NotePerson:
    person_id: UUID
    name: Personal


@dataclass(frozen=True)
class Tally:
    total: int = 0
    counts: int = 0


@dataclass(frozen=True)
class Person:
    is_known: bool = False


def decide(tally: Tally, order: Count | Clear) -> Iterator[Counted | Reset]:
    match order:
        case Count(tally_id=tally_id, amount=amount):
            yield Counted(tally_id, amount, _total(tally, amount))
        case Clear(tally_id=tally_id):
            if tally.total:
                yield Reset(tally_id)
        case _:
            assert_never(order)


def decide_move(source: Tally, target: Tally, order: Move) -> Iterator[Counted]:
    yield Counted(order.source_id, -order.amount, _total(source, -order.amount))
    yield Counted(order.target_id, order.amount, _total(target, order.amount))


def _total(tally: Tally, amount: int) -> int:
    total = tally.total + amount
    if not 0 <= total <= LIMIT:
        raise Refused("OUT_OF_RANGE", "A tally can't stand at %(total)s.", field="amount", total=total)
    return total


def evolve(tally: Tally, fact: Counted | Reset) -> Tally:
    match fact:
        case Counted(total=total):
            return replace(tally, total=total, counts=tally.counts + 1)
        case Reset():
            return replace(tally, total=0)
        case _:
            assert_never(fact)


def answer(tally: Tally, order: Count | Clear) -> dict[str, Any]:
    return {"total": tally.total}


def decide_stray(tally: Tally, order: Stray) -> Iterator[Counted]:
    yield Counted(order.other_id, 1, 1)


TALLIES = Decider(
    category="tally", initial=Tally(), evolve=evolve, decide=decide, commands=Count | Clear, answer=answer
)
PERSONS: Decider[Person, NotePerson, PersonNoted] = Decider(
    category="person",
    initial=Person(),
    evolve=lambda person, fact: Person(is_known=True),
    decide=lambda person, order: [PersonNoted(order.person_id, order.name)],
    commands=NotePerson,
)
register(TALLIES)
register(PERSONS)
decides(Move, decide=decide_move)
decides(Describe, decide=lambda tally, order: (), answer=lambda tally, order: {"zz": 1, "longer": {"y": 1, "x": 2}})
decides(Stray, decide=decide_stray)
