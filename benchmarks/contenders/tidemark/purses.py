"""The sample domain: a purse that is filled, and its balance."""

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


def decide(purse: Purse, command: FillPurse) -> Iterator[PurseFilled]:
    """Accepts every command."""
    yield PurseFilled(command.purse_id, command.entry_id, command.amount, purse.balance + command.amount, command.note)


def evolve(_purse: Purse, fact: PurseFilled) -> Purse:
    """The state after an event."""
    return Purse(fact.balance)


def answer(purse: Purse, _order: FillPurse) -> dict[str, Any]:
    """The answer to the sender."""
    return {"balance": purse.balance}


PURSES = Decider(category="purse", initial=Purse(), evolve=evolve, decide=decide, commands=FillPurse, answer=answer)
register(PURSES)
