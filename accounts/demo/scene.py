"""Somebody at a moment, about to do something: makes the commands that acts are made of."""

from calendar import month_name
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random
from uuid import UUID

from accounts.commands import Deposit, RegisterCustomer, Transfer, Withdraw
from accounts.demo.book import Book, Command, Step
from accounts.demo.countries import Country, countries
from accounts.demo.people import Person, Pocket
from accounts.demo.world import id_at

ABROAD = 0.2  # how often money is spent in another currency, by those who have some


@dataclass(frozen=True, slots=True)
class Scene:
    """Who, when, and the book as it is then. Its steps are not in the book yet."""

    book: Book
    person: Person
    at: datetime

    @property
    def dice(self) -> Random:
        return self.book.dice

    def new_id(self) -> UUID:
        return id_at(self.at, self.dice)

    def has(self, amount: int, pocket: Pocket) -> bool:
        """Whether there is enough in an account."""
        return self.book.balances[pocket.account_id] >= amount

    def pocket(self) -> Pocket:
        """The account for every day; now and then one in another currency, where there is one."""
        everyday, *others = self.person.for_spending
        return self.dice.choice(others) if others and self.dice.random() < ABROAD else everyday

    def country(self, pocket: Pocket) -> Country:
        """Where the money in an account is spent."""
        if pocket.currency == self.person.country.currency:
            return self.person.country
        return self.dice.choice([c for c in countries().values() if c.currency == pocket.currency])

    def dated(self, text: str) -> str:
        """A text that names the month or the employer."""
        return text.format(
            month=self.at.month,
            year=self.at.year,
            name=month_name[self.at.month],
            employer=self.person.employer,
        )

    def step(self, command: Command, *, actor: str | None = None, refusal: str | None = None) -> Step:
        return Step(command, actor or self.person.actor, self.at, refusal)

    def registration(self, customer_id: UUID) -> RegisterCustomer:
        country = self.person.country
        return RegisterCustomer(customer_id, self.person.name, self.person.email, country.locale, country.timezone)

    def deposit(self, pocket: Pocket, amount: int, reference: str, effective_at: datetime | None = None) -> Deposit:
        return Deposit(
            account_id=pocket.account_id,
            customer_id=self.person.customer_id,
            entry_id=self.new_id(),
            amount=amount,
            now=self.at,
            reference=reference,
            effective_at=effective_at,
        )

    def withdrawal(self, pocket: Pocket, amount: int, reference: str) -> Withdraw:
        return Withdraw(
            account_id=pocket.account_id,
            customer_id=self.person.customer_id,
            entry_id=self.new_id(),
            amount=amount,
            now=self.at,
            reference=reference,
        )

    def transfer(self, pocket: Pocket, target: UUID, amount: int, reference: str) -> Transfer:
        return Transfer(
            transfer_id=self.new_id(),
            customer_id=self.person.customer_id,
            from_account=pocket.account_id,
            to_account=target,
            sent_entry_id=self.new_id(),
            received_entry_id=self.new_id(),
            amount=amount,
            now=self.at,
            reference=reference,
        )


Act = Callable[[Scene], Step | None]  # None: nothing to do
