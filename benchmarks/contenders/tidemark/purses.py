"""The sample domain: a purse is filled, and knows what is in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from eventstore.decider import Decider, register
from eventstore.messages import command, event


@event("purse.filled")
class PurseFilled:
    purse_id: UUID
    entry_id: UUID
    amount: int
    balance: int
    note: str


@command("purse.fill")
class FillPurse:
    purse_id: UUID
    entry_id: UUID
    amount: int
    note: str


@dataclass(frozen=True)
class Purse:
    balance: int = 0


def decide(purse: Purse, order: FillPurse) -> Iterator[PurseFilled]:
    """Whatever is put in, goes in."""
    yield PurseFilled(order.purse_id, order.entry_id, order.amount, purse.balance + order.amount, order.note)


def evolve(_purse: Purse, fact: PurseFilled) -> Purse:
    """The state after an event."""
    return Purse(fact.balance)


def answer(purse: Purse, _order: FillPurse) -> dict[str, Any]:
    """What the sender is told."""
    return {"balance": purse.balance}


PURSES = Decider(category="purse", initial=Purse(), evolve=evolve, decide=decide, commands=FillPurse, answer=answer)
register(PURSES)
