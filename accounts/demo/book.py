"""The demo history's book: its steps, and what it knows of itself so far."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from uuid import UUID

from accounts.commands import (
    Deposit,
    OpenAccount,
    RegisterCustomer,
    Transfer,
    UpdateCustomerDetails,
    Withdraw,
)

Command = RegisterCustomer | UpdateCustomerDetails | OpenAccount | Deposit | Withdraw | Transfer


@dataclass(frozen=True, slots=True)
class Step:
    """One command: who sends it, when, and the code of the refusal if one is to come."""

    command: Command
    actor: str  # of no account for a registration: whoever registers is a stranger
    at: datetime
    refusal: str | None = None

    @property
    def events(self) -> int:
        """How many events come of it."""
        if self.refusal:
            return 0
        return 2 if isinstance(self.command, Transfer) else 1


@dataclass
class Book:
    """Balances and known accounts, kept along while the history is planned, so that people spend what they have."""

    dice: Random
    balances: defaultdict[UUID, int] = field(default_factory=lambda: defaultdict(int))
    recipients: defaultdict[str, list[UUID]] = field(default_factory=lambda: defaultdict(list))  # by currency
    events: int = 0

    def enter(self, step: Step) -> None:
        """Take note of a step."""
        self.events += step.events
        if step.refusal:
            return
        match step.command:
            case Deposit(account_id=account_id, amount=amount):
                self.balances[account_id] += amount
            case Withdraw(account_id=account_id, amount=amount):
                self.balances[account_id] -= amount
            case Transfer(from_account=source, to_account=target, amount=amount):
                self.balances[source] -= amount
                self.balances[target] += amount
