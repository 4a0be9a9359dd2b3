"""The rules of holds: money is set aside until it is captured or released, or until the hold expires."""

from collections.abc import Iterator
from typing import Any

from accounts.domain.account import Account, Hold, must_be_an_amount
from accounts.domain.commands import CaptureHold, ExpireHolds, PlaceHold, ReleaseHold
from accounts.domain.customer import Customer
from accounts.domain.events import HoldCaptured, HoldExpired, HoldPlaced, HoldReleased
from accounts.domain.money import fits, out_of_range
from eventstore.decider import Refused
from eventstore.decider import phrase as _

# `customer` is the customer who sends the command; None where a member of staff does.


def place(account: Account, customer: Customer | None, command: PlaceHold) -> Iterator[HoldPlaced]:
    """Sets money aside, as far as it is available."""
    _must_be_permitted(account, customer, command)
    account.must_allow_debits()
    if command.expires_at <= command.now:
        raise Refused("EFFECTIVE_DATE_INVALID", _("A hold must expire in the future."), field="expires_at")
    must_be_an_amount(command.amount)
    account.must_afford(command.amount)
    if not fits(account.held + command.amount):
        raise out_of_range()
    yield HoldPlaced(
        account_id=command.account_id,
        hold_id=command.hold_id,
        amount=command.amount,
        currency=account.currency,
        held=account.held + command.amount,
        expires_at=command.expires_at,
        reference=command.reference,
    )


def _must_be_permitted(account: Account, customer: Customer | None, command: PlaceHold) -> None:
    if customer is None:
        account.must_exist()
    else:
        account.must_belong_to(command.customer_id)
        customer.must_be_active()


def capture(account: Account, customer: Customer | None, command: CaptureHold) -> Iterator[HoldCaptured]:
    """Debits the account with a hold's money, all of it or a part; the rest of the hold is released."""
    hold = _open_hold(account, customer, command)
    account.must_allow_debits()
    amount = hold.amount if command.amount is None else command.amount
    must_be_an_amount(amount)
    if amount > hold.amount:
        raise Refused("CAPTURE_EXCEEDS_HOLD", _("This is more than was set aside."), field="amount")
    account.must_be_within_limits(amount, command.now)
    yield HoldCaptured(
        account_id=command.account_id,
        hold_id=command.hold_id,
        entry_id=command.entry_id,
        amount=amount,
        released=hold.amount - amount,
        currency=account.currency,
        balance=account.moved(-amount),
        held=account.held - hold.amount,
        reference=hold.reference,
        day=account.day(command.now),
    )


def release(account: Account, customer: Customer | None, command: ReleaseHold) -> Iterator[HoldReleased]:
    """Makes the money of a hold available again."""
    hold = _open_hold(account, customer, command)
    yield HoldReleased(command.account_id, command.hold_id, account.held - hold.amount, command.reason)


def _open_hold(account: Account, customer: Customer | None, command: CaptureHold | ReleaseHold) -> Hold:
    """The open hold that a command names; raises Refused HOLD_NOT_FOUND or HOLD_NOT_OPEN.

    A hold that is not among the open ones has ended: its id led to this account, so it was placed here once.
    """
    if customer is not None:
        if account.customer_id != command.customer_id:
            raise not_found()
        customer.must_be_active()
    hold = next((hold for hold in account.holds if hold.hold_id == command.hold_id), None)
    if hold is None or hold.expires_at <= command.now:
        raise Refused("HOLD_NOT_OPEN", _("This hold is not open any more."))
    return hold


def not_found() -> Refused:
    """The refusal of a hold that does not exist, or that belongs to another customer."""
    return Refused("HOLD_NOT_FOUND", _("There is no such hold."))


def expire(account: Account, command: ExpireHolds) -> Iterator[HoldExpired]:
    """Ends each hold whose time is over; refuses HOLD_NOT_OPEN if there is none, so that the command is sent again.

    The sender goes by another clock: an acceptance without effect, which stands for ever, could come too early.
    """
    overdue, held = [hold for hold in account.holds if hold.expires_at <= command.now], account.held
    if not overdue:
        raise Refused("HOLD_NOT_OPEN", _("No open hold of this account is over."))
    for hold in overdue:
        held -= hold.amount
        yield HoldExpired(command.account_id, hold.hold_id, held)


def held(account: Account, _customer: Customer | None, command: PlaceHold | ReleaseHold) -> dict[str, Any]:
    """Answers with the hold and the account's sums after the command, in minor units."""
    return {"hold_id": str(command.hold_id), **_sums(account)}


def captured(account: Account, _customer: Customer | None, command: CaptureHold) -> dict[str, Any]:
    """Answers with the new entry, the hold and the account's sums after the command, in minor units."""
    return {"entry_id": str(command.entry_id), "hold_id": str(command.hold_id), **_sums(account)}


def _sums(account: Account) -> dict[str, Any]:
    return {
        "balance": account.balance,
        "held": account.held,
        "available": account.available,
        "currency": account.currency,
    }
