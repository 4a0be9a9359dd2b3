"""Taking no commands of a customer any more, and listening to them again."""

import dataclasses
from typing import Any

import pytest

from accounts.domain.commands import (
    CaptureHold,
    CloseAccount,
    Deposit,
    FreezeAccount,
    Leg,
    OpenAccount,
    PlaceHold,
    ReinstateCustomer,
    ReleaseHold,
    RenameAccount,
    ReverseEntry,
    SetLimits,
    SetOverdraftLimit,
    SuspendCustomer,
    Transfer,
    UpdateCustomerDetails,
    Withdraw,
)
from accounts.domain.events import CustomerReinstated
from eventstore.testing import given
from tests.accounts.examples import (
    ADA,
    ADA_ERASED,
    ADA_REGISTERED,
    ADA_SUSPENDED,
    ADAS,
    ADAS_OPENED,
    ADAS_OTHER,
    BOB,
    BOB_REGISTERED,
    BOBS,
    BOBS_OPENED,
    ENTRY,
    HOLD,
    IN_A_WEEK,
    NOW,
    OTHER_ENTRY,
    OTHER_HOLD,
    TRANSFER,
    UNDONE,
    deposited,
    held,
)

SUSPEND, REINSTATE = SuspendCustomer(ADA, "Complaint"), ReinstateCustomer(ADA, "Settled")
REINSTATED = CustomerReinstated(ADA, "Settled")
HISTORY = (
    ADA_REGISTERED,
    BOB_REGISTERED,
    ADAS_OPENED,
    deposited(ADAS, 100),
    held(ADAS, 30),
    BOBS_OPENED,
    deposited(BOBS, 5),
)

OWN = [
    UpdateCustomerDetails(ADA, name="Ada Lovelace"),
    OpenAccount(ADAS_OTHER, ADA, "EUR", NOW),
    RenameAccount(ADAS, ADA, "Holidays"),
    Deposit(ADAS, ADA, ENTRY, 1, NOW),
    Withdraw(ADAS, ADA, ENTRY, 1, NOW),
    Transfer(TRANSFER, ADA, ADAS, BOBS, ENTRY, OTHER_ENTRY, 1, NOW),
    PlaceHold(ADAS, ADA, OTHER_HOLD, 1, NOW, IN_A_WEEK),
    CaptureHold(ADAS, ADA, HOLD, ENTRY, NOW),
    ReleaseHold(ADAS, ADA, HOLD, NOW),
]
BY_OTHERS = [
    Transfer(TRANSFER, BOB, BOBS, ADAS, ENTRY, OTHER_ENTRY, 1, NOW),
    OpenAccount(ADAS_OTHER, ADA, "EUR", NOW, by_staff=True),
    PlaceHold(ADAS, None, OTHER_HOLD, 1, NOW, IN_A_WEEK),
    CaptureHold(ADAS, None, HOLD, ENTRY, NOW),
    ReleaseHold(ADAS, None, HOLD, NOW),
    FreezeAccount(ADAS, "all", "Court order"),
    SetOverdraftLimit(ADAS, 10),
    SetLimits(ADAS, per_entry=10),
    ReverseEntry(ADAS, None, Leg(ADAS, ENTRY, 70, UNDONE), None, None, "account.money_deposited", "Mistake", NOW),
]


def name(command: Any) -> str:
    return type(command).__name__


def test_says_why() -> None:
    given(*HISTORY).when(SUSPEND).then(ADA_SUSPENDED).answers(customer_id=str(ADA), status="suspended")


@pytest.mark.parametrize("command", OWN, ids=name)
def test_none_of_their_own_commands_is_taken(command: Any) -> None:
    assert given(*HISTORY).when(command).events, "allowed if they are not suspended"
    given(*HISTORY, ADA_SUSPENDED).when(command).refused("CUSTOMER_SUSPENDED")
    assert given(*HISTORY, ADA_SUSPENDED, REINSTATED).when(command).events


def test_nor_do_they_close_an_account() -> None:
    close = CloseAccount(ADAS, ADA, TRANSFER, ENTRY, OTHER_ENTRY, NOW)
    given(ADAS_OPENED, ADA_SUSPENDED).when(close).refused("CUSTOMER_SUSPENDED")


@pytest.mark.parametrize("command", BY_OTHERS, ids=name)
def test_money_still_arrives_and_staff_go_on(command: Any) -> None:
    assert given(*HISTORY, ADA_SUSPENDED).when(command).events


def test_others_are_heard_as_before() -> None:
    assert given(*HISTORY, ADA_SUSPENDED).when(Withdraw(BOBS, BOB, ENTRY, 1, NOW)).events


def test_a_stranger_is_not_told_that_the_owner_is_suspended() -> None:
    given(*HISTORY, ADA_SUSPENDED).when(Withdraw(ADAS, BOB, ENTRY, 1, NOW)).refused("ACCOUNT_NOT_FOUND")


def test_what_is_so_already_changes_nothing() -> None:
    given(*HISTORY, ADA_SUSPENDED).when(SUSPEND).then().answers(customer_id=str(ADA), status="suspended")
    given(*HISTORY).when(REINSTATE).then().answers(customer_id=str(ADA), status="active")


def test_a_customer_is_reinstated() -> None:
    given(*HISTORY, ADA_SUSPENDED).when(REINSTATE).then(REINSTATED).answers(customer_id=str(ADA), status="active")


@pytest.mark.parametrize("command", [SUSPEND, REINSTATE])
@pytest.mark.parametrize("reason", ["", " \n"])
def test_both_take_a_reason(command: Any, reason: str) -> None:
    given(*HISTORY).when(dataclasses.replace(command, reason=reason)).refused("REASON_REQUIRED", field="reason")


@pytest.mark.parametrize("command", [SUSPEND, REINSTATE])
def test_somebody_who_is_no_customer_any_more_is_not_found(command: Any) -> None:
    given().when(command).refused("CUSTOMER_NOT_FOUND")
    given(ADA_REGISTERED, ADA_ERASED).when(command).refused("CUSTOMER_NOT_FOUND")
