"""A small world to read from."""

from dataclasses import dataclass

import pytest

from accounts.models import User
from projections.models import Account
from tests.factories import AccountFactory, CustomerFactory, DepositFactory, TransferFactory, WithdrawalFactory


@dataclass(frozen=True)
class World:
    """Ada has 500 EUR of 1000, 200 went to Bob, 300 were taken out; her yen lie still."""

    ada: User
    bob: User
    adas: Account
    bobs: Account
    yens: Account


@pytest.fixture
def world(db: None) -> World:
    ada = CustomerFactory.create(name="Ada Lovelace", email="ada@example.org")
    bob = CustomerFactory.create(name="Bob", email="bob@example.com")
    adas, yens = AccountFactory.create(owner=ada, label="Savings"), AccountFactory.create(owner=ada, currency="JPY")
    bobs = AccountFactory.create(owner=bob)
    DepositFactory.create(account=adas, amount=1000, reference="Salary")
    TransferFactory.create(source=adas, target=bobs, amount=200, reference="Dinner")
    WithdrawalFactory.create(account=adas, amount=300)
    DepositFactory.create(account=yens, amount=150)
    return World(ada, bob, *(Account.objects.get(pk=account.pk) for account in (adas, bobs, yens)))
