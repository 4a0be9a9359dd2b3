"""Undoing a movement of money."""

import dataclasses
from typing import Any
from uuid import UUID

import pytest

from accounts.domain.commands import Deposit, Leg, ReverseEntry, Withdraw
from accounts.domain.events import (
    BalanceAdjusted,
    EntryReversed,
    HoldCaptured,
    MoneyDeposited,
    MoneyWithdrawn,
    TransferReceived,
    TransferSent,
)
from accounts.domain.money import MAX_MONEY
from accounts.services.ids import new_id
from accounts.services.reversals import build_reversal
from eventstore.decider import Refused
from eventstore.execute import Receipt, execute
from eventstore.messages import type_of
from eventstore.models import Event
from eventstore.testing import given
from projections.models import Account, Entry
from tests.accounts.examples import (
    ADA,
    ADA_SUSPENDED,
    ADAS,
    ADAS_CLOSED,
    ADAS_OPENED,
    BOBS,
    BOBS_CLOSED,
    BOBS_OPENED,
    ENTRY,
    HOLD,
    NOW,
    OTHER_ENTRY,
    OTHER_UNDONE,
    TODAY,
    TRANSFER,
    UNDONE,
    deposited,
    frozen,
    held,
    limits,
    overdraft,
    withdrawn,
)
from tests.factories import (
    AccountFactory,
    AdjustmentFactory,
    CaptureFactory,
    ClosureFactory,
    CustomerFactory,
    DepositFactory,
    FreezeFactory,
    HoldFactory,
    ReversalFactory,
    StaffFactory,
    TransferFactory,
    WithdrawalFactory,
)

SENT = TransferSent(ADAS, ENTRY, TRANSFER, BOBS, 30, "EUR", 70, "Dinner", TODAY)
RECEIVED = TransferReceived(BOBS, OTHER_ENTRY, TRANSFER, ADAS, 30, "EUR", 30, "Dinner", TODAY)
DEPOSITED, WITHDRAWN = deposited(ADAS, 100), withdrawn(ADAS, 40, 60)
CAPTURED = HoldCaptured(ADAS, HOLD, OTHER_ENTRY, 30, 0, "EUR", 70, 0, "Hotel", TODAY)
EFFECTS: dict[type[Any], int] = {MoneyDeposited: 1, MoneyWithdrawn: -1, HoldCaptured: -1, TransferSent: -1}


def undo(event: Any, *, reason: str = "Mistake") -> ReverseEntry:
    """Undo an entry of Ada's that has no other leg."""
    leg = Leg(ADAS, event.entry_id, event.amount * EFFECTS[type(event)], UNDONE)
    return ReverseEntry(
        account_id=ADAS,
        other_account=None,
        leg=leg,
        other_leg=None,
        transfer_id=None,
        event=type_of(event).name,
        reason=reason,
        now=NOW,
    )


def undone(reverses: UUID, amount: int, direction: str, balance: int) -> EntryReversed:
    return EntryReversed(ADAS, UNDONE, reverses, amount, direction, "EUR", balance, "Mistake", None, None, TODAY)


SENT_LEG, RECEIVED_LEG = Leg(ADAS, ENTRY, -30, UNDONE), Leg(BOBS, OTHER_ENTRY, 30, OTHER_UNDONE)
UNDO_SENT = ReverseEntry(ADAS, BOBS, SENT_LEG, RECEIVED_LEG, TRANSFER, type_of(SENT).name, "Mistake", NOW)
UNDO_RECEIVED = ReverseEntry(BOBS, ADAS, RECEIVED_LEG, SENT_LEG, TRANSFER, type_of(RECEIVED).name, "Mistake", NOW)
BACK = EntryReversed(ADAS, UNDONE, ENTRY, 30, "credit", "EUR", 100, "Mistake", TRANSFER, BOBS, TODAY)
AWAY = EntryReversed(BOBS, OTHER_UNDONE, OTHER_ENTRY, 30, "debit", "EUR", 0, "Mistake", TRANSFER, ADAS, TODAY)

OF_ADA = (ADAS_OPENED, DEPOSITED)
OF_BOTH = (*OF_ADA, BOBS_OPENED, SENT, RECEIVED)


def test_a_deposit_is_taken_away_again() -> None:
    given(*OF_ADA).when(undo(DEPOSITED)).then(undone(ENTRY, 100, "debit", 0))


def test_a_withdrawal_comes_back() -> None:
    given(*OF_ADA, WITHDRAWN).when(undo(WITHDRAWN)).then(undone(OTHER_ENTRY, 40, "credit", 100))


def test_captured_money_comes_back_but_is_not_held_again() -> None:
    given(*OF_ADA, held(ADAS, 30), CAPTURED).when(undo(CAPTURED)).then(undone(OTHER_ENTRY, 30, "credit", 100))


def test_answers_what_it_did_to_the_account_whose_entry_was_named() -> None:
    given(*OF_BOTH).when(UNDO_SENT).answers(entry_id=str(UNDONE), reverses=str(ENTRY), balance=100, currency="EUR")
    given(*OF_BOTH).when(UNDO_RECEIVED).answers(
        entry_id=str(OTHER_UNDONE), reverses=str(OTHER_ENTRY), balance=0, currency="EUR"
    )


def test_both_legs_of_a_transfer_are_undone_from_either() -> None:
    given(*OF_BOTH).when(UNDO_SENT).then(BACK, AWAY)
    given(*OF_BOTH).when(UNDO_RECEIVED).then(AWAY, BACK)


def test_an_entry_is_undone_once() -> None:
    history = (*OF_ADA, WITHDRAWN, undone(OTHER_ENTRY, 40, "credit", 100))
    given(*history).when(undo(WITHDRAWN)).refused("ALREADY_REVERSED")


@pytest.mark.parametrize("second", [UNDO_SENT, UNDO_RECEIVED])
def test_a_transfer_is_undone_once_whichever_leg_is_named(second: ReverseEntry) -> None:
    given(*OF_BOTH, BACK, AWAY).when(second).refused("ALREADY_REVERSED")


@pytest.mark.parametrize("final", [EntryReversed, BalanceAdjusted])
def test_reversals_and_adjustments_are_final(final: type[Any]) -> None:
    command = dataclasses.replace(undo(DEPOSITED), event=type_of(final).name)
    given(*OF_ADA).when(command).refused("REVERSAL_NOT_REVERSIBLE")


@pytest.mark.parametrize("reason", ["", " \n"])
def test_takes_a_reason(reason: str) -> None:
    given(*OF_ADA).when(undo(DEPOSITED, reason=reason)).refused("REASON_REQUIRED", field="reason")


def test_the_debited_side_must_have_what_is_taken_back() -> None:
    given(*OF_ADA, WITHDRAWN).when(undo(DEPOSITED)).refused("INSUFFICIENT_FUNDS")
    given(*OF_ADA, held(ADAS, 1)).when(undo(DEPOSITED)).refused("INSUFFICIENT_FUNDS")
    covered = given(*OF_ADA, overdraft(ADAS, 40), WITHDRAWN)
    covered.when(undo(DEPOSITED)).then(undone(ENTRY, 100, "debit", -40))


@pytest.mark.parametrize("command", [UNDO_SENT, UNDO_RECEIVED])
def test_nothing_is_undone_if_the_recipient_has_spent_it(command: ReverseEntry) -> None:
    spent = given(*OF_BOTH, withdrawn(BOBS, 1, 29, entry_id=UUID(int=23)))
    spent.when(command).refused("INSUFFICIENT_FUNDS")


@pytest.mark.parametrize("command", [UNDO_SENT, UNDO_RECEIVED])
@pytest.mark.parametrize(
    ("event", "code"),
    [
        (frozen(BOBS, "debits"), "ACCOUNT_FROZEN"),
        (frozen(BOBS, "all"), "ACCOUNT_FROZEN"),
        (frozen(ADAS, "all"), "ACCOUNT_FROZEN"),
        (BOBS_CLOSED, "ACCOUNT_CLOSED"),
        (ADAS_CLOSED, "ACCOUNT_CLOSED"),
    ],
)
def test_no_leg_is_undone_if_one_is_refused(command: ReverseEntry, event: Any, code: str) -> None:
    assert not given(*OF_BOTH, event).when(command).refused(code).events


@pytest.mark.parametrize("command", [UNDO_SENT, UNDO_RECEIVED])
def test_money_comes_back_to_an_account_that_is_frozen_for_debits(command: ReverseEntry) -> None:
    assert given(*OF_BOTH, frozen(ADAS, "debits")).when(command).events


def test_a_frozen_account_is_not_debited_but_credited_if_only_debits_are_stopped() -> None:
    given(*OF_ADA, frozen(ADAS, "debits")).when(undo(DEPOSITED)).refused("ACCOUNT_FROZEN")
    returned = undone(OTHER_ENTRY, 40, "credit", 100)
    given(*OF_ADA, WITHDRAWN, frozen(ADAS, "debits")).when(undo(WITHDRAWN)).then(returned)
    given(*OF_ADA, WITHDRAWN, frozen(ADAS, "all")).when(undo(WITHDRAWN)).refused("ACCOUNT_FROZEN")


def test_is_an_act_of_staff_so_neither_suspension_nor_limits_stop_it() -> None:
    world = given(*OF_ADA, ADA_SUSPENDED, limits(ADAS, per_entry=1, daily_out=1))
    world.when(undo(DEPOSITED)).then(undone(ENTRY, 100, "debit", 0))


def test_refuses_a_sum_that_can_not_be_stored() -> None:
    full = given(*OF_ADA, WITHDRAWN, deposited(ADAS, MAX_MONEY - 60, MAX_MONEY))
    full.when(undo(WITHDRAWN)).refused("AMOUNT_OUT_OF_RANGE")


def test_an_account_that_is_not_there_is_not_found() -> None:
    given().when(undo(DEPOSITED)).refused("ACCOUNT_NOT_FOUND")


def test_money_that_came_back_can_be_spent() -> None:
    history = (*OF_ADA, WITHDRAWN, undone(OTHER_ENTRY, 40, "credit", 100))
    assert given(*history).when(Withdraw(ADAS, ADA, ENTRY, 100, NOW)).events
    assert given(*history).when(Deposit(ADAS, ADA, ENTRY, 1, NOW)).events


@pytest.mark.django_db
class TestFromTheLog:
    """What is to be undone is found by the id of its entry."""

    @pytest.mark.parametrize("leg", ["debit", "credit"])
    def test_either_leg_of_a_transfer_leads_to_both(self, leg: str) -> None:
        sent = TransferFactory.create(amount=30)
        legs = {entry.direction: entry for entry in Entry.objects.filter(transfer_id=sent.answer["transfer_id"])}
        before = {entry.account_id: Account.objects.get(pk=entry.account_id).balance for entry in legs.values()}
        ReversalFactory.create(entry_id=legs[leg].entry_id)
        after = {account_id: Account.objects.get(pk=account_id).balance for account_id in before}
        assert after == {legs["debit"].account_id: 100, legs["credit"].account_id: 0}
        undone = Entry.objects.filter(kind="reversal")
        assert {entry.reverses for entry in undone} == {entry.entry_id for entry in legs.values()}
        assert {entry.counterparty for entry in undone} == set(before)
        for entry in legs.values():
            assert refusal(undo_by_id(entry.entry_id)) == "ALREADY_REVERSED"

    @pytest.mark.parametrize("factory", [DepositFactory, WithdrawalFactory, CaptureFactory])
    def test_what_came_from_outside_goes_back_there(self, factory: Any) -> None:
        entry = Entry.objects.get(entry_id=factory.create().answer["entry_id"])
        before = entry.balance - entry.signed_amount
        ReversalFactory.create(entry_id=entry.entry_id)
        assert Account.objects.get(pk=entry.account_id).balance == before

    def test_the_sweep_of_a_closed_account_stays(self) -> None:
        owner = CustomerFactory.create()
        account, other = AccountFactory.create(owner=owner, balance=100), AccountFactory.create(owner=owner)
        ClosureFactory.create(account=account, sweep_to=other)
        for entry in Entry.objects.filter(transfer_id__isnull=False):
            assert refusal(undo_by_id(entry.entry_id)) == "ACCOUNT_CLOSED"

    def test_reversals_and_adjustments_are_final(self) -> None:
        reversal, adjustment = ReversalFactory.create(), AdjustmentFactory.create()
        corrected = Event.objects.get(position=adjustment.positions[0]).data["entry_id"]
        for entry_id in (reversal.answer["entry_id"], corrected):
            assert refusal(undo_by_id(UUID(entry_id))) == "REVERSAL_NOT_REVERSIBLE"

    def test_a_frozen_debit_side_is_left_as_it_is(self) -> None:
        account = AccountFactory.create(balance=100)
        FreezeFactory.create(account=account)
        entry = Entry.objects.get(account_id=account.account_id)
        events = Event.objects.exclude(category="staff")  # `undo_by_id` makes its sender
        before = events.count()
        assert refusal(undo_by_id(entry.entry_id)) == "ACCOUNT_FROZEN"
        assert events.count() == before

    @pytest.mark.parametrize("entry_id", [None, UUID(int=99)])
    def test_an_entry_that_is_not_there_is_not_found(self, entry_id: UUID | None) -> None:
        with pytest.raises(Refused) as caught:
            build_reversal(entry_id, "Mistake")
        assert caught.value.refusal.code == "ENTRY_NOT_FOUND"

    def test_the_id_of_a_hold_is_no_entry(self) -> None:
        with pytest.raises(Refused):
            build_reversal(HoldFactory.create().hold_id, "Mistake")


def undo_by_id(entry_id: UUID) -> Receipt:
    return execute(build_reversal(entry_id, "Mistake"), new_id(), actor=StaffFactory.create().actor)


def refusal(receipt: Receipt) -> str | None:
    return receipt.refusal.code if receipt.refusal else None
