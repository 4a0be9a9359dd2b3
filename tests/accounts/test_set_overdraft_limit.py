"""Letting an account go below zero."""

import dataclasses

import pytest

from accounts.domain.commands import CloseAccount, PlaceHold, SetOverdraftLimit, Transfer, Withdraw
from accounts.domain.money import MAX_MONEY
from eventstore import log
from eventstore.testing import given
from projections.models import Account
from tests.accounts.examples import (
    ADA,
    ADA_REGISTERED,
    ADAS,
    ADAS_CLOSED,
    ADAS_OPENED,
    ADAS_OTHER,
    ADAS_OTHER_OPENED,
    BOBS,
    BOBS_OPENED,
    ENTRY,
    HOLD,
    IN_A_WEEK,
    NOW,
    OTHER_ENTRY,
    TRANSFER,
    deposited,
    held,
    overdraft,
    withdrawn,
)
from tests.factories import AccountFactory, ClosureFactory, OverdraftFactory

SET = SetOverdraftLimit(ADAS, 50)
HISTORY = (ADAS_OPENED, deposited(ADAS, 100))
WITH_50_MORE = given(*HISTORY, overdraft(ADAS, 50), BOBS_OPENED)
IN_USE = (*HISTORY, overdraft(ADAS, 50), withdrawn(ADAS, 130, -30))


def test_more_is_available_than_is_there() -> None:
    given(*HISTORY).when(SET).then(overdraft(ADAS, 50)).answers(
        account_id=str(ADAS),
        status="open",
        frozen_scope=None,
        balance=100,
        held=0,
        available=150,
        overdraft_limit=50,
        per_entry=None,
        daily_out=None,
        currency="EUR",
    )


def test_can_be_used_to_the_last_cent_and_no_further() -> None:
    withdraw = Withdraw(ADAS, ADA, OTHER_ENTRY, 150, NOW)
    WITH_50_MORE.when(withdraw).then(withdrawn(ADAS, 150, -50))
    WITH_50_MORE.when(dataclasses.replace(withdraw, amount=151)).refused("INSUFFICIENT_FUNDS")


def test_can_be_sent_and_held() -> None:
    send = Transfer(TRANSFER, ADA, ADAS, BOBS, ENTRY, OTHER_ENTRY, 150, NOW)
    assert [event.balance for event in WITH_50_MORE.when(send).events] == [-50, 150]
    assert WITH_50_MORE.when(PlaceHold(ADAS, ADA, HOLD, 150, NOW, IN_A_WEEK)).events


def test_is_for_the_account_that_has_it_alone() -> None:
    send = Transfer(TRANSFER, ADA, ADAS, BOBS, ENTRY, OTHER_ENTRY, 150, NOW)
    given(*HISTORY, BOBS_OPENED, overdraft(BOBS, 50)).when(send).refused("INSUFFICIENT_FUNDS")


@pytest.mark.parametrize("limit", [30, 49])
def test_can_be_lowered_to_what_is_in_use(limit: int) -> None:
    given(*IN_USE).when(SetOverdraftLimit(ADAS, limit)).then(overdraft(ADAS, limit))


@pytest.mark.parametrize("limit", [0, 29])
def test_refuses_less_than_is_in_use(limit: int) -> None:
    given(*IN_USE).when(SetOverdraftLimit(ADAS, limit)).refused("OVERDRAFT_BELOW_USAGE", field="limit")


def test_what_is_held_uses_it_too() -> None:
    world = given(*HISTORY, overdraft(ADAS, 50), held(ADAS, 120))
    world.when(SetOverdraftLimit(ADAS, 19)).refused("OVERDRAFT_BELOW_USAGE", field="limit")
    world.when(SetOverdraftLimit(ADAS, 20)).then(overdraft(ADAS, 20))


def test_ends_with_a_limit_of_zero() -> None:
    history = (*HISTORY, overdraft(ADAS, 50))
    given(*history).when(SetOverdraftLimit(ADAS, 0)).then(overdraft(ADAS, 0))
    ended = given(*history, overdraft(ADAS, 0))
    ended.when(Withdraw(ADAS, ADA, ENTRY, 101, NOW)).refused("INSUFFICIENT_FUNDS")


def test_refuses_what_is_no_limit() -> None:
    given(*HISTORY).when(SetOverdraftLimit(ADAS, -1)).refused("INVALID_AMOUNT", field="limit")
    given(*HISTORY).when(SetOverdraftLimit(ADAS, MAX_MONEY + 1)).refused("AMOUNT_OUT_OF_RANGE", field="limit")


def test_refuses_to_go_below_what_can_be_stored() -> None:
    deepest = (ADAS_OPENED, overdraft(ADAS, MAX_MONEY))
    assert given(*deepest).when(Withdraw(ADAS, ADA, ENTRY, MAX_MONEY, NOW)).events
    full = given(*deepest, deposited(ADAS, MAX_MONEY))
    assert full.when(Withdraw(ADAS, ADA, ENTRY, MAX_MONEY, NOW)).events


@pytest.mark.parametrize("sweep_to", [None, ADAS_OTHER])
def test_an_account_does_not_close_while_it_is_in_use(sweep_to: None) -> None:
    close = CloseAccount(ADAS, ADA, TRANSFER, ENTRY, OTHER_ENTRY, NOW, sweep_to=sweep_to)
    given(ADA_REGISTERED, *IN_USE, ADAS_OTHER_OPENED).when(close).refused("ACCOUNT_NOT_EMPTY")


def test_a_limit_that_is_not_in_use_goes_with_the_account() -> None:
    close = CloseAccount(ADAS, ADA, TRANSFER, ENTRY, OTHER_ENTRY, NOW, reason="Moved away")
    given(ADAS_OPENED, overdraft(ADAS, 50)).when(close).then(ADAS_CLOSED)


@pytest.mark.django_db
def test_nothing_is_available_in_an_account_that_is_closed() -> None:
    account = AccountFactory.create()
    OverdraftFactory.create(account=account, limit=50)
    ClosureFactory.create(account=account)
    assert log.current("account", account.account_id).available == 0
    assert Account.objects.get(pk=account.pk).available == 0


def test_refuses_a_closed_account_and_one_that_is_not_there() -> None:
    given(ADAS_OPENED, ADAS_CLOSED).when(SET).refused("ACCOUNT_CLOSED")
    given().when(SET).refused("ACCOUNT_NOT_FOUND")
