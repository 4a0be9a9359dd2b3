"""The rules of holds: money is set aside, until somebody takes it, lets it go, or its time is over."""

from collections.abc import Iterator
from typing import Any, assert_never

from accounts.domain.account import Account, Hold, must_be_an_amount
from accounts.domain.commands import CaptureHold, ExpireHolds, PlaceHold, ReleaseHold
from accounts.domain.customer import Customer
from accounts.domain.events import HoldCaptured, HoldEvent, HoldExpired, HoldPlaced, HoldReleased
from accounts.domain.money import fits, out_of_range
from eventstore.decider import Refused
from eventstore.decider import phrase as _

Command = PlaceHold | CaptureHold | ReleaseHold


def decide(account: Account, asking: Customer | None, command: Command) -> Iterator[HoldEvent]:
    """Yield what becomes of a hold, by order of the account's owner or of staff."""
    match command:
        case PlaceHold():
            _must_be_theirs(account, asking, command)
            account.must_allow_debits()
            yield _place(account, command)
        case CaptureHold():
            hold = _open_hold(account, asking, command)
            account.must_allow_debits()
            yield _capture(account, hold, command)
        case ReleaseHold():
            hold = _open_hold(account, asking, command)
            yield HoldReleased(command.account_id, command.hold_id, account.held - hold.amount, command.reason)
        case _:
            assert_never(command)


def _must_be_theirs(account: Account, asking: Customer | None, command: Command) -> None:
    if asking is None:
        account.must_exist()
    else:
        account.must_belong_to(command.customer_id)
        asking.must_be_active()


def _open_hold(account: Account, asking: Customer | None, command: CaptureHold | ReleaseHold) -> Hold:
    """A hold that is over is told from one that never was: its id led to this account, so it was there."""
    if asking is not None:
        if account.customer_id != command.customer_id:
            raise not_found()
        asking.must_be_active()
    hold = next((hold for hold in account.holds if hold.hold_id == command.hold_id), None)
    if hold is None or hold.expires_at <= command.now:
        raise Refused("HOLD_NOT_OPEN", _("This hold is not open any more."))
    return hold


def not_found() -> Refused:
    """The refusal of a hold that is not there, or not theirs."""
    return Refused("HOLD_NOT_FOUND", _("There is no such hold."))


def _place(account: Account, command: PlaceHold) -> HoldPlaced:
    if command.expires_at <= command.now:
        raise Refused("EFFECTIVE_DATE_INVALID", _("A hold must expire in the future."), field="expires_at")
    must_be_an_amount(command.amount)
    account.must_afford(command.amount)
    if not fits(account.held + command.amount):
        raise out_of_range()
    return HoldPlaced(
        account_id=command.account_id,
        hold_id=command.hold_id,
        amount=command.amount,
        currency=account.currency,
        held=account.held + command.amount,
        expires_at=command.expires_at,
        reference=command.reference,
    )


def _capture(account: Account, hold: Hold, command: CaptureHold) -> HoldCaptured:
    amount = hold.amount if command.amount is None else command.amount
    must_be_an_amount(amount)
    if amount > hold.amount:
        raise Refused("CAPTURE_EXCEEDS_HOLD", _("This is more than was set aside."), field="amount")
    account.must_be_within_limits(amount, command.now)
    return HoldCaptured(
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


def answer(account: Account, _asking: Customer | None, command: Command) -> dict[str, Any]:
    """What became of it, in minor units."""
    told = {"hold_id": str(command.hold_id), **_sums(account)}
    match command:
        case CaptureHold():
            return {"entry_id": str(command.entry_id), **told}
        case PlaceHold() | ReleaseHold():
            return told
        case _:
            assert_never(command)


def _sums(account: Account) -> dict[str, Any]:
    return {
        "balance": account.balance,
        "held": account.held,
        "available": account.available,
        "currency": account.currency,
    }


def expire(account: Account, command: ExpireHolds) -> Iterator[HoldExpired]:
    """Yield the end of each hold whose time is over; refused if there is none, so that it is asked again.

    Who asks goes by a clock of their own: an acceptance, which stands for ever, could come too early by its error.
    """
    overdue, held = [hold for hold in account.holds if hold.expires_at <= command.now], account.held
    if not overdue:
        raise Refused("HOLD_NOT_OPEN", _("No open hold of this account is over."))
    for hold in overdue:
        held -= hold.amount
        yield HoldExpired(command.account_id, hold.hold_id, held)
