"""Sending money from one account to another."""

import dataclasses

import pytest

from accounts.domain.commands import Transfer
from accounts.domain.events import TransferReceived, TransferSent
from accounts.domain.money import MAX_MONEY
from eventstore.testing import given
from tests.accounts.examples import (
    ADA,
    ADAS,
    ADAS_OPENED,
    BOB,
    BOBS,
    BOBS_OPENED,
    ENTRY,
    NOW,
    OTHER_ENTRY,
    TODAY,
    TRANSFER,
    YENS,
    YENS_OPENED,
    deposited,
)

SEND = Transfer(
    transfer_id=TRANSFER,
    customer_id=ADA,
    from_account=ADAS,
    to_account=BOBS,
    sent_entry_id=ENTRY,
    received_entry_id=OTHER_ENTRY,
    amount=30,
    now=NOW,
    reference="Dinner",
)
SENT = TransferSent(
    account_id=ADAS,
    entry_id=ENTRY,
    transfer_id=TRANSFER,
    to_account=BOBS,
    amount=30,
    currency="EUR",
    balance=70,
    reference="Dinner",
    day=TODAY,
)
RECEIVED = TransferReceived(
    account_id=BOBS,
    entry_id=OTHER_ENTRY,
    transfer_id=TRANSFER,
    from_account=ADAS,
    amount=30,
    currency="EUR",
    balance=35,
    reference="Dinner",
    day=TODAY,
)
WORLD = given(ADAS_OPENED, deposited(ADAS, 100), BOBS_OPENED, deposited(BOBS, 5), YENS_OPENED)


def test_leaves_one_account_and_arrives_in_the_other() -> None:
    WORLD.when(SEND).then(SENT, RECEIVED)


def test_answers_the_senders_side_only() -> None:
    WORLD.when(SEND).answers(transfer_id=str(TRANSFER), entry_id=str(ENTRY), balance=70, available=70, currency="EUR")


def test_refuses_to_overdraw() -> None:
    WORLD.when(dataclasses.replace(SEND, amount=101)).refused("INSUFFICIENT_FUNDS", field="amount")


def test_nobody_sends_from_somebody_elses_account() -> None:
    WORLD.when(dataclasses.replace(SEND, customer_id=BOB)).refused("ACCOUNT_NOT_FOUND", field="from_account")


def test_a_recipient_that_does_not_exist_is_not_found() -> None:
    nowhere = dataclasses.replace(SEND, to_account=OTHER_ENTRY)
    WORLD.when(nowhere).refused("ACCOUNT_NOT_FOUND", field="to_account")


def test_refuses_to_send_to_the_same_account() -> None:
    WORLD.when(dataclasses.replace(SEND, to_account=ADAS)).refused("SAME_ACCOUNT", field="to_account")


def test_the_same_account_of_somebody_else_is_not_found() -> None:
    circle = dataclasses.replace(SEND, from_account=BOBS, to_account=BOBS)
    WORLD.when(circle).refused("ACCOUNT_NOT_FOUND", field="from_account")


def test_refuses_another_currency() -> None:
    WORLD.when(dataclasses.replace(SEND, to_account=YENS)).refused("CURRENCY_MISMATCH", field="to_account")


@pytest.mark.parametrize("amount", [0, -1])
def test_refuses_what_is_no_amount(amount: int) -> None:
    WORLD.when(dataclasses.replace(SEND, amount=amount)).refused("INVALID_AMOUNT", field="amount")


def test_refuses_a_sum_that_the_recipients_account_can_not_hold() -> None:
    full = given(ADAS_OPENED, deposited(ADAS, 100), BOBS_OPENED, deposited(BOBS, MAX_MONEY - 29))
    full.when(SEND).refused("AMOUNT_OUT_OF_RANGE", field="amount")
