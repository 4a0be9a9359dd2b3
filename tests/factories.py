"""Factories of state for tests, which execute commands and never write a read model.

Each factory has defaults for what a test does not care about, and calls the function that its `Meta` names.
"""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import factory
from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.domain.approval import Approvable
from accounts.domain.commands import (
    AdjustBalance,
    CaptureHold,
    CloseAccount,
    Deposit,
    EraseCustomer,
    FreezeAccount,
    OpenAccount,
    PlaceHold,
    ReleaseHold,
    SetLimits,
    SetOverdraftLimit,
    SuspendCustomer,
    Transfer,
    Withdraw,
)
from accounts.services.approvals import build_approval, build_approval_request
from accounts.services.erasure import erase_personal_data
from accounts.services.ids import new_id
from accounts.services.registration import register_customer
from accounts.services.reversals import build_reversal
from accounts.services.staff import SUPERUSER, make_staff
from accounts.users.models import User
from accounts.users.roles import Role
from eventstore.execute import Receipt, execute
from projections.models import Account, Approval, Hold

PASSWORD = "correct horse battery"


def execute_as_user(command: Any, user: User) -> Receipt:
    """Executes a command as a user does, under a new key; asserts that it is accepted."""
    receipt = execute(command, new_id(), actor=user.actor)
    assert receipt.accepted, receipt.refusal
    return receipt


def register(**details: Any) -> User:
    receipt = register_customer(new_id(), **details)
    assert receipt.accepted, receipt.refusal
    return User.objects.get(customer_id=receipt.answer["customer_id"])


def employ(email: str, role: str, password: str) -> User:
    return make_staff(email, role, password)[0]


def employ_before_facts(email: str, role: str, password: str) -> User:
    user = User(email=email, is_staff=True, is_superuser=role == SUPERUSER, email_confirmed_at=timezone.now())
    user.set_password(password)
    user.save()
    user.groups.set(Group.objects.filter(name=role))
    return user


def open_account(owner: User, balance: int, **details: Any) -> Account:
    account_id, customer_id = new_id(), owner.customer_id
    assert customer_id, "staff have no accounts"
    execute_as_user(OpenAccount(account_id=account_id, customer_id=customer_id, now=timezone.now(), **details), owner)
    if balance:
        move(Deposit, account_id, balance, "")
    return Account.objects.get(account_id=account_id)


def move(command_class: type[Deposit] | type[Withdraw], account_id: UUID, amount: int, reference: str) -> Receipt:
    user = owner_of(account_id)
    assert user.customer_id
    command = command_class(account_id, user.customer_id, new_id(), amount, timezone.now(), reference)
    return execute_as_user(command, user)


def deposit(account: Account, amount: int, reference: str) -> Receipt:
    return move(Deposit, account.account_id, amount, reference)


def withdraw(account: Account, amount: int, reference: str) -> Receipt:
    return move(Withdraw, account.account_id, amount, reference)


def send(source: Account, target: Account, amount: int, reference: str) -> Receipt:
    command = Transfer(
        transfer_id=new_id(),
        customer_id=source.customer_id,
        from_account=source.account_id,
        to_account=target.account_id,
        sent_entry_id=new_id(),
        received_entry_id=new_id(),
        amount=amount,
        now=timezone.now(),
        reference=reference,
    )
    return execute_as_user(command, owner_of(source.account_id))


def place_hold(account: Account, amount: int, expires_in: timedelta, reference: str) -> Hold:
    hold_id, now = new_id(), timezone.now()
    command = PlaceHold(account.account_id, account.customer_id, hold_id, amount, now, now + expires_in, reference)
    execute_as_user(command, owner_of(account.account_id))
    return Hold.objects.get(hold_id=hold_id)


def capture(hold: Hold, amount: int | None) -> Receipt:
    owner = owner_of(hold.account_id)
    return execute_as_user(
        CaptureHold(hold.account_id, owner.customer_id, hold.hold_id, new_id(), timezone.now(), amount), owner
    )


def release(hold: Hold, reason: str) -> Receipt:
    owner = owner_of(hold.account_id)
    return execute_as_user(ReleaseHold(hold.account_id, owner.customer_id, hold.hold_id, timezone.now(), reason), owner)


def reverse(entry_id: UUID | str, by: User, reason: str) -> Receipt:
    return execute_as_user(build_reversal(UUID(str(entry_id)), reason), by)


def freeze(account: Account, scope: str, by: User, reason: str) -> Receipt:
    return execute_as_user(FreezeAccount(account.account_id, scope, reason), by)


def set_overdraft(account: Account, limit: int, by: User) -> Receipt:
    return execute_as_user(SetOverdraftLimit(account.account_id, limit), by)


def set_limits(account: Account, by: User, **limits: Any) -> Receipt:
    return execute_as_user(SetLimits(account.account_id, **limits), by)


def close(account: Account, sweep_to: Account | None, reason: str) -> Receipt:
    command = CloseAccount(
        account_id=account.account_id,
        customer_id=account.customer_id,
        transfer_id=new_id(),
        sent_entry_id=new_id(),
        received_entry_id=new_id(),
        now=timezone.now(),
        reason=reason,
        sweep_to=sweep_to.account_id if sweep_to else None,
    )
    return execute_as_user(command, owner_of(account.account_id))


def suspend(customer: User, by: User, reason: str) -> Receipt:
    assert customer.customer_id
    return execute_as_user(SuspendCustomer(customer.customer_id, reason), by)


def erase(customer: User, by: User, reason: str) -> Receipt:
    assert customer.customer_id
    command = EraseCustomer(customer.customer_id, reason)
    receipt = execute(
        command, new_id(), actor=by.actor, in_transaction=partial(erase_personal_data, customer.customer_id)
    )
    assert receipt.accepted, receipt.refusal
    return receipt


def adjustment(account: Account, amount: int, reason: str = "Our mistake") -> AdjustBalance:
    """The command that an approval would execute."""
    return AdjustBalance(account.account_id, new_id(), amount, reason, new_id(), timezone.now())


def request_approval(order: Approvable, by: User, reason: str) -> Approval:
    request = build_approval_request(order, {}, reason, by.actor)
    execute_as_user(request, by)
    return Approval.objects.get(approval_id=request.approval_id)


def adjust(account: Account, amount: int, maker: User, checker: User) -> Receipt:
    request = request_approval(adjustment(account, amount), maker, "Our mistake")
    return execute_as_user(build_approval(request.approval_id, checker.actor), checker)


def owner_of(account_id: UUID) -> User:
    return User.objects.get(customer_id=Account.objects.get(account_id=account_id).customer_id)


class CustomerFactory(factory.Factory[User]):
    """A registered customer, as the user who signs in; the e-mail is confirmed."""

    class Meta:
        model = register

    name = factory.Faker("name")
    email = factory.Sequence(lambda number: f"customer{number}@example.org")
    password = PASSWORD
    locale = "en"
    timezone = "UTC"
    proven = True


class NewcomerFactory(factory.Factory[User]):
    """A customer who has not confirmed their e-mail yet."""

    class Meta:
        model = register

    name = factory.Faker("name")
    email = factory.Sequence(lambda number: f"newcomer{number}@example.org")
    password = PASSWORD


class StaffFactory(factory.Factory[User]):
    """A member of staff with a role."""

    class Meta:
        model = employ

    email = factory.Sequence(lambda number: f"staff{number}@example.org")
    role: str = Role.OPERATOR
    password = PASSWORD


class EarlierStaffFactory(factory.Factory[User]):
    """A member of staff whose rights are no fact, as earlier versions had it: the log stays as it is, even empty."""

    class Meta:
        model = employ_before_facts

    email = factory.Sequence(lambda number: f"earlier{number}@example.org")
    role: str = Role.OPERATOR
    password = PASSWORD


class AccountFactory(factory.Factory[Account]):
    """An account, opened by its owner; its `balance`, in minor units, is paid in at once."""

    class Meta:
        model = open_account

    owner = factory.SubFactory(CustomerFactory)
    currency = "EUR"
    label = ""
    balance = 0


class DepositFactory(factory.Factory[Receipt]):
    """Money paid in by the account's owner."""

    class Meta:
        model = deposit

    account = factory.SubFactory(AccountFactory)
    amount = 100
    reference = ""


class WithdrawalFactory(factory.Factory[Receipt]):
    """Money taken out by the account's owner."""

    class Meta:
        model = withdraw

    account = factory.SubFactory(AccountFactory, balance=100)
    amount = 100
    reference = ""


class TransferFactory(factory.Factory[Receipt]):
    """Money sent by the owner of one account to another."""

    class Meta:
        model = send

    source = factory.SubFactory(AccountFactory, balance=100)
    target = factory.SubFactory(AccountFactory)
    amount = 100
    reference = ""


class HoldFactory(factory.Factory[Hold]):
    """Money that the account's owner has set aside."""

    class Meta:
        model = place_hold

    account = factory.SubFactory(AccountFactory, balance=100)
    amount = 100
    expires_in = timedelta(days=7)
    reference = ""


class CaptureFactory(factory.Factory[Receipt]):
    """A hold that was captured, whole or an `amount` of it."""

    class Meta:
        model = capture

    hold = factory.SubFactory(HoldFactory)
    amount: int | None = None


class ReleaseFactory(factory.Factory[Receipt]):
    """A hold that was released."""

    class Meta:
        model = release

    hold = factory.SubFactory(HoldFactory)
    reason = ""


class ReversalFactory(factory.Factory[Receipt]):
    """An entry that an operator has reversed, with the other leg of its transfer."""

    class Meta:
        model = reverse

    entry_id = factory.LazyAttribute(lambda _: DepositFactory.create().answer["entry_id"])
    by = factory.SubFactory(StaffFactory)
    reason = "Sent by mistake"


class FreezeFactory(factory.Factory[Receipt]):
    """An account that staff have frozen, for `debits` or for `all`."""

    class Meta:
        model = freeze

    account = factory.SubFactory(AccountFactory)
    scope = "debits"
    by = factory.SubFactory(StaffFactory, role=Role.SUPPORT)
    reason = "Court order"


class OverdraftFactory(factory.Factory[Receipt]):
    """An account that may go below zero."""

    class Meta:
        model = set_overdraft

    account = factory.SubFactory(AccountFactory)
    limit = 100
    by = factory.SubFactory(StaffFactory)


class LimitsFactory(factory.Factory[Receipt]):
    """An account with limits for one entry and for one day, in minor units."""

    class Meta:
        model = set_limits

    account = factory.SubFactory(AccountFactory)
    by = factory.SubFactory(StaffFactory)


class ClosureFactory(factory.Factory[Receipt]):
    """An account that its owner has closed."""

    class Meta:
        model = close

    account = factory.SubFactory(AccountFactory)
    sweep_to: Account | None = None
    reason = ""


class SuspensionFactory(factory.Factory[Receipt]):
    """A suspended customer."""

    class Meta:
        model = suspend

    customer = factory.SubFactory(CustomerFactory)
    by = factory.SubFactory(StaffFactory, role=Role.SUPPORT)
    reason = "Complaint"


class ErasureFactory(factory.Factory[Receipt]):
    """An erased customer."""

    class Meta:
        model = erase

    customer = factory.SubFactory(CustomerFactory)
    by = factory.SubFactory(StaffFactory)
    reason = "Asked for it"


class ApprovalFactory(factory.Factory[Approval]):
    """An open request of an operator: an adjustment, unless another `order` is given."""

    class Meta:
        model = request_approval

    class Params:
        account = factory.SubFactory(AccountFactory)
        amount = 100

    order = factory.LazyAttribute(lambda given: adjustment(given.account, given.amount))
    by = factory.SubFactory(StaffFactory)
    reason = "Our mistake"


class AdjustmentFactory(factory.Factory[Receipt]):
    """A balance that was corrected, with the approval of a second person."""

    class Meta:
        model = adjust

    account = factory.SubFactory(AccountFactory)
    amount = 100
    maker = factory.SubFactory(StaffFactory)
    checker = factory.SubFactory(StaffFactory, role=Role.APPROVER)
