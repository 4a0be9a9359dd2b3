"""Somebody at a moment, about to do something: makes the commands that acts are made of."""

from calendar import month_name
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final
from uuid import UUID

from accounts.domain.account import Account
from accounts.domain.commands import Deposit, PlaceHold, RegisterCustomer, Transfer, Withdraw
from demo.book import Book, Step
from demo.countries import Country, Price, countries
from demo.people import Person, Pocket
from demo.world import id_at

ABROAD: Final = 0.2  # how often money is spent in another currency, by those who have some
HELD_FOR: Final = timedelta(days=7)


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

    # What there is ----------------------------------------------------------------------------

    def account(self, pocket: Pocket) -> Account:
        return self.book.account(pocket.account_id)

    def has(self, amount: int, pocket: Pocket) -> bool:
        """Whether there is enough in an account."""
        return self.account(pocket).available >= amount

    def pocket(self) -> Pocket:
        """The account for every day; now and then one in another currency, where there is one."""
        everyday, *others = self.person.for_spending
        return self.dice.choice(others) if others and self.dice.random() < ABROAD else everyday

    def country(self, pocket: Pocket) -> Country:
        """Where the money in an account is spent."""
        if pocket.currency == self.person.country.currency:
            return self.person.country
        return self.dice.choice([c for c in countries().values() if c.currency == pocket.currency])

    def stranger(self, currency: str) -> UUID | None:
        """An account of somebody else in a currency, if the first one thought of is that."""
        found = self.book.recipients[currency]
        target = self.dice.choice(found) if found else None
        return None if target in [own.account_id for own in self.person.pockets] else target

    def within(self, price: Price, pocket: Pocket) -> int:
        """What something costs, but no more than half of what there is; a round sum."""
        return min(price.draw(self.dice), self.account(pocket).available // 2) // 100 * 100

    def dated(self, text: str) -> str:
        """A text that names the month or the employer."""
        return text.format(
            month=self.at.month,
            year=self.at.year,
            name=month_name[self.at.month],
            employer=self.person.employer,
        )

    # Who does it ------------------------------------------------------------------------------

    def step(self, command: Any, *, actor: str | None = None, refusal: str | None = None) -> Step:
        """The person does it, unless another is named."""
        return Step(command, actor or self.person.actor, self.at, refusal)

    def staff_step(self, role: str, command: Any, *, refusal: str | None = None) -> Step:
        """A member of staff does it."""
        return self.step(command, actor=self.book.staff[role], refusal=refusal)

    # What is asked for ------------------------------------------------------------------------

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

    def cash(self, pocket: Pocket) -> Deposit:
        """A third of the wage, in round figures."""
        return self.deposit(pocket, self.person.wage // 3 // 500 * 500, self.person.country.cash)

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

    def hold(self, pocket: Pocket, amount: int, reference: str) -> PlaceHold:
        return PlaceHold(
            account_id=pocket.account_id,
            customer_id=self.person.customer_id,
            hold_id=self.new_id(),
            amount=amount,
            now=self.at,
            expires_at=self.at + HELD_FOR,
            reference=reference,
        )


Act = Callable[[Scene], Step | None]  # None: nothing to do
