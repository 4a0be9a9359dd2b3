"""Taking money that was set aside."""

import dataclasses
from datetime import timedelta

import pytest

from accounts.domain.commands import CaptureHold
from accounts.domain.events import HoldCaptured, HoldExpired, HoldReleased
from accounts.domain.money import MAX_MONEY
from eventstore.testing import given
from tests.accounts.examples import (
    ADA,
    ADA_SUSPENDED,
    ADAS,
    ADAS_OPENED,
    BOB,
    HOLD,
    IN_A_WEEK,
    NOW,
    OTHER_ENTRY,
    OTHER_HOLD,
    TODAY,
    deposited,
    frozen,
    held,
    limits,
    withdrawn,
)

CAPTURE = CaptureHold(ADAS, ADA, HOLD, OTHER_ENTRY, NOW)
CAPTURED = HoldCaptured(
    account_id=ADAS,
    hold_id=HOLD,
    entry_id=OTHER_ENTRY,
    amount=30,
    released=0,
    currency="EUR",
    balance=70,
    held=0,
    reference="Hotel",
    day=TODAY,
)
HISTORY = (ADAS_OPENED, deposited(ADAS, 100), held(ADAS, 30))
WITH_30_HELD = given(*HISTORY)


def part(amount: int) -> CaptureHold:
    return dataclasses.replace(CAPTURE, amount=amount)


def test_takes_all_of_it_unless_told_otherwise() -> None:
    WITH_30_HELD.when(CAPTURE).then(CAPTURED)


def test_what_is_not_taken_is_available_again() -> None:
    taken = dataclasses.replace(CAPTURED, amount=10, released=20, balance=90)
    WITH_30_HELD.when(part(10)).then(taken).answers(
        hold_id=str(HOLD), entry_id=str(OTHER_ENTRY), balance=90, held=0, available=90, currency="EUR"
    )


def test_other_holds_stay() -> None:
    two = given(*HISTORY, held(ADAS, 50, in_all=80, hold_id=OTHER_HOLD))
    two.when(CAPTURE).then(dataclasses.replace(CAPTURED, held=50))


def test_refuses_more_than_was_set_aside() -> None:
    WITH_30_HELD.when(part(31)).refused("CAPTURE_EXCEEDS_HOLD", field="amount")


@pytest.mark.parametrize("amount", [0, -1])
def test_refuses_what_is_no_amount(amount: int) -> None:
    WITH_30_HELD.when(part(amount)).refused("INVALID_AMOUNT", field="amount")


def test_refuses_an_amount_beyond_64_bits_as_such() -> None:
    WITH_30_HELD.when(part(MAX_MONEY + 1)).refused("AMOUNT_OUT_OF_RANGE", field="amount")


def test_the_last_moment_is_before_the_hold_expires() -> None:
    in_time = dataclasses.replace(CAPTURE, now=IN_A_WEEK - timedelta(microseconds=1))
    assert WITH_30_HELD.when(in_time).events
    WITH_30_HELD.when(dataclasses.replace(CAPTURE, now=IN_A_WEEK)).refused("HOLD_NOT_OPEN")


@pytest.mark.parametrize(
    "ended",
    [CAPTURED, HoldReleased(ADAS, HOLD, 0, ""), HoldExpired(ADAS, HOLD, 0)],
    ids=lambda event: type(event).__name__,
)
def test_a_hold_ends_once(ended: HoldCaptured | HoldReleased | HoldExpired) -> None:
    given(*HISTORY, ended).when(CAPTURE).refused("HOLD_NOT_OPEN")


def test_nobody_takes_from_somebody_elses_hold() -> None:
    WITH_30_HELD.when(dataclasses.replace(CAPTURE, customer_id=BOB)).refused("HOLD_NOT_FOUND")


def test_staff_take_for_whom_the_money_was_held() -> None:
    WITH_30_HELD.when(dataclasses.replace(CAPTURE, customer_id=None)).then(CAPTURED)


def test_a_suspended_customer_takes_nothing_but_staff_go_on() -> None:
    suspended = given(*HISTORY, ADA_SUSPENDED)
    suspended.when(CAPTURE).refused("CUSTOMER_SUSPENDED")
    suspended.when(dataclasses.replace(CAPTURE, customer_id=None)).then(CAPTURED)


@pytest.mark.parametrize("scope", ["debits", "all"])
def test_nothing_is_taken_from_a_frozen_account_by_whomever(scope: str) -> None:
    stopped = given(*HISTORY, frozen(ADAS, scope))
    stopped.when(CAPTURE).refused("ACCOUNT_FROZEN")
    stopped.when(dataclasses.replace(CAPTURE, customer_id=None)).refused("ACCOUNT_FROZEN")


def test_counts_for_the_limits() -> None:
    given(*HISTORY, limits(ADAS, per_entry=29)).when(CAPTURE).refused("LIMIT_EXCEEDED", field="amount")
    today = given(*HISTORY, limits(ADAS, daily_out=50), withdrawn(ADAS, 21, 79))
    today.when(CAPTURE).refused("LIMIT_EXCEEDED", field="amount")
    assert today.when(part(29)).events


def test_works_on_the_last_cent() -> None:
    everything = given(ADAS_OPENED, deposited(ADAS, 100), held(ADAS, 100))
    everything.when(CAPTURE).then(dataclasses.replace(CAPTURED, amount=100, balance=0))
