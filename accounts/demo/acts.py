"""What people of a demo world do: each act is one command, such as a person would send it.

An act looks at the book and gives a step, or None where there is nothing to do; the step is not in the book yet.
"""

from calendar import month_name
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from accounts.commands import (
    Deposit,
    OpenAccount,
    RegisterCustomer,
    Transfer,
    UpdateCustomerDetails,
    Withdraw,
)
from accounts.demo.book import Book, Step
from accounts.demo.people import Country, Person, Pocket, countries
from accounts.demo.world import id_at

Act = Callable[[Book, Person, datetime], Step | None]

BANK: Final = "system"  # wages are paid in by the bank, not by those whom they are for


# Once ---------------------------------------------------------------------------------------------


def register(_book: Book, person: Person, at: datetime) -> Step:
    """Become a customer."""
    return Step(_registration(person.customer_id, person), "", at)


def opening(pocket: Pocket) -> Act:
    """The act of opening one account."""

    def open_account(_book: Book, person: Person, at: datetime) -> Step:
        command = OpenAccount(pocket.account_id, person.customer_id, pocket.currency, at, pocket.label)
        return Step(command, person.actor, at)

    return open_account


# Each month ---------------------------------------------------------------------------------------


def wage(book: Book, person: Person, at: datetime) -> Step:
    """The employer pays."""
    text = _dated(person.country.wage.text, at, employer=person.employer)
    return _deposit(book, person, person.everyday, person.wage, text, at, actor=BANK)


def rent(book: Book, person: Person, at: datetime) -> Step:
    """A home costs money."""
    return _spend(book, person, person.everyday, person.rent, _dated(person.country.rent.text, at), at)


def bill(number: int) -> Act:
    """The act of paying one of the month's bills."""

    def pay(book: Book, person: Person, at: datetime) -> Step:
        price = person.country.bills[number]
        return _spend(book, person, person.everyday, price.draw(book.dice), price.text, at)

    return pay


def save(book: Book, person: Person, at: datetime) -> Step | None:
    """Put something aside, if there is enough."""
    saving = person.country.saving
    amount = saving.draw(book.dice, step=500)
    if book.balances[person.everyday.account_id] < amount:
        return None
    accounts = person.everyday.account_id, person.savings.account_id
    return _transfer(book, person, *accounts, amount, saving.text, at)


# Now and then -------------------------------------------------------------------------------------


def shop(book: Book, person: Person, at: datetime) -> Step:
    """Buy something, at home or on a journey."""
    pocket = _pocket(book, person)
    price = book.dice.choice(_country(book, person, pocket).shops)
    return _spend(book, person, pocket, price.draw(book.dice), price.text, at)


def send(book: Book, person: Person, at: datetime) -> Step:
    """Send money to somebody with an account in the same currency; in a currency without others, go shopping."""
    pocket = _pocket(book, person)
    own = {own.account_id for own in person.pockets}
    target = book.dice.choice(book.accounts[pocket.currency])
    if target in own:
        return shop(book, person, at)
    favour = book.dice.choice(_country(book, person, pocket).favours)
    amount = favour.draw(book.dice, step=100)
    if book.balances[pocket.account_id] < amount:
        return pay_in(book, person, at, pocket)
    return _transfer(book, person, pocket.account_id, target, amount, favour.text, at)


def pay_in(book: Book, person: Person, at: datetime, pocket: Pocket | None = None) -> Step:
    """Pay cash in; sometimes the machine swallowed it a day or more ago, and it counts from then."""
    amount = max(person.wage // 3 // 500, 1) * 500
    since = at - timedelta(hours=book.dice.randint(20, 70)) if book.dice.random() < 0.1 else None
    if since and since < person.joined_at + timedelta(days=1):
        since = None
    return _deposit(
        book, person, pocket or person.everyday, amount, person.country.cash, at, effective_at=since
    )


def move(book: Book, person: Person, at: datetime) -> Step:
    """Move to another country, and tell the bank."""
    home = book.dice.choice(list(countries().values()))
    return Step(
        UpdateCustomerDetails(person.customer_id, timezone=home.timezone), person.actor, at
    )


# By mistake ---------------------------------------------------------------------------------------


def overdraw(book: Book, person: Person, at: datetime) -> Step:
    """Spend more than there is."""
    price = max(person.country.shops, key=lambda price: price.most)
    amount = max(book.balances[person.everyday.account_id], 0) + price.draw(book.dice)
    command = _withdrawal(book, person, person.everyday, amount, price.text, at)
    return Step(command, person.actor, at, refusal="INSUFFICIENT_FUNDS")


def mistype(book: Book, person: Person, at: datetime) -> Step:
    """Send money to an account that is not there."""
    favour = book.dice.choice(person.country.favours)
    amount = favour.draw(book.dice, step=100)
    nowhere = id_at(at, book.dice)
    step = _transfer(book, person, person.everyday.account_id, nowhere, amount, favour.text, at)
    return Step(step.command, step.actor, at, refusal="ACCOUNT_NOT_FOUND")


def mix_up(book: Book, person: Person, at: datetime) -> Step | None:
    """Send money to an account in another currency."""
    foreign = [currency for currency in book.accounts if currency != person.country.currency]
    if not foreign:
        return None
    target = book.dice.choice(book.accounts[book.dice.choice(foreign)])
    favour = book.dice.choice(person.country.favours)
    amount = favour.draw(book.dice, step=100)
    step = _transfer(book, person, person.everyday.account_id, target, amount, favour.text, at)
    return Step(step.command, step.actor, at, refusal="CURRENCY_MISMATCH")


def register_again(book: Book, person: Person, at: datetime) -> Step:
    """Forget that one is a customer already."""
    return Step(_registration(id_at(at, book.dice), person), "", at, refusal="EMAIL_TAKEN")


# What they are made of ----------------------------------------------------------------------------


def _registration(customer_id: UUID, person: Person) -> RegisterCustomer:
    country = person.country
    return RegisterCustomer(customer_id, person.name, person.email, country.locale, country.timezone)


def _deposit(
    book: Book,
    person: Person,
    pocket: Pocket,
    amount: int,
    reference: str,
    at: datetime,
    *,
    actor: str = "",
    effective_at: datetime | None = None,
) -> Step:
    entry_id = id_at(at, book.dice)
    command = Deposit(
        pocket.account_id, person.customer_id, entry_id, amount, at, reference, effective_at
    )
    return Step(command, actor or person.actor, at)


def _spend(book: Book, person: Person, pocket: Pocket, amount: int, reference: str, at: datetime) -> Step:
    """A payment; or, where there is not enough for it, cash paid in for the next one."""
    if book.balances[pocket.account_id] < amount:
        return pay_in(book, person, at, pocket)
    return Step(_withdrawal(book, person, pocket, amount, reference, at), person.actor, at)


def _withdrawal(
    book: Book, person: Person, pocket: Pocket, amount: int, reference: str, at: datetime
) -> Withdraw:
    entry_id = id_at(at, book.dice)
    return Withdraw(pocket.account_id, person.customer_id, entry_id, amount, at, reference)


def _transfer(
    book: Book, person: Person, source: UUID, target: UUID, amount: int, reference: str, at: datetime
) -> Step:
    transfer_id, sent, received = (id_at(at, book.dice) for _ in range(3))
    command = Transfer(
        transfer_id, person.customer_id, source, target, sent, received, amount, reference
    )
    return Step(command, person.actor, at)


def _pocket(book: Book, person: Person) -> Pocket:
    """Mostly the one for every day; now and then one in another currency, where there is one."""
    others = person.pockets[2:]
    return book.dice.choice(others) if others and book.dice.random() < 0.2 else person.everyday


def _country(book: Book, person: Person, pocket: Pocket) -> Country:
    """Where an account's currency is spent."""
    if pocket.currency == person.country.currency:
        return person.country
    return book.dice.choice(
        [country for country in countries().values() if country.currency == pocket.currency]
    )


def _dated(text: str, at: datetime, *, employer: str = "") -> str:
    return text.format(month=at.month, year=at.year, name=month_name[at.month], employer=employer)
