"""Makers of state for tests: they act as people do, by commands, and never write a read model.

Each factory fills in what a test does not care about, and calls the function that its `Meta` names.
"""

from typing import Any
from uuid import UUID

import factory
from django.utils import timezone

from accounts.commands import Deposit, OpenAccount, Transfer, Withdraw
from accounts.handlers import new_id, register_customer
from accounts.models import User
from accounts.roles import Role
from accounts.staff import make_staff
from eventstore.execute import execute
from eventstore.records import Receipt
from projections.models import Account

PASSWORD = "correct horse battery"


def ask(command: Any, user: User) -> Receipt:
    """Execute a command as a user does, under a new key; it must not be refused."""
    receipt = execute(command, new_id(), actor=user.actor)
    assert receipt.accepted, receipt.refusal
    return receipt


def register(**details: Any) -> User:
    receipt = register_customer(new_id(), **details)
    assert receipt.accepted, receipt.refusal
    return User.objects.get(customer_id=receipt.answer["customer_id"])


def employ(email: str, role: str, password: str) -> User:
    return make_staff(email, role, password)[0]


def open_account(owner: User, balance: int, **details: Any) -> Account:
    account_id, customer_id = new_id(), owner.customer_id
    assert customer_id, "staff have no accounts"
    ask(OpenAccount(account_id=account_id, customer_id=customer_id, now=timezone.now(), **details), owner)
    if balance:
        move(Deposit, account_id, balance, "")
    return Account.objects.get(account_id=account_id)


def move(order: type[Deposit] | type[Withdraw], account_id: UUID, amount: int, reference: str) -> Receipt:
    user = owner_of(account_id)
    assert user.customer_id
    return ask(order(account_id, user.customer_id, new_id(), amount, timezone.now(), reference), user)


def deposit(account: Account, amount: int, reference: str) -> Receipt:
    return move(Deposit, account.account_id, amount, reference)


def withdraw(account: Account, amount: int, reference: str) -> Receipt:
    return move(Withdraw, account.account_id, amount, reference)


def send(source: Account, target: Account, amount: int, reference: str) -> Receipt:
    command = Transfer(
        transfer_id=new_id(),
        customer_id=source.customer_id,
        from_account=source.account_id,
        to_account=target.account_id,
        sent_entry_id=new_id(),
        received_entry_id=new_id(),
        amount=amount,
        now=timezone.now(),
        reference=reference,
    )
    return ask(command, owner_of(source.account_id))


def owner_of(account_id: UUID) -> User:
    return User.objects.get(customer_id=Account.objects.get(account_id=account_id).customer_id)


class CustomerFactory(factory.Factory[User]):
    """A registered customer, as the user who signs in."""

    class Meta:
        model = register

    name = factory.Faker("name")
    email = factory.Sequence(lambda number: f"customer{number}@example.org")
    password = PASSWORD
    locale = "en"
    timezone = "UTC"


class StaffFactory(factory.Factory[User]):
    """A member of staff with a role."""

    class Meta:
        model = employ

    email = factory.Sequence(lambda number: f"staff{number}@example.org")
    role: str = Role.OPERATOR
    password = PASSWORD


class AccountFactory(factory.Factory[Account]):
    """An account, opened by its owner; its `balance`, in minor units, is paid in at once."""

    class Meta:
        model = open_account

    owner = factory.SubFactory(CustomerFactory)
    currency = "EUR"
    label = ""
    balance = 0


class DepositFactory(factory.Factory[Receipt]):
    """Money paid in by the account's owner."""

    class Meta:
        model = deposit

    account = factory.SubFactory(AccountFactory)
    amount = 100
    reference = ""


class WithdrawalFactory(factory.Factory[Receipt]):
    """Money taken out by the account's owner."""

    class Meta:
        model = withdraw

    account = factory.SubFactory(AccountFactory, balance=100)
    amount = 100
    reference = ""


class TransferFactory(factory.Factory[Receipt]):
    """Money sent by the owner of one account to another."""

    class Meta:
        model = send

    source = factory.SubFactory(AccountFactory, balance=100)
    target = factory.SubFactory(AccountFactory)
    amount = 100
    reference = ""
