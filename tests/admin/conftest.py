"""A small world to look at: Ada's account with some history and a refusal, and staff of every role."""

from dataclasses import dataclass
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from accounts.domain.commands import Withdraw
from accounts.services.ids import new_id
from accounts.users.models import User
from accounts.users.roles import Role
from eventstore.execute import Receipt, execute
from projections.models import Account
from tests.factories import AccountFactory, CustomerFactory, DepositFactory, EarlierStaffFactory, TransferFactory


@dataclass(frozen=True)
class World:
    """Ada has 75.00 EUR of 100.00: she sent 25.00 to Bob, and was refused a million."""

    ada: User
    adas: Account
    bobs: Account
    deposit: Receipt
    transfer: Receipt
    refused: Receipt


@pytest.fixture
def world(db: None) -> World:
    ada = CustomerFactory.create(name="Ada Lovelace", email="ada@example.org")
    adas, bobs = AccountFactory.create(owner=ada, label="Savings"), AccountFactory.create(owner__name="Bob")
    deposit = DepositFactory.create(account=adas, amount=10_000, reference="Salary")
    transfer = TransferFactory.create(source=adas, target=bobs, amount=2_500)
    refused = execute(withdrawal(adas, 100_000_000), "too much", actor=ada.actor)
    return World(ada, adas, bobs, deposit, transfer, refused)


def withdrawal(account: Account, amount: int) -> Withdraw:
    return Withdraw(account.account_id, account.customer_id, new_id(), amount, timezone.now())


@pytest.fixture
def staff(db: None, client: Client) -> Client:
    """An auditor's browser."""
    client.force_login(EarlierStaffFactory.create(role=Role.AUDITOR))
    return client


@pytest.fixture
def newcomer(db: None) -> User:
    """A member of staff who has no role yet."""
    return User.objects.create(email="new@example.org", is_staff=True)


def customer_id(user: User) -> UUID:
    assert user.customer_id
    return user.customer_id
