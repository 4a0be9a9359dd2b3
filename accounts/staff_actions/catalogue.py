"""The staff actions: what each is called, what it is about, who may do it, and which command it becomes."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.domain.approval import OPEN
from accounts.domain.commands import EraseCustomer, ReinstateCustomer, SuspendCustomer, UnfreezeAccount
from accounts.services import erasure
from accounts.staff_actions import commands
from accounts.staff_actions.forms import (
    AdjustmentForm,
    CaptureForm,
    FreezeForm,
    LimitsForm,
    OverdraftForm,
    ReasonForm,
    StaffActionForm,
)
from accounts.users.models import User
from accounts.users.roles import StaffTask, may


@dataclass(frozen=True, kw_only=True)
class StaffAction:
    """Something that staff can do."""

    name: str  # in its address
    about: str  # a customer, account, hold, entry or approval
    title: Any
    note: Any  # what comes of it
    task: StaffTask
    form: type[StaffActionForm]
    command: Callable[[UUID, commands.FormData, str], Any]
    in_transaction: Callable[[UUID], object] | None = None
    fits: Callable[[Any, str], bool] = lambda _state, _actor: True  # whether it makes sense as things stand
    is_grave: bool = False

    def is_for(self, user: User, state: Any) -> bool:
        """Whether a member of staff may do it, and whether it makes sense."""
        return may(user, self.task) and self.fits(state, user.actor)


def _needs_approval(_state: Any, _actor: str) -> bool:
    return settings.APPROVAL_ABOVE is not None


_ALL: Final = (
    StaffAction(
        name="suspend",
        about="customer",
        title=_("Suspend this customer"),
        note=_("Their commands are refused from now on. They can still sign in and look, and money still arrives."),
        task=StaffTask.RESTRICT,
        form=ReasonForm,
        command=lambda about, data, _actor: SuspendCustomer(about, data["reason"]),
        fits=lambda customer, _actor: customer.status == "active",
    ),
    StaffAction(
        name="reinstate",
        about="customer",
        title=_("Reinstate this customer"),
        note=_("Their commands are taken again."),
        task=StaffTask.RESTRICT,
        form=ReasonForm,
        command=lambda about, data, _actor: ReinstateCustomer(about, data["reason"]),
        fits=lambda customer, _actor: customer.status == "suspended",
    ),
    StaffAction(
        name="erase",
        about="customer",
        title=_("Erase this customer"),
        note=_("Name, e-mail and sign-in are forgotten, for good. What happened to the accounts stays in the log."),
        task=StaffTask.ERASE,
        form=ReasonForm,
        command=lambda about, data, _actor: EraseCustomer(about, data["reason"]),
        in_transaction=erasure.erase_personal_data,
        fits=lambda customer, _actor: customer.status != "erased",
        is_grave=True,
    ),
    StaffAction(
        name="freeze",
        about="account",
        title=_("Freeze this account"),
        note=_("Money stays where it is until somebody unfreezes the account."),
        task=StaffTask.RESTRICT,
        form=FreezeForm,
        command=commands.freeze,
        fits=lambda account, _actor: not account.closed,
    ),
    StaffAction(
        name="unfreeze",
        about="account",
        title=_("Unfreeze this account"),
        note=_("Money may move again."),
        task=StaffTask.RESTRICT,
        form=ReasonForm,
        command=lambda about, data, _actor: UnfreezeAccount(about, data["reason"]),
        fits=lambda account, _actor: account.status == "frozen",
    ),
    StaffAction(
        name="overdraft",
        about="account",
        title=_("Set the overdraft limit"),
        note=_("The account may go below zero, by no more than this."),
        task=StaffTask.SET_LIMITS,
        form=OverdraftForm,
        command=commands.set_overdraft,
        fits=lambda account, _actor: not account.closed,
    ),
    StaffAction(
        name="ask-overdraft",
        about="account",
        title=_("Ask for an overdraft limit"),
        note=_("It is set when somebody else approves."),
        task=StaffTask.ASK_APPROVAL,
        form=OverdraftForm,
        command=commands.ask_overdraft,
        fits=lambda account, actor: not account.closed and _needs_approval(account, actor),
    ),
    StaffAction(
        name="limits",
        about="account",
        title=_("Set the limits"),
        note=_("No more than this leaves the account at once, and on one day of its time zone."),
        task=StaffTask.SET_LIMITS,
        form=LimitsForm,
        command=commands.set_limits,
        fits=lambda account, _actor: not account.closed,
    ),
    StaffAction(
        name="ask-adjustment",
        about="account",
        title=_("Ask for an adjustment of the balance"),
        note=_("The balance is corrected when somebody else approves."),
        task=StaffTask.ASK_APPROVAL,
        form=AdjustmentForm,
        command=commands.ask_adjustment,
        fits=lambda account, _actor: not account.closed,
    ),
    StaffAction(
        name="reverse",
        about="entry",
        title=_("Reverse this entry"),
        note=_("The money goes the other way; of a transfer, on both accounts. An entry is reversed once."),
        task=StaffTask.CORRECT,
        form=ReasonForm,
        command=commands.reverse,
        fits=lambda entry, _actor: entry.is_reversible,
        is_grave=True,
    ),
    StaffAction(
        name="ask-reversal",
        about="entry",
        title=_("Ask for the reversal of this entry"),
        note=_("It is reversed when somebody else approves."),
        task=StaffTask.ASK_APPROVAL,
        form=ReasonForm,
        command=commands.ask_reversal,
        fits=lambda entry, actor: entry.is_reversible and _needs_approval(entry, actor),
    ),
    StaffAction(
        name="capture",
        about="hold",
        title=_("Capture this hold"),
        note=_("The money leaves the account; what is not taken of it is available again."),
        task=StaffTask.HANDLE_HOLDS,
        form=CaptureForm,
        command=commands.capture,
        fits=lambda hold, _actor: hold.is_open,
    ),
    StaffAction(
        name="release",
        about="hold",
        title=_("Release this hold"),
        note=_("The money is available again."),
        task=StaffTask.HANDLE_HOLDS,
        form=ReasonForm,
        command=commands.release,
        fits=lambda hold, _actor: hold.is_open,
    ),
    StaffAction(
        name="approve",
        about="approval",
        title=_("Approve this request"),
        note=_("It is decided anew as things stand now, and done at once."),
        task=StaffTask.APPROVE,
        form=StaffActionForm,
        command=commands.approve,
        fits=lambda approval, actor: approval.status == OPEN and approval.requested_by != actor,
    ),
    StaffAction(
        name="refuse",
        about="approval",
        title=_("Refuse this request"),
        note=_("Nothing is done, and the request is at its end."),
        task=StaffTask.APPROVE,
        form=ReasonForm,
        command=commands.refuse,
        fits=lambda approval, actor: approval.status == OPEN and approval.requested_by != actor,
    ),
    StaffAction(
        name="withdraw",
        about="approval",
        title=_("Withdraw this request"),
        note=_("Nothing is done, and the request is at its end."),
        task=StaffTask.ASK_APPROVAL,
        form=StaffActionForm,
        command=commands.withdraw,
        fits=lambda approval, actor: approval.status == OPEN and approval.requested_by == actor,
    ),
)

STAFF_ACTIONS: Final[Mapping[str, StaffAction]] = {action.name: action for action in _ALL}
SUBJECTS: Final = frozenset(action.about for action in _ALL)


def actions_about(about: str, state: Any, user: User) -> Iterator[StaffAction]:
    """What a member of staff can do about something, as it stands."""
    return (action for action in _ALL if action.about == about and action.is_for(user, state))
