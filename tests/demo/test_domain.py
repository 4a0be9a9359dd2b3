"""Even a small demo world shows each part of the domain."""

from typing import Final, get_args

import pytest
from django.db.models import F
from django.utils import timezone

from accounts.domain.approval import APPROVABLE
from accounts.domain.events import AccountEvent, ApprovalEvent, CustomerEvent, StaffEvent
from accounts.services.approvals import build_approval
from accounts.services.ids import new_id
from accounts.users.models import User
from accounts.users.roles import Role
from eventstore.execute import execute
from eventstore.messages import type_of
from eventstore.models import Command, Event, SubjectKey
from projections.models import Account, Approval, Customer, Hold
from tests.demo.described import must_be_as_described
from tests.demo.worlds import WHOLE, make

REFUSALS: Final = (
    "ACCOUNT_CLOSED ACCOUNT_FROZEN ACCOUNT_NOT_EMPTY ACCOUNT_NOT_FOUND ALREADY_REVERSED APPROVAL_NOT_OPEN "
    "CAPTURE_EXCEEDS_HOLD CURRENCY_MISMATCH CUSTOMER_HAS_ACCOUNTS CUSTOMER_NOT_FOUND CUSTOMER_SUSPENDED "
    "EFFECTIVE_DATE_INVALID EMAIL_TAKEN HOLD_NOT_OPEN INSUFFICIENT_FUNDS LIMIT_EXCEEDED OVERDRAFT_BELOW_USAGE "
    "REASON_REQUIRED REVERSAL_NOT_REVERSIBLE SAME_ACCOUNT SELF_APPROVAL"
)


@pytest.fixture
def whole_world(db: None) -> None:
    """The smallest world that shows everything."""
    make(**WHOLE)


def test_each_kind_of_event_is_to_be_seen_and_is_as_the_catalogue_says(whole_world: None) -> None:
    kinds = get_args(CustomerEvent) + get_args(AccountEvent) + get_args(ApprovalEvent) + (StaffEvent,)
    assert set(Event.objects.values_list("type", flat=True)) == {type_of(kind).name for kind in kinds}
    must_be_as_described()


def test_each_kind_of_refusal_is_to_be_seen(whole_world: None) -> None:
    refused = Command.objects.filter(accepted=False).values_list("response", flat=True)
    assert {response["code"] for response in refused} == set(REFUSALS.split())


def test_each_ending_of_a_hold_is_to_be_seen_and_some_are_open_today(whole_world: None) -> None:
    assert set(Hold.objects.values_list("status", flat=True)) == set(Hold.Status.values)
    captured = Hold.objects.filter(status=Hold.Status.CAPTURED)
    assert captured.filter(captured=F("amount")).exists()
    assert captured.filter(captured__lt=F("amount")).exists()
    assert not Hold.objects.filter(status=Hold.Status.OPEN, expires_at__lte=timezone.now()).exists()


def test_accounts_are_in_each_condition_today(whole_world: None) -> None:
    conditions = set(Account.objects.values_list("status", "frozen_scope"))
    assert conditions == {("open", None), ("frozen", "debits"), ("frozen", "all"), ("closed", None)}
    assert Account.objects.filter(overdraft_limit__gt=0, balance__lt=0).exists()
    assert Account.objects.filter(daily_out__isnull=False).exists()
    assert Account.objects.values("currency").distinct().count() >= 6
    assert Account.objects.values("timezone").distinct().count() >= 6


def test_who_wanted_to_be_forgotten_is(whole_world: None) -> None:
    erased = Customer.objects.get(status=Customer.Status.ERASED)
    assert (erased.name, erased.email) == (None, None)
    user = User.objects.get(customer_id=erased.customer_id)
    assert not user.is_active
    assert not user.has_usable_password()
    assert not SubjectKey.objects.get(subject_id=erased.customer_id).wrapped


def test_requests_wait_for_somebody_else(whole_world: None) -> None:
    superuser, approver = User.objects.get(is_superuser=True), User.objects.get(groups__name=Role.APPROVER)
    waiting = Approval.objects.filter(status=Approval.Status.OPEN)
    assert set(waiting.values_list("command", flat=True)) == set(APPROVABLE)
    for approval in waiting:
        decider = approver if approval.requested_by == superuser.actor else superuser
        receipt = execute(build_approval(approval.approval_id, decider.actor), new_id(), actor=decider.actor)
        assert receipt.accepted, receipt.refusal
    assert set(Approval.objects.values_list("status", flat=True)) == {"granted", "refused", "withdrawn"}
