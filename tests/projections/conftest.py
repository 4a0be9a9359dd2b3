"""Fixtures: customers with accounts and histories."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.domain.commands import ExpireHolds, Refuse, UnfreezeAccount, WithdrawRequest
from accounts.users.models import User
from accounts.users.roles import Role
from eventstore.execute import execute
from projections.models import Account
from tests.factories import (
    AccountFactory,
    AdjustmentFactory,
    ApprovalFactory,
    CaptureFactory,
    ClosureFactory,
    CustomerFactory,
    DepositFactory,
    ErasureFactory,
    FreezeFactory,
    HoldFactory,
    LimitsFactory,
    OverdraftFactory,
    ReleaseFactory,
    ReversalFactory,
    StaffFactory,
    SuspensionFactory,
    TransferFactory,
    WithdrawalFactory,
    execute_as_user,
)


@dataclass(frozen=True)
class World:
    """Ada has 500 of 1000 EUR, as 200 went to Bob and 300 were withdrawn; her account in yen has no movements."""

    ada: User
    bob: User
    adas: Account
    bobs: Account
    yens: Account


@pytest.fixture
def world(db: None) -> World:
    ada = CustomerFactory.create(name="Ada Lovelace", email="ada@example.org")
    bob = CustomerFactory.create(name="Bob", email="bob@example.com")
    adas, yens = AccountFactory.create(owner=ada, label="Savings"), AccountFactory.create(owner=ada, currency="JPY")
    bobs = AccountFactory.create(owner=bob)
    DepositFactory.create(account=adas, amount=1000, reference="Salary")
    TransferFactory.create(source=adas, target=bobs, amount=200, reference="Dinner")
    WithdrawalFactory.create(account=adas, amount=300)
    DepositFactory.create(account=yens, amount=150)
    return World(ada, bob, *(Account.objects.get(pk=account.pk) for account in (adas, bobs, yens)))


@dataclass(frozen=True)
class Bustle:
    """A world with every kind of event: Cara has 41.50 EUR of 100.00, Dan's account is empty."""

    cara: User
    caras: Account
    dans: Account
    operator: User
    approver: User


@pytest.fixture
def bustle(db: None) -> Bustle:
    operator, approver = StaffFactory.create(), StaffFactory.create(role=Role.APPROVER)
    cara = CustomerFactory.create(name="Cara")
    caras = AccountFactory.create(owner=cara, balance=10_000)
    dans = AccountFactory.create(owner__name="Dan")
    CaptureFactory.create(hold=HoldFactory.create(account=caras, amount=5_000, reference="Hotel"), amount=4_500)
    ReleaseFactory.create(hold=HoldFactory.create(account=caras, amount=700), reason="Not needed")
    HoldFactory.create(account=caras, amount=300, expires_in=timedelta(minutes=1))
    _expire(caras)
    HoldFactory.create(account=caras, amount=1_000)
    _undo_a_deposit_and_a_transfer(caras, dans, operator)
    AdjustmentFactory.create(account=caras, amount=-1_500, maker=operator, checker=approver)
    AdjustmentFactory.create(account=caras, amount=150, maker=operator, checker=approver)
    _set_conditions(caras, dans, operator)
    _leave_requests(caras, operator, approver)
    _close_and_erase(operator)
    caras, dans = (Account.objects.get(pk=account.pk) for account in (caras, dans))
    return Bustle(cara, caras, dans, operator, approver)


def _expire(account: Account) -> None:
    late = timezone.now() + timedelta(minutes=2)
    assert execute(ExpireHolds(account.account_id, late), "late", actor="system:due", recorded_at=late).accepted


def _undo_a_deposit_and_a_transfer(caras: Account, dans: Account, operator: User) -> None:
    ReversalFactory.create(entry_id=DepositFactory.create(account=caras, amount=50).answer["entry_id"], by=operator)
    sent = TransferFactory.create(source=caras, target=dans, amount=600).answer["entry_id"]
    ReversalFactory.create(entry_id=sent, by=operator)


def _set_conditions(caras: Account, dans: Account, operator: User) -> None:
    OverdraftFactory.create(account=caras, limit=2_000, by=operator)
    LimitsFactory.create(account=caras, by=operator, per_entry=90_000, daily_out=100_000)
    FreezeFactory.create(account=caras, by=operator)
    execute_as_user(UnfreezeAccount(caras.account_id, "All clear"), operator)
    FreezeFactory.create(account=dans, scope="all", by=operator)


def _leave_requests(account: Account, operator: User, approver: User) -> None:
    refused, withdrawn, _ = (ApprovalFactory.create(account=account, by=operator) for _ in range(3))
    execute_as_user(Refuse(refused.approval_id, approver.actor, "No proof"), approver)
    execute_as_user(WithdrawRequest(withdrawn.approval_id, operator.actor), operator)


def _close_and_erase(operator: User) -> None:
    gone, stays = CustomerFactory.create(), CustomerFactory.create(name="Fritz")
    ClosureFactory.create(account=AccountFactory.create(owner=gone))
    ErasureFactory.create(customer=gone, by=operator)
    old, new = AccountFactory.create(owner=stays, balance=77), AccountFactory.create(owner=stays)
    ClosureFactory.create(account=old, sweep_to=new, reason="Moving")
    SuspensionFactory.create(customer=stays, by=operator)
