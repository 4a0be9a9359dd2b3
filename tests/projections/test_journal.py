"""The journal: two legs for each movement, and a trial balance of zero."""

from collections import Counter

import pytest

from accounts.domain.money import MAX_MONEY
from eventstore.http.freshness import reflected_position
from eventstore.projecting.runner.runner import Runner
from projections import queries
from projections.models import Account, JournalLeg
from tests.factories import AccountFactory
from tests.projections.conftest import Bustle, World


def balances() -> dict[tuple[str, str], int]:
    return {(row.currency, row.account): row.amount for row in queries.trial_balance()}


def test_each_currency_sums_to_zero(world: World) -> None:
    Runner().catch_up()
    sums = Counter[str]()
    for (currency, _), amount in balances().items():
        sums[currency] += amount
    assert sums == {"EUR": 0, "JPY": 0}


def test_each_account_has_what_its_journal_says(world: World) -> None:
    Runner().catch_up()
    journal = balances()
    for row in Account.objects.all():
        assert journal.pop((row.currency, str(row.account_id))) == row.balance
    assert journal == {("EUR", "cash:EUR"): -700, ("JPY", "cash:JPY"): -150}


def test_each_movement_balances_by_itself(world: World) -> None:
    Runner().catch_up()
    legs = Counter[object]()
    for leg in JournalLeg.objects.all():
        legs[leg.movement] += leg.amount
    assert set(legs.values()) == {0}
    assert JournalLeg.objects.count() == 2 * len(legs) == 8


@pytest.mark.django_db
def test_sums_may_outgrow_what_one_account_can_hold() -> None:
    for _ in range(3):
        AccountFactory.create(balance=MAX_MONEY)
    Runner().catch_up()
    assert balances()["EUR", "cash:EUR"] == -3 * MAX_MONEY


def test_whatever_happens_each_currency_sums_to_zero(bustle: Bustle) -> None:
    Runner().catch_up()
    journal = balances()
    assert sum(journal.values()) == 0
    assert journal["EUR", "adjustments:EUR"] == 1_350
    assert journal["EUR", "cash:EUR"] == -(10_000 - 4_500 + 77)
    for row in Account.objects.all():
        assert journal.get(("EUR", str(row.account_id)), 0) == row.balance, row
    assert bustle.caras.balance == 4_150


def test_each_movement_balances_by_itself_whatever_happens(bustle: Bustle) -> None:
    Runner().catch_up()
    legs = Counter[object]()
    for leg in JournalLeg.objects.all():
        legs[leg.movement] += leg.amount
    assert set(legs.values()) == {0}


def test_it_is_delayed(world: World) -> None:
    assert balances() == {}
    assert reflected_position("journal_legs") < world.yens.position
    Runner().catch_up()
    assert reflected_position("journal_legs") >= world.yens.position
