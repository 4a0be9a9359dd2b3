"""The rules of an account: pure, no database, no clock."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, assert_never
from uuid import UUID

from accounts.commands import AccountCommand, Deposit, RenameAccount, Withdraw
from accounts.events import (
    AccountEvent,
    AccountOpened,
    AccountRenamed,
    MoneyDeposited,
    MoneyWithdrawn,
    TransferReceived,
    TransferSent,
)
from accounts.money import fits, out_of_range
from eventstore.decider import Decider, Refused, register
from eventstore.decider import phrase as _


@dataclass(frozen=True, slots=True)
class Account:
    """What the next decision about an account needs. Sums are minor units."""

    account_id: UUID | None = None
    customer_id: UUID | None = None
    currency: str = ""
    label: str = ""
    opened_at: datetime | None = None
    balance: int = 0

    @property
    def available(self) -> int:
        """What may leave the account now."""
        return self.balance

    def must_be_new(self) -> None:
        """An account is opened once."""
        if self.account_id is not None:
            raise Refused("VERSION_CONFLICT", _("This account is open already."), field="account_id")

    def must_exist(self, field: str = "account_id") -> None:
        """Money can't go to an account that was never opened."""
        if self.account_id is None:
            raise not_found(field)

    def must_belong_to(self, customer_id: UUID | None, field: str = "account_id") -> None:
        """Somebody else's account answers as one that does not exist: a stranger learns nothing."""
        if self.account_id is None or self.customer_id != customer_id:
            raise not_found(field)

    def credited(self, amount: int) -> int:
        """The balance after money came in; refuses a sum that can't be stored."""
        _must_be_an_amount(amount)
        if not fits(self.balance + amount):
            raise out_of_range()
        return self.balance + amount

    def debited(self, amount: int) -> int:
        """The balance after money went out; refuses more than is available."""
        _must_be_an_amount(amount)
        if amount > self.available:
            raise Refused("INSUFFICIENT_FUNDS", _("There is not enough money in this account."), field="amount")
        return self.balance - amount

    def must_allow_date(self, effective_at: datetime | None, now: datetime) -> None:
        """Money may move with a date in the past, but not before the account, nor in the future."""
        if effective_at is None or self.opened_at is None or self.opened_at <= effective_at <= now:
            return
        raise Refused(
            "EFFECTIVE_DATE_INVALID",
            _("The effective date must lie between the opening of the account and now."),
            field="effective_at",
        )


def not_found(field: str = "account_id") -> Refused:
    """The refusal of an account that is not there, or not theirs."""
    return Refused("ACCOUNT_NOT_FOUND", _("There is no such account."), field=field)


def _must_be_an_amount(amount: int) -> None:
    if amount <= 0:
        raise Refused("INVALID_AMOUNT", _("An amount must be greater than zero."), field="amount")
    if not fits(amount):
        raise out_of_range()


def decide(account: Account, command: AccountCommand) -> Iterator[AccountEvent]:
    """Yield the events that a command of the account's owner causes, or refuse it."""
    account.must_belong_to(command.customer_id)
    match command:
        case RenameAccount(account_id=account_id, label=label):
            if label != account.label:
                yield AccountRenamed(account_id, label)
        case Deposit():
            yield _deposit(account, command)
        case Withdraw():
            yield _withdraw(account, command)
        case _:
            assert_never(command)


def _deposit(account: Account, command: Deposit) -> MoneyDeposited:
    account.must_allow_date(command.effective_at, command.now)
    return MoneyDeposited(
        account_id=command.account_id,
        entry_id=command.entry_id,
        amount=command.amount,
        currency=account.currency,
        balance=account.credited(command.amount),
        reference=command.reference,
    )


def _withdraw(account: Account, command: Withdraw) -> MoneyWithdrawn:
    account.must_allow_date(command.effective_at, command.now)
    return MoneyWithdrawn(
        account_id=command.account_id,
        entry_id=command.entry_id,
        amount=command.amount,
        currency=account.currency,
        balance=account.debited(command.amount),
        reference=command.reference,
    )


def evolve(account: Account, event: AccountEvent) -> Account:
    """The state after an event."""
    match event:
        case AccountOpened():
            return Account(
                account_id=event.account_id,
                customer_id=event.customer_id,
                currency=event.currency,
                label=event.label,
                opened_at=event.opened_at,
            )
        case AccountRenamed():
            return replace(account, label=event.label)
        case MoneyDeposited() | MoneyWithdrawn() | TransferSent() | TransferReceived():
            return replace(account, balance=event.balance)
        case _:
            assert_never(event)


def answer(account: Account, command: AccountCommand) -> dict[str, Any]:
    """What the sender is told, in minor units."""
    match command:
        case RenameAccount():
            return {"account_id": str(command.account_id), "label": account.label}
        case Deposit() | Withdraw():
            return entry_answer(account, command.entry_id)
        case _:
            assert_never(command)


def entry_answer(account: Account, entry_id: UUID) -> dict[str, Any]:
    """What a line of history did to its account."""
    return {
        "entry_id": str(entry_id),
        "balance": account.balance,
        "available": account.available,
        "currency": account.currency,
    }


ACCOUNTS = Decider(
    category="account",
    initial=Account(),
    evolve=evolve,
    decide=decide,
    commands=AccountCommand,
    answer=answer,
)
register(ACCOUNTS)
