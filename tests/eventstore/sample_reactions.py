"""Reactions of the sample domain: what is counted in a tally is counted in its echo too; a third count clears it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from eventstore.decider import Decider, register
from eventstore.log import Recorded
from eventstore.messages import command, event
from eventstore.projecting import reaction
from tests.eventstore.sample import Clear, Count, Counted, Reset
from tests.eventstore.sample_projections import UNLUCKY

FIRST_ECHO = 1 << 64
TWICE = 22  # is counted in two parts


def echo_of(tally_id: UUID) -> UUID:
    return UUID(int=tally_id.int + FIRST_ECHO)


def declare(*, since_beginning: bool = False, global_order: bool = False) -> None:
    @reaction(since_beginning=since_beginning, global_order=global_order)
    def echoes(event: Counted | Reset, record: Recorded[Any]) -> Iterator[Any]:
        if event.tally_id.int >= FIRST_ECHO:
            return  # an echo has none
        echo = echo_of(event.tally_id)
        match event:
            case Reset():
                yield Clear(echo)
            case Counted(amount=amount) if amount == UNLUCKY:
                raise ArithmeticError("unlucky")
            case Counted(amount=amount) if amount == TWICE:
                yield Count(echo, amount // 2)
                yield Count(echo, amount // 2)
            case Counted(amount=amount):
                yield Count(echo, amount)


@event("streak.grown")
class StreakGrown:
    streak_id: UUID
    tally_id: UUID
    length: int


@command("streak.grow")
class GrowStreak:
    streak_id: UUID
    tally_id: UUID


@dataclass(frozen=True)
class Streak:
    length: int = 0


register(
    Decider(
        category="streak",
        initial=Streak(),
        decide=lambda streak, order: [StreakGrown(order.streak_id, order.tally_id, streak.length + 1)],
        evolve=lambda streak, fact: Streak(fact.length),
        commands=GrowStreak,
    )
)


def declare_streaks() -> None:
    """A process manager that keeps its state in a stream of its own."""

    @reaction()
    def streaks(event: Counted | StreakGrown, record: Recorded[Any]) -> Iterator[Any]:
        match event:
            case Counted(tally_id=tally_id):
                yield GrowStreak(uuid5(tally_id, "streak"), tally_id)
            case StreakGrown(tally_id=tally_id, length=3):
                yield Clear(tally_id)
