"""Taking money out."""

import dataclasses
from datetime import timedelta

import pytest

from accounts.domain.commands import Withdraw
from accounts.domain.events import MoneyWithdrawn
from accounts.domain.money import MAX_MONEY
from eventstore.testing import given
from tests.accounts.examples import ADA, ADAS, ADAS_OPENED, BOB, ENTRY, NOW, OPENING, TODAY, deposited

WITHDRAW = Withdraw(account_id=ADAS, customer_id=ADA, entry_id=ENTRY, amount=30, now=NOW, reference="Rent")
WITHDRAWN = MoneyWithdrawn(
    account_id=ADAS, entry_id=ENTRY, amount=30, currency="EUR", balance=70, reference="Rent", day=TODAY
)
WITH_100 = given(ADAS_OPENED, deposited(ADAS, 100))


def test_takes_from_the_balance() -> None:
    WITH_100.when(WITHDRAW).then(WITHDRAWN)


def test_answers_the_new_balance() -> None:
    WITH_100.when(WITHDRAW).answers(entry_id=str(ENTRY), balance=70, available=70, currency="EUR")


def test_may_empty_the_account() -> None:
    everything = dataclasses.replace(WITHDRAW, amount=100)
    WITH_100.when(everything).then(dataclasses.replace(WITHDRAWN, amount=100, balance=0))


def test_refuses_to_overdraw() -> None:
    WITH_100.when(dataclasses.replace(WITHDRAW, amount=101)).refused("INSUFFICIENT_FUNDS", field="amount")


def test_somebody_elses_account_is_not_found() -> None:
    WITH_100.when(dataclasses.replace(WITHDRAW, customer_id=BOB)).refused("ACCOUNT_NOT_FOUND")


@pytest.mark.parametrize("amount", [0, -1])
def test_refuses_what_is_no_amount(amount: int) -> None:
    WITH_100.when(dataclasses.replace(WITHDRAW, amount=amount)).refused("INVALID_AMOUNT", field="amount")


def test_refuses_an_amount_beyond_64_bits_as_such() -> None:
    WITH_100.when(dataclasses.replace(WITHDRAW, amount=MAX_MONEY + 1)).refused("AMOUNT_OUT_OF_RANGE")


def test_money_that_comes_later_counts_for_an_earlier_date() -> None:
    """Funds are checked in recorded order; the effective date is only told."""
    WITH_100.when(dataclasses.replace(WITHDRAW, effective_at=OPENING)).then(WITHDRAWN)


def test_refuses_a_date_before_the_opening_or_in_the_future() -> None:
    for date in (OPENING - timedelta(days=1), NOW + timedelta(days=1)):
        backdated = dataclasses.replace(WITHDRAW, effective_at=date)
        WITH_100.when(backdated).refused("EFFECTIVE_DATE_INVALID", field="effective_at")
