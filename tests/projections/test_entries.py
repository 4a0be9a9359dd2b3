"""Entries: the history of an account."""

from datetime import timedelta

import pytest

from accounts.domain.commands import Deposit
from accounts.services.ids import new_id
from accounts.services.use_cases import send_command
from projections import queries
from tests.factories import AccountFactory, DepositFactory
from tests.projections.conftest import World


def test_tells_every_movement_with_the_balance_after_it(world: World) -> None:
    page = queries.entries(world.adas.account_id, limit=10)
    lines = [(row.kind, row.direction, row.amount, row.signed_amount, row.balance, row.reference) for row in page.rows]
    assert lines == [
        ("withdrawal", "debit", 300, -300, 500, ""),
        ("transfer", "debit", 200, -200, 800, "Dinner"),
        ("deposit", "credit", 1000, 1000, 1000, "Salary"),
    ]


def test_a_transfer_names_the_other_account_on_each_side(world: World) -> None:
    sent = queries.entries(world.adas.account_id, limit=10).rows[1]
    (received,) = queries.entries(world.bobs.account_id, limit=10).rows
    assert (sent.counterparty, received.counterparty) == (world.bobs.account_id, world.adas.account_id)
    assert sent.transfer_id == received.transfer_id
    assert received.direction == "credit"


def test_an_effective_date_stands_beside_the_recorded_one(world: World) -> None:
    date = world.adas.opened_at + timedelta(microseconds=1)
    account_id, customer_id = world.adas.account_id, world.adas.customer_id
    now = date + timedelta(seconds=1)
    send_command(Deposit(account_id, customer_id, new_id(), 5, now, effective_at=date), "1", actor=world.ada.actor)
    newest = queries.entries(account_id, limit=1).rows[0]
    assert newest.effective_at == date < newest.recorded_at
    assert newest.balance == 505


def test_pages_hold_every_line_once_whatever_comes_in_between() -> None:
    account = AccountFactory.create()
    for amount in (1, 2, 3, 4, 5):
        DepositFactory.create(account=account, amount=amount)
    first = queries.entries(account.account_id, limit=2)
    DepositFactory.create(account=account, amount=6)
    second = queries.entries(account.account_id, before=first.next, limit=2)
    third = queries.entries(account.account_id, before=second.next, limit=2)
    assert [row.amount for page in (first, second, third) for row in page.rows] == [5, 4, 3, 2, 1]
    assert third.next is None


def test_a_full_last_page_leads_nowhere(world: World) -> None:
    assert queries.entries(world.adas.account_id, limit=3).next is None


def test_both_sides_see_a_transfer_and_nobody_else_does(world: World) -> None:
    transfer_id = queries.entries(world.bobs.account_id, limit=1).rows[0].transfer_id
    assert transfer_id
    for customer in (world.ada.customer_id, world.bob.customer_id, None):
        found = queries.transfer(transfer_id, customer_id=customer)
        assert found
        assert (found.from_account, found.to_account) == (world.adas.account_id, world.bobs.account_id)
        assert (found.amount, found.currency, found.reference) == (200, "EUR", "Dinner")
    stranger = AccountFactory.create()
    assert queries.transfer(transfer_id, customer_id=stranger.customer_id) is None
    assert queries.transfer(new_id()) is None


pytestmark = pytest.mark.django_db
