"""The rules of closing an account: it ends with nothing in it, for good."""

from collections.abc import Iterator
from typing import Any

from accounts.domain.account import Account
from accounts.domain.commands import CloseAccount
from accounts.domain.customer import Customer
from accounts.domain.events import AccountClosed, TransferReceived, TransferSent
from accounts.domain.transfers import TransferDetails, legs, must_fit_together
from eventstore.decider import Refused
from eventstore.decider import phrase as _


def decide(
    account: Account, target: Account | None, owner: Customer, command: CloseAccount
) -> Iterator[TransferSent | TransferReceived | AccountClosed]:
    """Yield the end of an account, after what is left in it has gone to the other one."""
    account.must_belong_to(command.customer_id)
    owner.must_be_active()
    account.must_allow_debits()
    if target is not None:
        _must_take_what_is_left(account, target, owner)
    if account.holds or account.balance < 0 or (account.balance > 0 and target is None):
        raise _not_empty()
    if account.balance and target is not None:
        yield from legs(account, target, _sweep(account, command))
    yield AccountClosed(command.account_id, command.reason)


def _must_take_what_is_left(account: Account, target: Account, owner: Customer) -> None:
    target.must_belong_to(owner.customer_id, "sweep_to")
    must_fit_together(account, target, "sweep_to")
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


def answer(account: Account, target: Account | None, _owner: Customer, command: CloseAccount) -> dict[str, Any]:
    """That it is closed, and how what was left is known."""
    told = {
        "account_id": str(command.account_id),
        "status": account.status,
        "balance": account.balance,
        "currency": account.currency,
    }
    return {**told, "sweep_to": str(target.account_id)} if target else told
