"""Deciding over what somebody else has asked for."""

import dataclasses
from datetime import timedelta
from typing import Any

import pytest

from accounts.domain.commands import Approve, Refuse, SetOverdraftLimit, UnfreezeAccount, WithdrawRequest
from accounts.domain.events import ApprovalGranted, ApprovalRefused, ApprovalWithdrawn
from accounts.services.approvals import build_approval
from accounts.services.ids import new_id
from accounts.services.reversals import build_reversal
from accounts.users.models import User
from eventstore import log
from eventstore.execute import Receipt, execute
from eventstore.models import Event
from eventstore.testing import Given, given
from projections.models import Account, Approval, Entry
from tests.accounts.examples import (
    ADAS,
    ADAS_CLOSED,
    ADAS_OPENED,
    APPROVAL,
    NOW,
    TODAY,
    deposited,
    frozen,
    overdraft,
    withdrawn,
)
from tests.accounts.requests import ADJUSTED, MAKER, REQUESTED, SET_OVERDRAFT, asked_for
from tests.factories import (
    AccountFactory,
    ApprovalFactory,
    FreezeFactory,
    OverdraftFactory,
    StaffFactory,
    TransferFactory,
    WithdrawalFactory,
    execute_as_user,
)

CHECKER = "staff:2"
APPROVE = Approve(APPROVAL, ADAS, None, CHECKER, NOW)
REFUSE = Refuse(APPROVAL, CHECKER, "No such mistake")
WITHDRAW = WithdrawRequest(APPROVAL, MAKER)
GRANTED, REFUSED, WITHDRAWN = (
    ApprovalGranted(APPROVAL),
    ApprovalRefused(APPROVAL, "No such mistake"),
    ApprovalWithdrawn(APPROVAL),
)
HISTORY = (ADAS_OPENED, deposited(ADAS, 100))


def after(*events: Any) -> Given:
    """A request for an adjustment, and what happened since."""
    return given(*HISTORY, REQUESTED, *events)


def test_a_grant_does_what_was_asked_for() -> None:
    after().when(APPROVE).then(ADJUSTED, GRANTED).answers(approval_id=str(APPROVAL), status="granted")


def test_it_is_decided_anew_as_things_stand_now() -> None:
    now = dataclasses.replace(ADJUSTED, balance=60)
    after(withdrawn(ADAS, 90, 10)).when(APPROVE).then(now, GRANTED)


def test_the_day_is_the_one_of_the_grant() -> None:
    later = dataclasses.replace(APPROVE, now=NOW + timedelta(days=1))
    adjusted, _granted = after().when(later).events
    assert adjusted.day == TODAY + timedelta(days=1)


@pytest.mark.parametrize(("event", "code"), [(frozen(ADAS, "all"), "ACCOUNT_FROZEN"), (ADAS_CLOSED, "ACCOUNT_CLOSED")])
def test_what_is_refused_now_is_not_granted(event: Any, code: str) -> None:
    assert not after(event).when(APPROVE).refused(code).events
    after(event).when(REFUSE).then(REFUSED)


def test_other_things_can_be_asked_for_too() -> None:
    asked = given(*HISTORY, asked_for(SET_OVERDRAFT))
    asked.when(APPROVE).then(overdraft(ADAS, 50), GRANTED)


@pytest.mark.parametrize("command", [APPROVE, REFUSE])
def test_who_asks_does_not_decide(command: Any) -> None:
    after().when(dataclasses.replace(command, approver=MAKER)).refused("SELF_APPROVAL")


@pytest.mark.parametrize("decided", [GRANTED, REFUSED, WITHDRAWN])
@pytest.mark.parametrize("command", [APPROVE, REFUSE, WITHDRAW])
def test_what_was_decided_stays_decided(decided: Any, command: Any) -> None:
    after(decided).when(command).refused("APPROVAL_NOT_OPEN")


@pytest.mark.parametrize(
    "command", [APPROVE, REFUSE, WITHDRAW, dataclasses.replace(APPROVE, account_id=None)], ids=repr
)
def test_what_was_never_asked_for_is_not_found(command: Any) -> None:
    given(*HISTORY).when(command).refused("APPROVAL_NOT_FOUND")


def test_a_refusal_does_nothing_but_end_the_request() -> None:
    after().when(REFUSE).then(REFUSED).answers(approval_id=str(APPROVAL), status="refused")


@pytest.mark.parametrize("reason", ["", "\u200b\u3164", "  "])
def test_a_refusal_takes_a_reason(reason: str) -> None:
    after().when(dataclasses.replace(REFUSE, reason=reason)).refused("REASON_REQUIRED", field="reason")


def test_who_asked_may_withdraw_it_and_nobody_else() -> None:
    after().when(WITHDRAW).then(WITHDRAWN).answers(approval_id=str(APPROVAL), status="withdrawn")
    after().when(dataclasses.replace(WITHDRAW, requested_by=CHECKER)).refused("FORBIDDEN")


def refusal(receipt: Receipt) -> str | None:
    return receipt.refusal.code if receipt.refusal else None


def approve(asked: Approval, checker: User, key: Any = None) -> Receipt:
    return execute(build_approval(asked.approval_id, checker.actor), key or new_id(), actor=checker.actor)


def balance(account: Account) -> int:
    return Account.objects.get(pk=account.pk).balance


@pytest.fixture
def checker(db: None) -> User:
    return StaffFactory.create(role="approver")


class TestGrant:
    """A grant and what it executes are one."""

    def test_adjusts_and_is_granted_in_one_transaction(self, checker: User) -> None:
        account = AccountFactory.create(balance=100)
        asked = ApprovalFactory.create(account=account, amount=-30)
        receipt = approve(asked, checker)
        types = Event.objects.filter(position__in=receipt.positions).order_by("position").values_list("type", flat=True)
        assert list(types) == ["account.balance_adjusted", "approval.granted"]
        assert balance(account) == 70
        row = Approval.objects.get(pk=asked.pk)
        assert (row.status, row.requested_by, row.decided_by) == ("granted", asked.requested_by, checker.actor)
        assert log.load("approval", asked.approval_id)[0].status == "granted"

    def test_is_given_once(self, checker: User) -> None:
        account = AccountFactory.create()
        asked = ApprovalFactory.create(account=account, amount=100)
        assert approve(asked, checker).accepted
        assert refusal(approve(asked, checker)) == "APPROVAL_NOT_OPEN"
        assert refusal(approve(asked, StaffFactory.create(role="approver"))) == "APPROVAL_NOT_OPEN"
        assert balance(account) == 100

    def test_a_refused_one_leaves_the_request_open_for_a_new_key(self, checker: User) -> None:
        account = AccountFactory.create()
        asked = ApprovalFactory.create(account=account, amount=100)
        operator = StaffFactory.create()
        FreezeFactory.create(account=account, scope="all", by=operator)
        command = build_approval(asked.approval_id, checker.actor)
        assert refusal(execute(command, "1", actor=checker.actor)) == "ACCOUNT_FROZEN"
        assert Approval.objects.get(pk=asked.pk).status == "open"
        unfreeze(account, operator)
        stored = execute(command, "1", actor=checker.actor)
        assert (stored.replayed, refusal(stored)) == (True, "ACCOUNT_FROZEN")
        assert balance(account) == 0
        assert approve(asked, checker).accepted
        assert balance(account) == 100

    def test_a_reversal_is_carried_out_on_both_accounts(self, checker: User) -> None:
        transfer = TransferFactory.create(amount=30)
        sent = Entry.objects.get(entry_id=transfer.answer["entry_id"])
        assert sent.counterparty
        asked = ApprovalFactory.create(order=build_reversal(sent.entry_id, "Mistake"))
        assert approve(asked, checker).accepted
        assert Account.objects.get(pk=sent.account_id).balance == 100
        assert Account.objects.get(pk=sent.counterparty).balance == 0

    def test_two_requests_for_one_reversal_do_it_once(self, checker: User) -> None:
        transfer = TransferFactory.create(amount=30)
        entry_id = Entry.objects.get(entry_id=transfer.answer["entry_id"]).entry_id
        first, second = (ApprovalFactory.create(order=build_reversal(entry_id, "Mistake")) for _ in range(2))
        assert approve(first, checker).accepted
        assert refusal(approve(second, checker)) == "ALREADY_REVERSED"
        assert Approval.objects.get(pk=second.pk).status == "open"

    def test_an_overdraft_that_is_in_use_by_now_is_not_lowered(self, checker: User) -> None:
        account = AccountFactory.create()
        OverdraftFactory.create(account=account, limit=100)
        asked = ApprovalFactory.create(order=SetOverdraftLimit(account.account_id, 10))
        WithdrawalFactory.create(account=account, amount=50)
        assert refusal(approve(asked, checker)) == "OVERDRAFT_BELOW_USAGE"

    @pytest.mark.parametrize("role", ["operator", "approver", "superuser"])
    def test_nobody_grants_what_they_asked_for_whatever_they_may_else(self, role: str, db: None) -> None:
        maker = StaffFactory.create(role=role)
        account = AccountFactory.create()
        asked = ApprovalFactory.create(account=account, by=maker)
        assert refusal(approve(asked, maker)) == "SELF_APPROVAL"
        assert refusal(execute(Refuse(asked.approval_id, maker.actor, "No"), "1", actor=maker.actor)) == "SELF_APPROVAL"
        assert balance(account) == 0
        execute_as_user(WithdrawRequest(asked.approval_id, maker.actor), maker)
        assert Approval.objects.get(pk=asked.pk).status == "withdrawn"

    def test_a_rehearsal_grants_nothing(self, checker: User) -> None:
        account = AccountFactory.create()
        asked = ApprovalFactory.create(account=account)
        command = build_approval(asked.approval_id, checker.actor)
        assert execute(command, "1", actor=checker.actor, dry_run=True).accepted
        assert balance(account) == 0
        assert approve(asked, checker).accepted

    def test_a_request_that_is_not_there_is_not_found(self, checker: User) -> None:
        command = build_approval(new_id(), checker.actor)
        assert refusal(execute(command, "1", actor=checker.actor)) == "APPROVAL_NOT_FOUND"


def unfreeze(account: Account, by: User) -> None:
    execute_as_user(UnfreezeAccount(account.account_id, "Lifted"), by)
