"""The deeds: what each is called, what it is about, who may do it, and which command it becomes."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts import erasing
from accounts.approval import OPEN
from accounts.commands import EraseCustomer, ReinstateCustomer, SuspendCustomer, UnfreezeAccount
from accounts.deeds import orders
from accounts.deeds.forms import (
    AdjustmentForm,
    CaptureForm,
    DeedForm,
    FreezeForm,
    LimitsForm,
    OverdraftForm,
    ReasonForm,
)
from accounts.models import User
from accounts.roles import Task, may


@dataclass(frozen=True, kw_only=True)
class Deed:
    """Something that staff can do."""

    name: str  # in its address
    about: str  # a customer, account, hold, entry or approval
    title: Any
    note: Any  # what comes of it
    task: Task
    form: type[DeedForm]
    order: Callable[[UUID, orders.Asked, str], Any]
    alongside: Callable[[UUID], object] | None = None
    fits: Callable[[Any, str], bool] = lambda _state, _actor: True  # whether it makes sense as things stand
    is_grave: bool = False

    def is_for(self, user: User, state: Any) -> bool:
        """Whether a member of staff may do it, and whether it makes sense."""
        return may(user, self.task) and self.fits(state, user.actor)


def _takes_two(_state: Any, _actor: str) -> bool:
    return settings.APPROVAL_ABOVE is not None


_ALL: Final = (
    Deed(
        name="suspend",
        about="customer",
        title=_("Suspend this customer"),
        note=_("Their commands are refused from now on. They can still sign in and look, and money still arrives."),
        task=Task.RESTRICT,
        form=ReasonForm,
        order=lambda about, asked, _actor: SuspendCustomer(about, asked["reason"]),
        fits=lambda customer, _actor: customer.status == "active",
    ),
    Deed(
        name="reinstate",
        about="customer",
        title=_("Reinstate this customer"),
        note=_("Their commands are taken again."),
        task=Task.RESTRICT,
        form=ReasonForm,
        order=lambda about, asked, _actor: ReinstateCustomer(about, asked["reason"]),
        fits=lambda customer, _actor: customer.status == "suspended",
    ),
    Deed(
        name="erase",
        about="customer",
        title=_("Erase this customer"),
        note=_("Name, e-mail and sign-in are forgotten, for good. What happened to the accounts stays in the log."),
        task=Task.ERASE,
        form=ReasonForm,
        order=lambda about, asked, _actor: EraseCustomer(about, asked["reason"]),
        alongside=erasing.forget,
        fits=lambda customer, _actor: customer.status != "erased",
        is_grave=True,
    ),
    Deed(
        name="freeze",
        about="account",
        title=_("Freeze this account"),
        note=_("Money stays where it is until somebody unfreezes the account."),
        task=Task.RESTRICT,
        form=FreezeForm,
        order=orders.freeze,
        fits=lambda account, _actor: not account.closed,
    ),
    Deed(
        name="unfreeze",
        about="account",
        title=_("Unfreeze this account"),
        note=_("Money may move again."),
        task=Task.RESTRICT,
        form=ReasonForm,
        order=lambda about, asked, _actor: UnfreezeAccount(about, asked["reason"]),
        fits=lambda account, _actor: account.status == "frozen",
    ),
    Deed(
        name="overdraft",
        about="account",
        title=_("Set the overdraft limit"),
        note=_("The account may go below zero, by no more than this."),
        task=Task.SET_LIMITS,
        form=OverdraftForm,
        order=orders.set_overdraft,
        fits=lambda account, _actor: not account.closed,
    ),
    Deed(
        name="ask-overdraft",
        about="account",
        title=_("Ask for an overdraft limit"),
        note=_("It is set when somebody else approves."),
        task=Task.ASK_APPROVAL,
        form=OverdraftForm,
        order=orders.ask_overdraft,
        fits=lambda account, actor: not account.closed and _takes_two(account, actor),
    ),
    Deed(
        name="limits",
        about="account",
        title=_("Set the limits"),
        note=_("No more than this leaves the account at once, and on one day of its time zone."),
        task=Task.SET_LIMITS,
        form=LimitsForm,
        order=orders.set_limits,
        fits=lambda account, _actor: not account.closed,
    ),
    Deed(
        name="ask-adjustment",
        about="account",
        title=_("Ask for an adjustment of the balance"),
        note=_("The balance is corrected when somebody else approves."),
        task=Task.ASK_APPROVAL,
        form=AdjustmentForm,
        order=orders.ask_adjustment,
        fits=lambda account, _actor: not account.closed,
    ),
    Deed(
        name="reverse",
        about="entry",
        title=_("Reverse this entry"),
        note=_("The money goes the other way; of a transfer, on both accounts. An entry is reversed once."),
        task=Task.CORRECT,
        form=ReasonForm,
        order=orders.reverse,
        fits=lambda entry, _actor: entry.is_reversible,
        is_grave=True,
    ),
    Deed(
        name="ask-reversal",
        about="entry",
        title=_("Ask for the reversal of this entry"),
        note=_("It is reversed when somebody else approves."),
        task=Task.ASK_APPROVAL,
        form=ReasonForm,
        order=orders.ask_reversal,
        fits=lambda entry, actor: entry.is_reversible and _takes_two(entry, actor),
    ),
    Deed(
        name="capture",
        about="hold",
        title=_("Capture this hold"),
        note=_("The money leaves the account; what is not taken of it is available again."),
        task=Task.HANDLE_HOLDS,
        form=CaptureForm,
        order=orders.capture,
        fits=lambda hold, _actor: hold.is_open,
    ),
    Deed(
        name="release",
        about="hold",
        title=_("Release this hold"),
        note=_("The money is available again."),
        task=Task.HANDLE_HOLDS,
        form=ReasonForm,
        order=orders.release,
        fits=lambda hold, _actor: hold.is_open,
    ),
    Deed(
        name="approve",
        about="approval",
        title=_("Approve this request"),
        note=_("It is decided anew as things stand now, and done at once."),
        task=Task.APPROVE,
        form=DeedForm,
        order=orders.approve,
        fits=lambda approval, actor: approval.status == OPEN and approval.requested_by != actor,
    ),
    Deed(
        name="refuse",
        about="approval",
        title=_("Refuse this request"),
        note=_("Nothing is done, and the request is at its end."),
        task=Task.APPROVE,
        form=ReasonForm,
        order=orders.refuse,
        fits=lambda approval, actor: approval.status == OPEN and approval.requested_by != actor,
    ),
    Deed(
        name="withdraw",
        about="approval",
        title=_("Withdraw this request"),
        note=_("Nothing is done, and the request is at its end."),
        task=Task.ASK_APPROVAL,
        form=DeedForm,
        order=orders.withdraw,
        fits=lambda approval, actor: approval.status == OPEN and approval.requested_by == actor,
    ),
)

DEEDS: Final[Mapping[str, Deed]] = {deed.name: deed for deed in _ALL}
SUBJECTS: Final = frozenset(deed.about for deed in _ALL)


def deeds_about(about: str, state: Any, user: User) -> Iterator[Deed]:
    """What a member of staff can do about something, as it stands."""
    return (deed for deed in _ALL if deed.about == about and deed.is_for(user, state))
