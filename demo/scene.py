"""A scene: one person at one moment; it makes the commands and steps of actions."""

from calendar import month_name
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final
from uuid import UUID

from accounts.domain.account import Account
from accounts.domain.commands import Deposit, PlaceHold, RegisterCustomer, Transfer, Withdraw
from demo.countries import Country, Price, countries
from demo.people import DemoAccount, Person
from demo.simulation import Simulation, Step
from demo.world import id_at

ABROAD: Final = 0.2  # the share of spending in another currency, by those who have one
HELD_FOR: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Scene:
    """A person, a moment, and the simulation at that moment; its steps are not applied yet."""

    simulation: Simulation
    person: Person
    at: datetime

    @property
    def dice(self) -> Random:
        return self.simulation.dice

    def new_id(self) -> UUID:
        return id_at(self.at, self.dice)

    # State -------------------------------------------------------------------------------------

    def state_of(self, account: DemoAccount) -> Account:
        return self.simulation.account(account.account_id)

    def has(self, amount: int, account: DemoAccount) -> bool:
        """Whether an account has an amount available, in minor units."""
        return self.state_of(account).available >= amount

    def spending_account(self) -> DemoAccount:
        """The everyday account; now and then one in another currency."""
        everyday, *others = self.person.for_spending
        return self.dice.choice(others) if others and self.dice.random() < ABROAD else everyday

    def country(self, account: DemoAccount) -> Country:
        """The country in which an account's money is spent."""
        if account.currency == self.person.country.currency:
            return self.person.country
        return self.dice.choice([c for c in countries().values() if c.currency == account.currency])

    def recipient(self, currency: str) -> UUID | None:
        """Another customer's account in a currency; `None` if the random choice is one of the person's own."""
        found = self.simulation.recipients[currency]
        target = self.dice.choice(found) if found else None
        return None if target in [own.account_id for own in self.person.accounts] else target

    def within(self, price: Price, account: DemoAccount) -> int:
        """A random price, at most half of what is available; a round sum in minor units."""
        return min(price.draw(self.dice), self.state_of(account).available // 2) // 100 * 100

    def dated(self, text: str) -> str:
        """A text with its places for month and employer filled."""
        return text.format(
            month=self.at.month,
            year=self.at.year,
            name=month_name[self.at.month],
            employer=self.person.employer,
        )

    # Steps ------------------------------------------------------------------------------------

    def step(self, command: Any, *, actor: str | None = None, refusal: str | None = None) -> Step:
        """A step of the person, or of `actor`, answered by `refusal` if given."""
        return Step(command, actor or self.person.actor, self.at, refusal)

    def staff_step(self, role: str, command: Any, *, refusal: str | None = None) -> Step:
        """A step of the member of staff with a role."""
        return self.step(command, actor=self.simulation.staff[role], refusal=refusal)

    # Commands ---------------------------------------------------------------------------------

    def registration(self, customer_id: UUID) -> RegisterCustomer:
        country = self.person.country
        return RegisterCustomer(customer_id, self.person.name, self.person.email, country.locale, country.timezone)

    def deposit(
        self, account: DemoAccount, amount: int, reference: str, effective_at: datetime | None = None
    ) -> Deposit:
        return Deposit(
            account_id=account.account_id,
            customer_id=self.person.customer_id,
            entry_id=self.new_id(),
            amount=amount,
            now=self.at,
            reference=reference,
            effective_at=effective_at,
        )

    def cash(self, account: DemoAccount) -> Deposit:
        """A deposit of a third of the wage, in round figures."""
        return self.deposit(account, self.person.wage // 3 // 500 * 500, self.person.country.cash)

    def withdrawal(self, account: DemoAccount, amount: int, reference: str) -> Withdraw:
        return Withdraw(
            account_id=account.account_id,
            customer_id=self.person.customer_id,
            entry_id=self.new_id(),
            amount=amount,
            now=self.at,
            reference=reference,
        )

    def transfer(self, account: DemoAccount, target: UUID, amount: int, reference: str) -> Transfer:
        return Transfer(
            transfer_id=self.new_id(),
            customer_id=self.person.customer_id,
            from_account=account.account_id,
            to_account=target,
            sent_entry_id=self.new_id(),
            received_entry_id=self.new_id(),
            amount=amount,
            now=self.at,
            reference=reference,
        )

    def hold(self, account: DemoAccount, amount: int, reference: str) -> PlaceHold:
        return PlaceHold(
            account_id=account.account_id,
            customer_id=self.person.customer_id,
            hold_id=self.new_id(),
            amount=amount,
            now=self.at,
            expires_at=self.at + HELD_FOR,
            reference=reference,
        )


Action = Callable[[Scene], Step | None]  # None: nothing to do
