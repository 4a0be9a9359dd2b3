"""Stopping money from leaving an account, or from moving at all."""

import dataclasses
from typing import Any

import pytest

from accounts.domain.commands import (
    CaptureHold,
    CloseAccount,
    Deposit,
    ExpireHolds,
    FreezeAccount,
    PlaceHold,
    ReleaseHold,
    RenameAccount,
    SetLimits,
    SetOverdraftLimit,
    Transfer,
    UnfreezeAccount,
    Withdraw,
)
from accounts.domain.events import AccountUnfrozen
from eventstore.testing import given
from tests.accounts.examples import (
    ADA,
    ADA_REGISTERED,
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
    IN_A_WEEK,
    NOW,
    OTHER_ENTRY,
    OTHER_HOLD,
    TRANSFER,
    deposited,
    frozen,
    held,
)

FREEZE = FreezeAccount(ADAS, "debits", "Court order")
UNFREEZE = UnfreezeAccount(ADAS, "Lifted")
HISTORY = (
    ADA_REGISTERED,
    ADAS_OPENED,
    deposited(ADAS, 100),
    held(ADAS, 30),
    BOBS_OPENED,
    deposited(BOBS, 50),
    ADAS_OTHER_OPENED,
    deposited(ADAS_OTHER, 5),
)

DEBITS = [
    Withdraw(ADAS, ADA, ENTRY, 1, NOW),
    Transfer(TRANSFER, ADA, ADAS, BOBS, ENTRY, OTHER_ENTRY, 1, NOW),
    PlaceHold(ADAS, ADA, OTHER_HOLD, 1, NOW, IN_A_WEEK),
    PlaceHold(ADAS, None, OTHER_HOLD, 1, NOW, IN_A_WEEK),
    CaptureHold(ADAS, ADA, HOLD, ENTRY, NOW),
    CaptureHold(ADAS, None, HOLD, ENTRY, NOW),
]
CREDITS = [
    Deposit(ADAS, ADA, ENTRY, 1, NOW),
    Transfer(TRANSFER, BOB, BOBS, ADAS, ENTRY, OTHER_ENTRY, 1, NOW),
    CloseAccount(ADAS_OTHER, ADA, TRANSFER, ENTRY, OTHER_ENTRY, NOW, sweep_to=ADAS),
]
OTHERS = [
    ReleaseHold(ADAS, ADA, HOLD, NOW),
    ExpireHolds(ADAS, IN_A_WEEK),
    RenameAccount(ADAS, ADA, "Holidays"),
    SetOverdraftLimit(ADAS, 10),
    SetLimits(ADAS, per_entry=10),
]


def name(command: Any) -> str:
    return type(command).__name__


def test_says_for_what_and_why() -> None:
    given(*HISTORY).when(FREEZE).then(frozen(ADAS, "debits")).answers(
        account_id=str(ADAS),
        status="frozen",
        frozen_scope="debits",
        balance=100,
        held=30,
        available=70,
        overdraft_limit=0,
        per_entry=None,
        daily_out=None,
        currency="EUR",
    )


@pytest.mark.parametrize("scope", ["debits", "all"])
@pytest.mark.parametrize("command", DEBITS, ids=name)
def test_neither_scope_lets_money_leave(command: Any, scope: str) -> None:
    assert given(*HISTORY).when(command).events, "allowed if it is not frozen"
    given(*HISTORY, frozen(ADAS, scope)).when(command).refused("ACCOUNT_FROZEN")


@pytest.mark.parametrize("command", CREDITS, ids=name)
def test_money_arrives_unless_all_is_frozen(command: Any) -> None:
    assert given(*HISTORY, frozen(ADAS, "debits")).when(command).events
    given(*HISTORY, frozen(ADAS, "all")).when(command).refused("ACCOUNT_FROZEN")


@pytest.mark.parametrize("scope", ["debits", "all"])
@pytest.mark.parametrize("command", OTHERS, ids=name)
def test_what_moves_no_money_goes_on(command: Any, scope: str) -> None:
    assert given(*HISTORY, frozen(ADAS, scope)).when(command).events


@pytest.mark.parametrize("scope", ["debits", "all"])
def test_a_frozen_account_is_not_closed(scope: str) -> None:
    close = CloseAccount(ADAS, ADA, TRANSFER, ENTRY, OTHER_ENTRY, NOW)
    given(ADAS_OPENED, frozen(ADAS, scope)).when(close).refused("ACCOUNT_FROZEN")


def test_names_the_side_of_a_transfer_that_is_frozen() -> None:
    there, back = DEBITS[1], CREDITS[1]
    given(*HISTORY, frozen(ADAS, "all")).when(there).refused("ACCOUNT_FROZEN", field="from_account")
    given(*HISTORY, frozen(ADAS, "all")).when(back).refused("ACCOUNT_FROZEN", field="to_account")


def test_freezing_again_replaces_the_scope_and_the_reason() -> None:
    wider = FreezeAccount(ADAS, "all", "Court order")
    given(*HISTORY, frozen(ADAS, "debits")).when(wider).then(frozen(ADAS, "all"))
    given(*HISTORY, frozen(ADAS, "all")).when(FREEZE).then(frozen(ADAS, "debits"))
    narrowed = given(*HISTORY, frozen(ADAS, "all"), frozen(ADAS, "debits"))
    assert narrowed.when(CREDITS[0]).events


def test_unfreezing_lets_money_move_again() -> None:
    history = (*HISTORY, frozen(ADAS, "all"))
    lifted = AccountUnfrozen(ADAS, "Lifted")
    given(*history).when(UNFREEZE).then(lifted)
    for command in [*DEBITS, *CREDITS]:
        assert given(*history, lifted).when(command).events


def test_unfreezing_what_is_not_frozen_changes_nothing() -> None:
    given(*HISTORY).when(UNFREEZE).then()


@pytest.mark.parametrize("command", [FREEZE, UNFREEZE])
@pytest.mark.parametrize("reason", ["", "\u200b\u3164", " \t"])
def test_both_take_a_reason(command: Any, reason: str) -> None:
    given(*HISTORY).when(dataclasses.replace(command, reason=reason)).refused("REASON_REQUIRED", field="reason")


@pytest.mark.parametrize("command", [FREEZE, UNFREEZE])
def test_a_closed_account_needs_neither(command: Any) -> None:
    given(ADAS_OPENED, ADAS_CLOSED).when(command).refused("ACCOUNT_CLOSED")
    given().when(command).refused("ACCOUNT_NOT_FOUND")


def test_a_scope_that_nobody_knows_is_an_error_of_the_caller() -> None:
    with pytest.raises(ValueError, match="debits or all"):
        given(*HISTORY).when(dataclasses.replace(FREEZE, scope="credits"))
