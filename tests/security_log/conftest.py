"""Fixtures: what the security log has recorded, and the lines of all logs as they are written."""

import io
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from accounts.users.models import User
from accounts.users.roles import Role
from accounts.users.security_log import LOGGER_NAME
from config.logs import formatter
from eventstore.service import OneLine
from projections.models import Account
from tests.factories import AccountFactory, CustomerFactory, DepositFactory, StaffFactory

Recorded = Callable[[str], list[dict[str, Any]]]


@pytest.fixture
def recorded(caplog: pytest.LogCaptureFixture) -> Recorded:
    """The facts of all events of a name that were recorded so far."""

    def of(name: str) -> list[dict[str, Any]]:
        messages = [record.msg for record in caplog.records if record.name == LOGGER_NAME]
        return [message for message in messages if isinstance(message, dict) and message["event"] == name]

    return of


@pytest.fixture(params=["text", "json"])
def written(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """All that is logged from INFO on, by whomever, as it is written."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter(request.param))
    handler.addFilter(OneLine())
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield stream
    root.removeHandler(handler)
    root.setLevel(before)


@pytest.fixture
def ada(db: None) -> User:
    """A customer."""
    return CustomerFactory.create(name="Ada Zaubernuss", email="ada.zaubernuss@example.org")


@pytest.fixture
def account(ada: User) -> Account:
    """Her account, with money in it."""
    account = AccountFactory.create(owner=ada)
    DepositFactory.create(account=account, amount=10_000)
    return account


@pytest.fixture
def operator(db: None) -> User:
    """A member of staff who corrects."""
    return StaffFactory.create(role=Role.OPERATOR)


@pytest.fixture
def auditor(db: None) -> User:
    """A member of staff who reads."""
    return StaffFactory.create(role=Role.AUDITOR)
