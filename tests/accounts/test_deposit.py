"""Paying money in."""

import dataclasses
from datetime import datetime, timedelta

import pytest

from accounts.domain.commands import Deposit
from accounts.domain.events import MoneyDeposited
from accounts.domain.money import MAX_MONEY
from eventstore.testing import given
from tests.accounts.examples import ADA, ADAS, ADAS_OPENED, BOB, ENTRY, NOW, OPENING, TODAY, deposited

DEPOSIT = Deposit(account_id=ADAS, customer_id=ADA, entry_id=ENTRY, amount=50, now=NOW, reference="Salary")
DEPOSITED = MoneyDeposited(
    account_id=ADAS, entry_id=ENTRY, amount=50, currency="EUR", balance=150, reference="Salary", day=TODAY
)


def test_adds_to_the_balance() -> None:
    given(ADAS_OPENED, deposited(ADAS, 100)).when(DEPOSIT).then(DEPOSITED)


def test_answers_the_new_balance() -> None:
    given(ADAS_OPENED, deposited(ADAS, 100)).when(DEPOSIT).answers(
        entry_id=str(ENTRY), balance=150, available=150, currency="EUR"
    )


def test_an_account_that_was_never_opened_is_not_found() -> None:
    given().when(DEPOSIT).refused("ACCOUNT_NOT_FOUND", field="account_id")


def test_somebody_elses_account_is_not_found() -> None:
    given(ADAS_OPENED).when(dataclasses.replace(DEPOSIT, customer_id=BOB)).refused("ACCOUNT_NOT_FOUND")


@pytest.mark.parametrize("amount", [0, -1])
def test_refuses_what_is_no_amount(amount: int) -> None:
    given(ADAS_OPENED).when(dataclasses.replace(DEPOSIT, amount=amount)).refused("INVALID_AMOUNT", field="amount")


def test_fills_an_account_up_to_64_bits() -> None:
    full = dataclasses.replace(DEPOSITED, balance=MAX_MONEY)
    given(ADAS_OPENED, deposited(ADAS, MAX_MONEY - 50)).when(DEPOSIT).then(full)


def test_refuses_a_sum_beyond_64_bits() -> None:
    nearly_full = given(ADAS_OPENED, deposited(ADAS, MAX_MONEY - 49))
    nearly_full.when(DEPOSIT).refused("AMOUNT_OUT_OF_RANGE", field="amount")


@pytest.mark.parametrize("date", [OPENING, NOW])
def test_takes_a_date_from_the_opening_until_now(date: datetime) -> None:
    backdated = dataclasses.replace(DEPOSIT, effective_at=date)
    given(ADAS_OPENED, deposited(ADAS, 100)).when(backdated).then(DEPOSITED)


@pytest.mark.parametrize("date", [OPENING - timedelta(microseconds=1), NOW + timedelta(microseconds=1)])
def test_refuses_a_date_before_the_opening_or_in_the_future(date: datetime) -> None:
    backdated = dataclasses.replace(DEPOSIT, effective_at=date)
    given(ADAS_OPENED).when(backdated).refused("EFFECTIVE_DATE_INVALID", field="effective_at")
