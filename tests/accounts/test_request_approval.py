"""Asking for what takes a second person."""

import dataclasses
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.test import override_settings

from accounts.domain.commands import Leg, ReverseEntry, SetOverdraftLimit
from accounts.domain.money import MAX_MONEY
from accounts.services.approvals import must_not_need_approval
from accounts.services.reversals import build_reversal
from eventstore.decider import Refused
from eventstore.testing import given
from tests.accounts.examples import (
    ADAS,
    ADAS_CLOSED,
    ADAS_OPENED,
    APPROVAL,
    ENTRY,
    NOW,
    UNDONE,
    deposited,
    frozen,
    withdrawn,
)
from tests.accounts.requests import ADJUST, REQUESTED, SET_OVERDRAFT, asked_for, request
from tests.factories import AccountFactory, DepositFactory

HISTORY = (ADAS_OPENED, deposited(ADAS, 100))
REVERSE = ReverseEntry(ADAS, None, Leg(ADAS, ENTRY, 100, UNDONE), None, None, "account.money_deposited", "Why", NOW)


def test_keeps_what_was_asked_for_in_full() -> None:
    given(*HISTORY).when(request(ADJUST)).then(REQUESTED).answers(approval_id=str(APPROVAL), status="open")


@pytest.mark.parametrize("order", [ADJUST, REVERSE, SET_OVERDRAFT], ids=lambda order: type(order).__name__)
def test_changes_nothing_yet(order: Any) -> None:
    given(*HISTORY).when(request(order)).then(asked_for(order))


@pytest.mark.parametrize("reason", ["", "\u200b\u3164", " \n"])
def test_takes_a_reason(reason: str) -> None:
    given(*HISTORY).when(request(ADJUST, reason)).refused("REASON_REQUIRED", field="reason")
    given(*HISTORY).when(request(dataclasses.replace(ADJUST, reason=reason))).refused("REASON_REQUIRED")


def test_asks_once_under_an_id() -> None:
    given(*HISTORY, REQUESTED).when(request(ADJUST)).refused("VERSION_CONFLICT", field="approval_id")


@pytest.mark.parametrize(
    ("order", "event", "code"),
    [
        (ADJUST, ADAS_CLOSED, "ACCOUNT_CLOSED"),
        (ADJUST, frozen(ADAS, "all"), "ACCOUNT_FROZEN"),
        (dataclasses.replace(ADJUST, amount=-1), frozen(ADAS, "debits"), "ACCOUNT_FROZEN"),
        (SET_OVERDRAFT, ADAS_CLOSED, "ACCOUNT_CLOSED"),
        (SetOverdraftLimit(ADAS, -1), deposited(ADAS, 1, 101), "INVALID_AMOUNT"),
        (REVERSE, withdrawn(ADAS, 1, 99), "INSUFFICIENT_FUNDS"),
    ],
)
def test_refuses_at_once_what_could_not_be_done_now(order: Any, event: Any, code: str) -> None:
    given(*HISTORY, event).when(request(order)).refused(code)


@pytest.mark.parametrize("order", [ADJUST, REVERSE, SET_OVERDRAFT], ids=lambda order: type(order).__name__)
def test_an_account_that_is_not_there_is_not_found(order: Any) -> None:
    given().when(request(order)).refused("ACCOUNT_NOT_FOUND")


@pytest.mark.parametrize(
    ("amount", "code"),
    [(0, "INVALID_AMOUNT"), (MAX_MONEY + 1, "AMOUNT_OUT_OF_RANGE"), (-MAX_MONEY - 1, "AMOUNT_OUT_OF_RANGE")],
)
def test_refuses_what_is_no_adjustment(amount: int, code: str) -> None:
    given(*HISTORY).when(request(dataclasses.replace(ADJUST, amount=amount))).refused(code, field="amount")


@pytest.mark.django_db
class TestWhatOneMayDoAlone:
    """`APPROVAL_ABOVE` is an amount in major units."""

    @pytest.fixture(autouse=True)
    def above_ten(self) -> Iterator[None]:
        with override_settings(APPROVAL_ABOVE=Decimal("10.00")):
            yield

    @pytest.mark.parametrize(
        ("currency", "alone", "too_much"), [("EUR", 1000, 1001), ("JPY", 10, 11), ("BHD", 10_000, 10_001)]
    )
    def test_goes_by_the_decimals_of_the_currency(self, currency: str, alone: int, too_much: int) -> None:
        account = AccountFactory.create(currency=currency)
        must_not_need_approval(SetOverdraftLimit(account.account_id, alone))
        assert needs_approval(SetOverdraftLimit(account.account_id, too_much))

    @pytest.mark.parametrize(("amount", "needed"), [(1000, False), (1001, True)])
    def test_reversals_go_by_what_they_move_whichever_way(self, amount: int, needed: bool) -> None:
        account = AccountFactory.create()
        entry_id = UUID(DepositFactory.create(account=account, amount=amount).answer["entry_id"])
        order = build_reversal(entry_id, "Mistake")
        assert needs_approval(order) == needed
        opposite = dataclasses.replace(order, leg=dataclasses.replace(order.leg, amount=-amount))
        assert needs_approval(opposite) == needed

    def test_without_the_setting_nothing_is_too_much(self) -> None:
        account = AccountFactory.create()
        with override_settings(APPROVAL_ABOVE=None):
            must_not_need_approval(SetOverdraftLimit(account.account_id, MAX_MONEY))

    def test_an_account_that_is_not_there_is_for_the_decision_to_refuse(self) -> None:
        must_not_need_approval(SetOverdraftLimit(UUID(int=99), MAX_MONEY))


def needs_approval(order: ReverseEntry | SetOverdraftLimit) -> bool:
    try:
        must_not_need_approval(order)
    except Refused as no:
        return no.refusal.code == "APPROVAL_REQUIRED"
    return False
