"""Opening an account."""

import dataclasses

import pytest

from accounts.domain.commands import OpenAccount
from accounts.domain.events import AccountOpened
from eventstore.testing import given
from tests.accounts.examples import ADA, ADA_ERASED, ADA_REGISTERED, ADA_SUSPENDED, ADAS, ADAS_OPENED, BOB, NOW

OPEN = OpenAccount(account_id=ADAS, customer_id=ADA, currency="EUR", now=NOW, label="Savings", timezone="Asia/Tokyo")
OPENED = AccountOpened(
    account_id=ADAS, customer_id=ADA, currency="EUR", label="Savings", timezone="Asia/Tokyo", opened_at=NOW
)


def test_opens_an_account_in_a_currency() -> None:
    given(ADA_REGISTERED).when(OPEN).then(OPENED)


def test_keeps_the_customers_time_zone_unless_another_is_asked_for() -> None:
    command = dataclasses.replace(OPEN, timezone=None)
    given(ADA_REGISTERED).when(command).then(dataclasses.replace(OPENED, timezone="Europe/London"))


def test_answers_the_whole_account() -> None:
    given(ADA_REGISTERED).when(OPEN).answers(
        account_id=str(ADAS),
        customer_id=str(ADA),
        label="Savings",
        currency="EUR",
        timezone="Asia/Tokyo",
        balance=0,
        available=0,
        opened_at=NOW.isoformat(),
    )


def test_refuses_somebody_who_is_no_customer() -> None:
    command = dataclasses.replace(OPEN, customer_id=BOB)
    given(ADA_REGISTERED).when(command).refused("CUSTOMER_NOT_FOUND", field="customer_id")


@pytest.mark.parametrize("currency", ["", "eur", "EURO", "XXX", "XTS", "XAU", "DEM", "BGN"])
def test_refuses_what_is_no_currency_in_use(currency: str) -> None:
    command = dataclasses.replace(OPEN, currency=currency)
    given(ADA_REGISTERED).when(command).refused("UNKNOWN_CURRENCY", field="currency")


def test_refuses_an_id_that_is_taken() -> None:
    given(ADA_REGISTERED, ADAS_OPENED).when(OPEN).refused("VERSION_CONFLICT", field="account_id")


def test_a_suspended_customer_opens_none_but_staff_may_for_them() -> None:
    suspended = given(ADA_REGISTERED, ADA_SUSPENDED)
    suspended.when(OPEN).refused("CUSTOMER_SUSPENDED")
    suspended.when(dataclasses.replace(OPEN, by_staff=True)).then(OPENED)


@pytest.mark.parametrize("by_staff", [False, True])
def test_nobody_opens_one_for_a_customer_who_was_forgotten(by_staff: bool) -> None:
    command = dataclasses.replace(OPEN, by_staff=by_staff)
    given(ADA_REGISTERED, ADA_ERASED).when(command).refused("CUSTOMER_NOT_FOUND", field="customer_id")


@pytest.mark.parametrize("by_staff", [False, True])
def test_staff_are_bound_by_all_the_rest(by_staff: bool) -> None:
    command = dataclasses.replace(OPEN, by_staff=by_staff)
    given(ADA_REGISTERED, ADAS_OPENED).when(command).refused("VERSION_CONFLICT", field="account_id")
    given(ADA_REGISTERED).when(dataclasses.replace(command, currency="XXX")).refused("UNKNOWN_CURRENCY")
