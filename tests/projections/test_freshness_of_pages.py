"""A page that is behind what its reader has done waits for it, if there is a place to wait."""

import pytest
from django.test import Client

from eventstore.http.places import place_to_wait
from projections import freshness
from projections.models import Account
from tests.factories import AccountFactory, owner_of


@pytest.fixture
def account(db: None) -> Account:
    return AccountFactory.create(balance=10_000)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds for which a page was ready to wait for read models that never get there."""
    seconds: list[float] = []
    monkeypatch.setattr(freshness, "wait_for", lambda _position, _name, timeout: seconds.append(timeout))
    return seconds


@pytest.fixture
def client(account: Account) -> Client:
    client = Client()
    client.force_login(owner_of(account.account_id))
    return client


def test_a_page_that_is_behind_waits_and_then_loads_itself_anew(client: Client, waits: list[float]) -> None:
    assert client.get("/?position=9").headers["Refresh"] == freshness.RELOAD_SECONDS
    assert waits == [0, freshness.MAX_WAIT_SECONDS]


def test_a_page_does_not_wait_beside_another_of_its_reader(
    client: Client, account: Account, waits: list[float]
) -> None:
    with place_to_wait(owner_of(account.account_id).pk):
        assert client.get("/?position=9").headers["Refresh"] == freshness.RELOAD_SECONDS
    assert waits == [0]
