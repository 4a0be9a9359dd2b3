"""The rules of opening an account: it takes a customer, and a currency for ever."""

from collections.abc import Iterator
from typing import Any

from accounts.domain.account import Account
from accounts.domain.commands import OpenAccount
from accounts.domain.customer import Customer
from accounts.domain.events import AccountOpened
from accounts.domain.money import exponent_of


def decide(account: Account, owner: Customer, command: OpenAccount) -> Iterator[AccountOpened]:
    """Open an account, in the time zone of its owner unless another is asked for."""
    owner.must_exist()
    if not command.by_staff:
        owner.must_be_active()
    account.must_be_new()
    exponent_of(command.currency)
    yield AccountOpened(
        account_id=command.account_id,
        customer_id=command.customer_id,
        currency=command.currency,
        label=command.label,
        timezone=command.timezone or owner.timezone,
        opened_at=command.now,
    )


def answer(account: Account, owner: Customer, command: OpenAccount) -> dict[str, Any]:
    """The account as it is on its first day."""
    return {
        "account_id": str(command.account_id),
        "customer_id": str(command.customer_id),
        "label": account.label,
        "currency": account.currency,
        "timezone": command.timezone or owner.timezone,
        "balance": account.balance,
        "available": account.available,
        "opened_at": command.now.isoformat(),
    }
