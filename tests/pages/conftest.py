"""Fixtures: Ada, who is signed in, and her account."""

import pytest
from django.test import Client

from accounts.users.models import User
from projections.models import Account
from tests.factories import AccountFactory, CustomerFactory


@pytest.fixture
def ada(db: None, client: Client) -> User:
    user = CustomerFactory.create(name="Ada Lovelace", email="ada@example.org")
    client.force_login(user)
    return user


@pytest.fixture
def account(ada: User) -> Account:
    """A deposit of 100.00 EUR."""
    return AccountFactory.create(owner=ada, label="Everyday", balance=10_000)
