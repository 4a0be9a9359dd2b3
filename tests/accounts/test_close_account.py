"""Ending an account."""

import dataclasses
from uuid import UUID

import pytest

from accounts.domain.commands import CloseAccount, Deposit, Transfer, Withdraw
from accounts.domain.events import HoldReleased, OverdraftLimitSet, TransferReceived, TransferSent
from accounts.domain.money import MAX_MONEY
from eventstore.testing import given
from tests.accounts.examples import (
    ADA,
    ADA_REGISTERED,
    ADA_SUSPENDED,
    ADAS,
    ADAS_CLOSED,
    ADAS_OPENED,
    ADAS_OTHER,
    ADAS_OTHER_OPENED,
    BOB,
    BOBS,
    BOBS_OPENED,
    ENTRY,
    HOLD,
    NOW,
    OTHER_ENTRY,
    TODAY,
    TRANSFER,
    YENS,
    deposited,
    frozen,
    held,
    opened,
    withdrawn,
)

CLOSE = CloseAccount(ADAS, ADA, TRANSFER, ENTRY, OTHER_ENTRY, NOW, reason="Moved away")
SWEEP = dataclasses.replace(CLOSE, sweep_to=ADAS_OTHER)
WITH_100 = (ADA_REGISTERED, ADAS_OPENED, deposited(ADAS, 100), ADAS_OTHER_OPENED, deposited(ADAS_OTHER, 5))
SWEPT = (
    TransferSent(ADAS, ENTRY, TRANSFER, ADAS_OTHER, 100, "EUR", 0, "", TODAY),
    TransferReceived(ADAS_OTHER, OTHER_ENTRY, TRANSFER, ADAS, 100, "EUR", 105, "", TODAY),
)


def test_an_empty_account_ends() -> None:
    given(ADAS_OPENED).when(CLOSE).then(ADAS_CLOSED).answers(
        account_id=str(ADAS), status="closed", balance=0, currency="EUR"
    )


def test_needs_no_reason() -> None:
    silent = dataclasses.replace(CLOSE, reason="")
    given(ADAS_OPENED).when(silent).then(dataclasses.replace(ADAS_CLOSED, reason=""))


def test_what_is_left_goes_to_another_account_of_the_owner() -> None:
    given(*WITH_100).when(SWEEP).then(*SWEPT, ADAS_CLOSED).answers(
        account_id=str(ADAS), status="closed", balance=0, currency="EUR", sweep_to=str(ADAS_OTHER)
    )


def test_nothing_is_sent_where_nothing_is_left() -> None:
    given(ADA_REGISTERED, ADAS_OPENED, ADAS_OTHER_OPENED).when(SWEEP).then(ADAS_CLOSED)


def test_refuses_to_lose_money() -> None:
    given(*WITH_100).when(CLOSE).refused("ACCOUNT_NOT_EMPTY")


@pytest.mark.parametrize("command", [CLOSE, SWEEP])
def test_refuses_while_money_is_held(command: CloseAccount) -> None:
    given(*WITH_100, held(ADAS, 100)).when(command).refused("ACCOUNT_NOT_EMPTY")
    released = given(*WITH_100, held(ADAS, 100), HoldReleased(ADAS, HOLD, 0, ""))
    assert released.when(SWEEP).events


@pytest.mark.parametrize("command", [CLOSE, SWEEP])
def test_refuses_an_overdraft_in_use(command: CloseAccount) -> None:
    history = (*WITH_100, OverdraftLimitSet(ADAS, 50, ""), withdrawn(ADAS, 101, -1))
    given(*history).when(command).refused("ACCOUNT_NOT_EMPTY")


def test_ends_once() -> None:
    given(ADAS_OPENED, ADAS_CLOSED).when(CLOSE).refused("ACCOUNT_CLOSED")


def test_nobody_closes_somebody_elses_account() -> None:
    given(ADAS_OPENED).when(dataclasses.replace(CLOSE, customer_id=BOB)).refused("ACCOUNT_NOT_FOUND")


def test_a_suspended_customer_closes_nothing() -> None:
    given(ADAS_OPENED, ADA_SUSPENDED).when(CLOSE).refused("CUSTOMER_SUSPENDED")


def test_refuses_to_sweep_into_an_account_of_somebody_else_as_if_it_was_not_there() -> None:
    strange = dataclasses.replace(CLOSE, sweep_to=BOBS)
    given(*WITH_100, BOBS_OPENED).when(strange).refused("ACCOUNT_NOT_FOUND", field="sweep_to")
    nowhere = dataclasses.replace(CLOSE, sweep_to=UUID(int=99))
    given(*WITH_100).when(nowhere).refused("ACCOUNT_NOT_FOUND", field="sweep_to")


def test_refuses_to_sweep_into_another_currency() -> None:
    into_yens = dataclasses.replace(CLOSE, sweep_to=YENS)
    world = given(*WITH_100, opened(YENS, ADA, currency="JPY"))
    world.when(into_yens).refused("CURRENCY_MISMATCH", field="sweep_to")


def test_refuses_to_sweep_into_itself() -> None:
    given(*WITH_100).when(dataclasses.replace(CLOSE, sweep_to=ADAS)).refused("SAME_ACCOUNT", field="sweep_to")


def test_refuses_to_sweep_into_a_closed_account() -> None:
    ended = dataclasses.replace(ADAS_CLOSED, account_id=ADAS_OTHER)
    given(*WITH_100, ended).when(SWEEP).refused("ACCOUNT_CLOSED", field="sweep_to")


def test_refuses_to_sweep_where_no_money_may_arrive() -> None:
    given(*WITH_100, frozen(ADAS_OTHER, "all")).when(SWEEP).refused("ACCOUNT_FROZEN", field="sweep_to")
    given(*WITH_100, frozen(ADAS_OTHER, "debits")).when(SWEEP).then(*SWEPT, ADAS_CLOSED)


def test_refuses_to_sweep_more_than_the_other_account_can_hold() -> None:
    history = (ADA_REGISTERED, ADAS_OPENED, deposited(ADAS, 100), ADAS_OTHER_OPENED, deposited(ADAS_OTHER, MAX_MONEY))
    given(*history).when(SWEEP).refused("AMOUNT_OUT_OF_RANGE")


def test_nothing_moves_afterwards() -> None:
    ended = given(ADAS_OPENED, ADAS_CLOSED, BOBS_OPENED, deposited(BOBS, 5))
    ended.when(Deposit(ADAS, ADA, ENTRY, 1, NOW)).refused("ACCOUNT_CLOSED")
    ended.when(Withdraw(ADAS, ADA, ENTRY, 1, NOW)).refused("ACCOUNT_CLOSED")
    there = Transfer(TRANSFER, ADA, ADAS, BOBS, ENTRY, OTHER_ENTRY, 1, NOW)
    ended.when(there).refused("ACCOUNT_CLOSED", field="from_account")
    back = Transfer(TRANSFER, BOB, BOBS, ADAS, ENTRY, OTHER_ENTRY, 1, NOW)
    ended.when(back).refused("ACCOUNT_CLOSED", field="to_account")
