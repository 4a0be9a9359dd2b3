"""The rules of an account's life: its owner opens it, names it, and closes it for good."""

from collections.abc import Iterator
from typing import Any

from accounts.domain.account import Account
from accounts.domain.commands import CloseAccount, OpenAccount, RenameAccount
from accounts.domain.customer import Customer
from accounts.domain.events import AccountClosed, AccountOpened, AccountRenamed, TransferReceived, TransferSent
from accounts.domain.money import exponent_of
from accounts.domain.text import clean_timezone
from accounts.domain.transfers import TransferDetails, legs, must_be_transferable
from accounts.domain.zones import zone_name
from eventstore.decider import Refused
from eventstore.decider import phrase as _


def open_account(account: Account, owner: Customer, command: OpenAccount) -> Iterator[AccountOpened]:
    """Opens an account for a customer, in one currency for ever; the time zone is the owner's unless one is given."""
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
        timezone=_timezone(owner, command),
        opened_at=command.now,
    )


def opened(account: Account, owner: Customer, command: OpenAccount) -> dict[str, Any]:
    """Answers with the new account; sums are minor units."""
    return {
        "account_id": str(command.account_id),
        "customer_id": str(command.customer_id),
        "label": account.label,
        "currency": account.currency,
        "timezone": _timezone(owner, command),
        "balance": account.balance,
        "available": account.available,
        "opened_at": command.now.isoformat(),
    }


def _timezone(owner: Customer, command: OpenAccount) -> str:
    """The time zone that is given, or the owner's; UTC where that is not known any more."""
    return clean_timezone(command.timezone) if command.timezone else zone_name(owner.timezone)


def rename_account(account: Account, owner: Customer, command: RenameAccount) -> Iterator[AccountRenamed]:
    """Gives an account another label; the same label needs no event."""
    account.must_belong_to(command.customer_id)
    owner.must_be_active()
    account.must_be_open()
    if command.label != account.label:
        yield AccountRenamed(command.account_id, command.label)


def renamed(account: Account, _owner: Customer, command: RenameAccount) -> dict[str, Any]:
    """Answers with the account's label."""
    return {"account_id": str(command.account_id), "label": account.label}


def close_account(
    account: Account, target: Account | None, owner: Customer, command: CloseAccount
) -> Iterator[TransferSent | TransferReceived | AccountClosed]:
    """Closes an empty account, after the rest of its money was transferred to `target` where one is named."""
    account.must_belong_to(command.customer_id)
    owner.must_be_active()
    account.must_allow_debits()
    if target is not None:
        _must_accept_the_rest(account, target, owner)
    if account.holds or account.balance < 0 or (account.balance > 0 and target is None):
        raise _not_empty()
    if account.balance and target is not None:
        yield from legs(account, target, _sweep(account, command))
    yield AccountClosed(command.account_id, command.reason)


def _must_accept_the_rest(account: Account, target: Account, owner: Customer) -> None:
    target.must_belong_to(owner.customer_id, "sweep_to")
    must_be_transferable(account, target, "sweep_to")
    target.must_allow_credits("sweep_to")


def _not_empty() -> Refused:
    return Refused(
        "ACCOUNT_NOT_EMPTY",
        _("An account can be closed when there is nothing in it: no money, no overdraft in use, and no open holds."),
    )


def _sweep(account: Account, command: CloseAccount) -> TransferDetails:
    return TransferDetails(
        transfer_id=command.transfer_id,
        sent_entry_id=command.sent_entry_id,
        received_entry_id=command.received_entry_id,
        amount=account.balance,
        now=command.now,
    )


def closed(account: Account, target: Account | None, _owner: Customer, command: CloseAccount) -> dict[str, Any]:
    """Answers with the closed account, and with the account that received the rest of its money, if there is one."""
    facts = {
        "account_id": str(command.account_id),
        "status": account.status,
        "balance": account.balance,
        "currency": account.currency,
    }
    return {**facts, "sweep_to": str(target.account_id)} if target else facts
