"""The rules by which owners name their accounts and move money between them and the world outside."""

from collections.abc import Iterator
from typing import Any, assert_never

from accounts.domain.account import Account, entry_answer
from accounts.domain.commands import Deposit, RenameAccount, Withdraw
from accounts.domain.customer import Customer
from accounts.domain.events import AccountRenamed, MoneyDeposited, MoneyWithdrawn

Command = RenameAccount | Deposit | Withdraw
Event = AccountRenamed | MoneyDeposited | MoneyWithdrawn


def decide(account: Account, owner: Customer, command: Command) -> Iterator[Event]:
    """Yield the events that a command of the account's owner causes, or refuse it."""
    account.must_belong_to(command.customer_id)
    owner.must_be_active()
    match command:
        case RenameAccount(account_id=account_id, label=label):
            account.must_be_open()
            if label != account.label:
                yield AccountRenamed(account_id, label)
        case Deposit():
            account.must_allow_credits()
            account.must_allow_date(command.effective_at, command.now)
            yield _deposit(account, command)
        case Withdraw():
            account.must_allow_debits()
            account.must_allow_date(command.effective_at, command.now)
            yield _withdraw(account, command)
        case _:
            assert_never(command)


def _deposit(account: Account, command: Deposit) -> MoneyDeposited:
    return MoneyDeposited(
        account_id=command.account_id,
        entry_id=command.entry_id,
        amount=command.amount,
        currency=account.currency,
        balance=account.credited(command.amount),
        reference=command.reference,
        day=account.day(command.now),
    )


def _withdraw(account: Account, command: Withdraw) -> MoneyWithdrawn:
    return MoneyWithdrawn(
        account_id=command.account_id,
        entry_id=command.entry_id,
        amount=command.amount,
        currency=account.currency,
        balance=account.debited(command.amount, command.now),
        reference=command.reference,
        day=account.day(command.now),
    )


def answer(account: Account, _owner: Customer, command: Command) -> dict[str, Any]:
    """What the sender is told, in minor units."""
    match command:
        case RenameAccount():
            return {"account_id": str(command.account_id), "label": account.label}
        case Deposit() | Withdraw():
            return entry_answer(account, command.entry_id)
        case _:
            assert_never(command)
