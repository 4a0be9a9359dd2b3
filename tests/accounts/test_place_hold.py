"""Setting money aside."""

import dataclasses
from datetime import timedelta

import pytest

from accounts.domain.commands import PlaceHold, Transfer, Withdraw
from accounts.domain.money import MAX_MONEY
from eventstore.testing import given
from tests.accounts.examples import (
    ADA,
    ADA_SUSPENDED,
    ADAS,
    ADAS_CLOSED,
    ADAS_OPENED,
    BOB,
    BOBS,
    BOBS_OPENED,
    ENTRY,
    HOLD,
    IN_A_WEEK,
    NOW,
    OTHER_ENTRY,
    OTHER_HOLD,
    TRANSFER,
    deposited,
    held,
    limits,
    overdraft,
)

PLACE = PlaceHold(ADAS, ADA, HOLD, amount=30, now=NOW, expires_at=IN_A_WEEK, reference="Hotel")
BY_STAFF = dataclasses.replace(PLACE, customer_id=None)
WITH_100 = given(ADAS_OPENED, deposited(ADAS, 100))
WITH_30_HELD = given(ADAS_OPENED, deposited(ADAS, 100), held(ADAS, 30))


def test_sets_money_aside_that_stays_where_it_is() -> None:
    WITH_100.when(PLACE).then(held(ADAS, 30))


def test_answers_what_is_held_and_what_is_left() -> None:
    WITH_100.when(PLACE).answers(hold_id=str(HOLD), balance=100, held=30, available=70, currency="EUR")


def test_holds_add_up() -> None:
    second = dataclasses.replace(PLACE, hold_id=OTHER_HOLD, amount=70)
    WITH_30_HELD.when(second).then(held(ADAS, 70, in_all=100, hold_id=OTHER_HOLD))


@pytest.mark.parametrize("amount", [71, 100])
def test_refuses_more_than_is_available(amount: int) -> None:
    second = dataclasses.replace(PLACE, hold_id=OTHER_HOLD, amount=amount)
    WITH_30_HELD.when(second).refused("INSUFFICIENT_FUNDS", field="amount")


def test_an_overdraft_can_be_held_too() -> None:
    world = given(ADAS_OPENED, deposited(ADAS, 100), overdraft(ADAS, 50))
    world.when(dataclasses.replace(PLACE, amount=150)).then(held(ADAS, 150))
    world.when(dataclasses.replace(PLACE, amount=151)).refused("INSUFFICIENT_FUNDS")


def test_what_is_held_can_not_be_spent() -> None:
    world = given(ADAS_OPENED, deposited(ADAS, 100), held(ADAS, 30), BOBS_OPENED)
    world.when(Withdraw(ADAS, ADA, ENTRY, 71, NOW)).refused("INSUFFICIENT_FUNDS")
    world.when(Transfer(TRANSFER, ADA, ADAS, BOBS, ENTRY, OTHER_ENTRY, 71, NOW)).refused("INSUFFICIENT_FUNDS")
    assert world.when(Withdraw(ADAS, ADA, ENTRY, 70, NOW)).events


@pytest.mark.parametrize("amount", [0, -1])
def test_refuses_what_is_no_amount(amount: int) -> None:
    WITH_100.when(dataclasses.replace(PLACE, amount=amount)).refused("INVALID_AMOUNT", field="amount")


def test_refuses_an_amount_beyond_64_bits_as_such() -> None:
    WITH_100.when(dataclasses.replace(PLACE, amount=MAX_MONEY + 1)).refused("AMOUNT_OUT_OF_RANGE", field="amount")


def test_refuses_holds_whose_sum_can_not_be_stored() -> None:
    """With an overdraft, more is available than a balance can be."""
    full = given(ADAS_OPENED, deposited(ADAS, MAX_MONEY), overdraft(ADAS, MAX_MONEY), held(ADAS, MAX_MONEY))
    one_more = dataclasses.replace(PLACE, hold_id=OTHER_HOLD, amount=1)
    full.when(one_more).refused("AMOUNT_OUT_OF_RANGE", field="amount")


@pytest.mark.parametrize("sooner", [timedelta(0), timedelta(seconds=1)])
def test_refuses_a_hold_that_is_over_before_it_begins(sooner: timedelta) -> None:
    WITH_100.when(dataclasses.replace(PLACE, expires_at=NOW - sooner)).refused(
        "EFFECTIVE_DATE_INVALID", field="expires_at"
    )


def test_limits_are_for_what_leaves_not_for_what_is_held() -> None:
    given(ADAS_OPENED, deposited(ADAS, 100), limits(ADAS, per_entry=10, daily_out=10)).when(PLACE).then(held(ADAS, 30))


def test_nobody_holds_money_in_somebody_elses_account() -> None:
    WITH_100.when(dataclasses.replace(PLACE, customer_id=BOB)).refused("ACCOUNT_NOT_FOUND", field="account_id")


def test_staff_hold_money_in_anybodys_account() -> None:
    WITH_100.when(BY_STAFF).then(held(ADAS, 30))
    given().when(BY_STAFF).refused("ACCOUNT_NOT_FOUND", field="account_id")


def test_a_suspended_customer_holds_nothing_but_staff_go_on() -> None:
    world = given(ADAS_OPENED, deposited(ADAS, 100), ADA_SUSPENDED)
    world.when(PLACE).refused("CUSTOMER_SUSPENDED")
    world.when(BY_STAFF).then(held(ADAS, 30))


def test_refuses_a_closed_account() -> None:
    given(ADAS_OPENED, ADAS_CLOSED).when(PLACE).refused("ACCOUNT_CLOSED")
