"""Correcting a balance."""

import dataclasses
from typing import Any

import pytest

from accounts.domain.commands import Approve, Withdraw
from accounts.domain.events import ApprovalGranted
from accounts.domain.money import MAX_MONEY, MIN_MONEY
from eventstore.testing import given
from tests.accounts.examples import (
    ADA,
    ADA_SUSPENDED,
    ADAS,
    ADAS_OPENED,
    APPROVAL,
    ENTRY,
    NOW,
    deposited,
    frozen,
    held,
    limits,
    overdraft,
)
from tests.accounts.requests import ADJUST, ADJUSTED, asked_for

APPROVE = Approve(APPROVAL, ADAS, None, "staff:2", NOW)
GRANTED = ApprovalGranted(APPROVAL)
HISTORY = (ADAS_OPENED, deposited(ADAS, 100))


def by(amount: int) -> Any:
    return asked_for(dataclasses.replace(ADJUST, amount=amount))


def adjusted(amount: int, balance: int) -> Any:
    return dataclasses.replace(ADJUSTED, amount=amount, balance=balance)


def test_nobody_does_it_alone() -> None:
    given(*HISTORY).when(ADJUST).refused("APPROVAL_REQUIRED")
    given().when(ADJUST).refused("APPROVAL_REQUIRED")


def test_gives_or_takes() -> None:
    given(*HISTORY, by(50)).when(APPROVE).then(adjusted(50, 150), GRANTED)
    given(*HISTORY, by(-50)).when(APPROVE).then(adjusted(-50, 50), GRANTED)


def test_may_take_more_than_is_available() -> None:
    """What should never have been there may be gone."""
    given(*HISTORY, by(-130)).when(APPROVE).then(adjusted(-130, -30), GRANTED)
    given(*HISTORY, held(ADAS, 100), by(-1)).when(APPROVE).then(adjusted(-1, 99), GRANTED)


def test_nothing_more_leaves_an_account_that_lacks_what_was_taken() -> None:
    short = given(*HISTORY, adjusted(-130, -30))
    short.when(Withdraw(ADAS, ADA, ENTRY, 1, NOW)).refused("INSUFFICIENT_FUNDS")
    covered = given(*HISTORY, adjusted(-130, -30), overdraft(ADAS, 31))
    assert covered.when(Withdraw(ADAS, ADA, ENTRY, 1, NOW)).events


def test_neither_limits_nor_a_suspension_stop_it() -> None:
    world = given(*HISTORY, limits(ADAS, per_entry=1, daily_out=1), ADA_SUSPENDED, by(-50))
    world.when(APPROVE).then(adjusted(-50, 50), GRANTED)


def test_does_not_count_for_the_limits() -> None:
    world = given(*HISTORY, limits(ADAS, daily_out=50), adjusted(-50, 50))
    assert world.when(Withdraw(ADAS, ADA, ENTRY, 50, NOW)).events


@pytest.mark.parametrize(("amount", "scope"), [(-1, "debits"), (-1, "all"), (1, "all")])
def test_a_freeze_stops_it(amount: int, scope: str) -> None:
    given(*HISTORY, by(amount), frozen(ADAS, scope)).when(APPROVE).refused("ACCOUNT_FROZEN")


def test_gives_to_an_account_that_is_frozen_for_debits() -> None:
    given(*HISTORY, by(1), frozen(ADAS, "debits")).when(APPROVE).then(adjusted(1, 101), GRANTED)


def test_refuses_a_balance_that_can_not_be_stored() -> None:
    full = given(ADAS_OPENED, deposited(ADAS, MAX_MONEY), by(1))
    full.when(APPROVE).refused("AMOUNT_OUT_OF_RANGE", field="amount")
    deep = given(ADAS_OPENED, adjusted(-MAX_MONEY, MIN_MONEY), by(-1))
    deep.when(APPROVE).refused("AMOUNT_OUT_OF_RANGE", field="amount")
