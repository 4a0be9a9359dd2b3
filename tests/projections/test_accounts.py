"""Accounts with their current balances."""

import pytest

from accounts.domain.commands import RenameAccount
from accounts.services.own_account import own_account
from eventstore.errors import AppendOnly
from eventstore.http.freshness import reflected_position
from projections import queries
from projections.models import Account
from tests.factories import AccountFactory, execute_as_user
from tests.projections.conftest import World


def test_shows_the_balance_after_the_last_event(world: World) -> None:
    row = queries.account(world.adas.account_id)
    assert row
    assert (row.balance, row.available, row.currency, row.status) == (500, 500, "EUR", "open")
    assert row.version == 4


def test_shows_what_a_decision_would_see(world: World) -> None:
    for row in Account.objects.all():
        state = own_account(row.account_id, row.customer_id)
        assert (state.balance, state.available, state.opened_at) == (row.balance, row.available, row.opened_at)


def test_shows_the_new_label(world: World) -> None:
    execute_as_user(RenameAccount(world.adas.account_id, world.adas.customer_id, "Holidays"), world.ada)
    row = queries.account(world.adas.account_id)
    assert row
    assert str(row) == "Holidays"


def test_a_customer_sees_their_own_only(world: World) -> None:
    assert queries.account(world.adas.account_id, customer_id=world.ada.customer_id)
    assert queries.account(world.adas.account_id, customer_id=world.bob.customer_id) is None
    assert queries.accounts_of(world.adas.customer_id) == [world.adas, world.yens]


def test_pages_hold_every_account_once(world: World) -> None:
    newest = AccountFactory.create(owner=world.ada)
    first = queries.accounts(customer_id=world.ada.customer_id, limit=2)
    second = queries.accounts(customer_id=world.ada.customer_id, before=first.next, limit=2)
    assert first.rows + second.rows == [newest, world.yens, world.adas]
    assert second.next is None
    assert len(queries.accounts(limit=10).rows) == 4


def test_rows_are_written_by_their_projector_alone(world: World) -> None:
    with pytest.raises(AppendOnly, match="Execute a command"):
        world.adas.save()


def test_the_read_model_reflects_what_was_just_written(world: World) -> None:
    row = queries.account(world.yens.account_id)
    assert row
    assert reflected_position("accounts") >= row.position
