"""Letting go of money that was set aside."""

import dataclasses

import pytest

from accounts.domain.commands import ReleaseHold
from accounts.domain.events import HoldExpired, HoldReleased
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
    OTHER_HOLD,
    deposited,
    frozen,
    held,
)

RELEASE = ReleaseHold(ADAS, ADA, HOLD, NOW, "Cancelled")
RELEASED = HoldReleased(ADAS, HOLD, held=0, reason="Cancelled")
HISTORY = (ADAS_OPENED, deposited(ADAS, 100), held(ADAS, 30))
WITH_30_HELD = given(*HISTORY)


def test_makes_it_available_again() -> None:
    WITH_30_HELD.when(RELEASE).then(RELEASED).answers(
        hold_id=str(HOLD), balance=100, held=0, available=100, currency="EUR"
    )


def test_other_holds_stay() -> None:
    two = given(*HISTORY, held(ADAS, 50, in_all=80, hold_id=OTHER_HOLD))
    two.when(RELEASE).then(dataclasses.replace(RELEASED, held=50))


def test_needs_no_reason() -> None:
    WITH_30_HELD.when(dataclasses.replace(RELEASE, reason="")).then(dataclasses.replace(RELEASED, reason=""))


@pytest.mark.parametrize("scope", ["debits", "all"])
def test_goes_on_while_the_account_is_frozen(scope: str) -> None:
    given(*HISTORY, frozen(ADAS, scope)).when(RELEASE).then(RELEASED)


@pytest.mark.parametrize("ended", [RELEASED, HoldExpired(ADAS, HOLD, 0)], ids=["released", "expired"])
def test_a_hold_ends_once(ended: HoldReleased | HoldExpired) -> None:
    given(*HISTORY, ended).when(RELEASE).refused("HOLD_NOT_OPEN")


def test_what_is_over_is_left_to_expire() -> None:
    WITH_30_HELD.when(dataclasses.replace(RELEASE, now=IN_A_WEEK)).refused("HOLD_NOT_OPEN")


def test_nobody_releases_somebody_elses_hold() -> None:
    WITH_30_HELD.when(dataclasses.replace(RELEASE, customer_id=BOB)).refused("HOLD_NOT_FOUND")


def test_a_suspended_customer_releases_nothing_but_staff_go_on() -> None:
    suspended = given(*HISTORY, ADA_SUSPENDED)
    suspended.when(RELEASE).refused("CUSTOMER_SUSPENDED")
    suspended.when(dataclasses.replace(RELEASE, customer_id=None)).then(RELEASED)
