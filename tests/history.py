"""Histories in the past: commands with a given `recorded_at`, as an import executes them."""

from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import make_password

from accounts.domain.commands import CloseAccount, Deposit, OpenAccount, RegisterCustomer, Transfer, Withdraw
from accounts.services.ids import new_id
from accounts.users.models import User
from accounts.users.sign_ins import make_sign_in
from eventstore.execute import Receipt, execute
from projections.models import Account

BANK = "system"


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:  # noqa: PLR0917
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def registered(at: datetime, name: str = "Ada Lovelace", email: str = "ada@example.org") -> User:
    """A customer with a sign-in, registered at a given time."""
    command = RegisterCustomer(new_id(), name, email, "en", "UTC")
    sign_in = partial(make_sign_in, email, make_password(None), command.customer_id)
    _execute_at(at, command, in_transaction=sign_in)
    return User.objects.get(customer_id=command.customer_id)


def opened(owner: User, at: datetime, timezone: str = "UTC", currency: str = "EUR", label: str = "Everyday") -> Account:
    """An account, opened at a given time."""
    assert owner.customer_id
    command = OpenAccount(new_id(), owner.customer_id, currency, now=at, label=label, timezone=timezone)
    _execute_at(at, command)
    return Account.objects.get(account_id=command.account_id)


def paid_in(
    account: Account, amount: int, at: datetime, reference: str = "", effective_at: datetime | None = None
) -> UUID:
    """The entry of a deposit at a given time."""
    entry_id = new_id()
    command = Deposit(account.account_id, account.customer_id, entry_id, amount, at, reference, effective_at)
    _execute_at(at, command, effective_at=effective_at)
    return entry_id


def taken_out(account: Account, amount: int, at: datetime, reference: str = "") -> UUID:
    """The entry of a withdrawal at a given time."""
    entry_id = new_id()
    _execute_at(at, Withdraw(account.account_id, account.customer_id, entry_id, amount, at, reference))
    return entry_id


def sent(source: Account, target: Account, amount: int, at: datetime, reference: str = "") -> None:
    """A transfer at a given time."""
    ids = {"sent_entry_id": new_id(), "received_entry_id": new_id(), "transfer_id": new_id()}
    accounts = {"from_account": source.account_id, "to_account": target.account_id}
    _execute_at(
        at, Transfer(customer_id=source.customer_id, amount=amount, now=at, reference=reference, **accounts, **ids)
    )


def closed(account: Account, at: datetime) -> None:
    """The closing of an empty account at a given time."""
    command = CloseAccount(
        account_id=account.account_id,
        customer_id=account.customer_id,
        transfer_id=new_id(),
        sent_entry_id=new_id(),
        received_entry_id=new_id(),
        now=at,
    )
    _execute_at(at, command)


def _execute_at(at: datetime, command: Any, **options: Any) -> Receipt:
    receipt = execute(command, new_id(), actor=BANK, recorded_at=at, **options)
    assert receipt.accepted, receipt.refusal
    return receipt
