"""A plain model of accounts, by the rules of the domain alone and without its code.

Nothing is remembered that can be found out: a balance is the sum of its lines, what is held the sum of the open holds.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

MAX_MONEY = 2**63 - 1


@dataclass
class Line:
    """One movement of money, as a line of an account's history."""

    entry_id: UUID
    account_id: UUID
    amount: int  # negative where money left
    at: datetime
    kind: str
    counts: bool = False  # for what may leave on a day
    twin: "Line | None" = None  # the other leg of a transfer
    undone: bool = False


@dataclass
class Held:
    """Money that is, or was, set aside."""

    hold_id: UUID
    account_id: UUID
    amount: int
    until: datetime
    status: str = "open"


@dataclass
class Book:
    """One account."""

    account_id: UUID
    owner: UUID
    currency: str
    zone: str
    opened_at: datetime
    label: str = ""
    lines: list[Line] = field(default_factory=list)
    holds: list[Held] = field(default_factory=list)
    overdraft: int = 0
    per_entry: int | None = None
    daily_out: int | None = None
    frozen: str | None = None
    closed: bool = False

    @property
    def balance(self) -> int:
        return sum(line.amount for line in self.lines)

    @property
    def open_holds(self) -> list[Held]:
        return [hold for hold in self.holds if hold.status == "open"]

    @property
    def held(self) -> int:
        return sum(hold.amount for hold in self.open_holds)

    @property
    def available(self) -> int:
        return self.balance - self.held + self.overdraft

    @property
    def status(self) -> str:
        return "closed" if self.closed else "frozen" if self.frozen else "open"

    def day(self, moment: datetime) -> date:
        return moment.astimezone(ZoneInfo(self.zone)).date()

    def left_on(self, day: date) -> int:
        """The amount that has left on one day, as far as the daily limit counts it."""
        return -sum(line.amount for line in self.lines if line.counts and self.day(line.at) == day)

    # Reasons against a movement, in no order: each gives codes of refusals.

    def against_credit(self, amount: int) -> set[str]:
        found = self.against_amount(amount) | self.against_any()
        return found | ({"ACCOUNT_FROZEN"} if self.frozen == "all" else set())

    def against_debit(self, amount: int) -> set[str]:
        found = self.against_amount(-amount) | self.against_any()
        return found | ({"ACCOUNT_FROZEN"} if self.frozen else set())

    def against_any(self) -> set[str]:
        return {"ACCOUNT_CLOSED"} if self.closed else set()

    def against_amount(self, effect: int) -> set[str]:
        return set() if -MAX_MONEY - 1 <= self.balance + effect <= MAX_MONEY else {"AMOUNT_OUT_OF_RANGE"}

    def against_spending(self, amount: int, now: datetime) -> set[str]:
        """The reasons of limits; a lack of money is another reason."""
        at_once = self.per_entry is not None and amount > self.per_entry
        today = self.daily_out is not None and self.left_on(self.day(now)) + amount > self.daily_out
        return {"LIMIT_EXCEEDED"} if at_once or today else set()

    def against_lack(self, amount: int) -> set[str]:
        return {"INSUFFICIENT_FUNDS"} if amount > self.available else set()


def against_no_amount(amount: int) -> set[str]:
    return {"INVALID_AMOUNT"} if amount <= 0 else {"AMOUNT_OUT_OF_RANGE"} if amount > MAX_MONEY else set()


@dataclass
class Person:
    """A customer."""

    status: str = "active"
    email: str | None = None
    confirmed: bool = False
    wanted: str | None = None

    @property
    def against(self) -> set[str]:
        return {"CUSTOMER_SUSPENDED"} if self.status == "suspended" else set()


@dataclass
class Request:
    """A request for an approval."""

    approval_id: UUID
    order: Any
    maker: str
    status: str = "open"
