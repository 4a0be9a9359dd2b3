"""A small world to call from: Ada with money, Bob, members of staff, and a stranger without a sign-in."""

import pytest

from accounts.users.roles import Role
from projections.models import Account
from tests.api.caller import Caller
from tests.factories import AccountFactory, CustomerFactory, EarlierStaffFactory, StaffFactory


@pytest.fixture
def adas(db: None) -> Account:
    """Ada's account, with 100.00 EUR."""
    owner = CustomerFactory.create(name="Ada Lovelace", email="ada@example.org")
    return AccountFactory.create(owner=owner, label="Everyday", balance=10_000)


@pytest.fixture
def bobs(db: None) -> Account:
    """Bob's account, which is empty."""
    return AccountFactory.create(owner=CustomerFactory.create(name="Bob", email="bob@example.org"))


@pytest.fixture
def ada(adas: Account) -> Caller:
    return caller_for(adas)


@pytest.fixture
def bob(bobs: Account) -> Caller:
    return caller_for(bobs)


@pytest.fixture
def auditor(db: None) -> Caller:
    return Caller.of(EarlierStaffFactory.create(role=Role.AUDITOR))


@pytest.fixture
def operator(db: None) -> Caller:
    return Caller.of(StaffFactory.create(role=Role.OPERATOR))


@pytest.fixture
def stranger(db: None) -> Caller:
    return Caller()


def caller_for(account: Account) -> Caller:
    from tests.factories import owner_of

    return Caller.of(owner_of(account.account_id))
