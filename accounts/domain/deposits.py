"""The rules by which the owner of an account moves money between the account and the world outside."""

from collections.abc import Iterator
from typing import Any

from accounts.domain.account import Account, entry_answer
from accounts.domain.commands import Deposit, Withdraw
from accounts.domain.customer import Customer
from accounts.domain.events import MoneyDeposited, MoneyWithdrawn


def deposit(account: Account, owner: Customer, command: Deposit) -> Iterator[MoneyDeposited]:
    """Credits an account with money from outside."""
    account.must_belong_to(command.customer_id)
    owner.must_be_active()
    account.must_allow_credits()
    account.must_allow_date(command.effective_at, command.now)
    yield MoneyDeposited(
        account_id=command.account_id,
        entry_id=command.entry_id,
        amount=command.amount,
        currency=account.currency,
        balance=account.credited(command.amount),
        reference=command.reference,
        day=account.day(command.now),
    )


def withdraw(account: Account, owner: Customer, command: Withdraw) -> Iterator[MoneyWithdrawn]:
    """Debits an account with money that leaves for outside; refuses more than is available, or than limits allow."""
    account.must_belong_to(command.customer_id)
    owner.must_be_active()
    account.must_allow_debits()
    account.must_allow_date(command.effective_at, command.now)
    yield MoneyWithdrawn(
        account_id=command.account_id,
        entry_id=command.entry_id,
        amount=command.amount,
        currency=account.currency,
        balance=account.debited(command.amount, command.now),
        reference=command.reference,
        day=account.day(command.now),
    )


def moved(account: Account, _owner: Customer, command: Deposit | Withdraw) -> dict[str, Any]:
    """Answers with the new entry and the sums after it, in minor units."""
    return entry_answer(account, command.entry_id)
