"""The table of staff actions: the subject and the form of each, and the command that it becomes.

The staff task, the policy and the side effects of a command are in `accounts.services.use_cases`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from accounts.domain import commands
from accounts.domain.account import Account
from accounts.domain.approval import OPEN
from accounts.domain.customer import Customer
from accounts.domain.events import signed_amount
from accounts.services.approvals import approval_above, is_above_limit
from accounts.services.use_cases import staff_task_for
from accounts.staff_actions import builders
from accounts.staff_actions.descriptions import DESCRIPTIONS, Describer
from accounts.staff_actions.forms import (
    AdjustmentForm,
    CaptureForm,
    EraseForm,
    FreezeForm,
    LimitsForm,
    OverdraftForm,
    ReasonForm,
    StaffActionForm,
)
from accounts.staff_actions.subjects import ApprovalState, EntryState, HoldState
from accounts.users.models import User
from accounts.users.roles import is_entitled


@dataclass(frozen=True, kw_only=True)
class StaffAction:
    """An action of staff in the admin, which becomes one command.

    `is_available` says, by the state of the subject and the actor, whether the action makes sense now. It decides what
    is offered; whether the command is accepted is for its rule. Its page describes the subject, and what the command
    changes; `previewed` builds the command whose changes are shown, if it is another one.
    """

    name: str  # in its address
    subject: str  # a key of DESCRIPTIONS: customer, account, hold, entry or approval
    title: Any
    note: Any  # the effect of the action
    form: type[StaffActionForm]
    command_class: type[Any]
    build: builders.Builder
    is_available: Callable[[Any, str], bool]
    is_grave: bool = False
    previewed: builders.Builder | None = None

    @property
    def describe(self) -> Describer:
        """The description of its subject."""
        return DESCRIPTIONS[self.subject]

    def is_permitted(self, user: User) -> bool:
        """Whether a role of the user entitles to the action."""
        return is_entitled(user, staff_task_for(self.command_class))


def _is_active(customer: Customer, _actor: str) -> bool:
    return customer.status == "active"


def _is_suspended(customer: Customer, _actor: str) -> bool:
    return customer.status == "suspended"


def _is_not_erased(customer: Customer, _actor: str) -> bool:
    return customer.status != "erased"


def _is_not_closed(account: Account, _actor: str) -> bool:
    return not account.closed


def _is_frozen(account: Account, _actor: str) -> bool:
    return account.status == "frozen"


def _may_need_approval(account: Account, _actor: str) -> bool:
    return not account.closed and approval_above(account.currency) is not None


def _is_reversible_by_one(entry: EntryState, _actor: str) -> bool:
    return entry.is_reversible and not _takes_two(entry)


def _is_reversible_by_two(entry: EntryState, _actor: str) -> bool:
    return entry.is_reversible and _takes_two(entry)


def _takes_two(entry: EntryState) -> bool:
    return is_above_limit(signed_amount(entry.record.event), entry.account.currency)


def _is_open_hold(hold: HoldState, _actor: str) -> bool:
    return hold.is_open


def _is_open_request_of_another(request: ApprovalState, actor: str) -> bool:
    return request.approval.status == OPEN and request.approval.requested_by != actor


def _is_own_open_request(request: ApprovalState, actor: str) -> bool:
    return request.approval.status == OPEN and request.approval.requested_by == actor


_ALL: Final = (
    StaffAction(
        name="suspend",
        subject="customer",
        title=_("Suspend this customer"),
        note=_("Their commands are refused from now on. They can still sign in and look, and money still arrives."),
        form=ReasonForm,
        command_class=commands.SuspendCustomer,
        build=builders.with_reason(commands.SuspendCustomer),
        is_available=_is_active,
    ),
    StaffAction(
        name="reinstate",
        subject="customer",
        title=_("Reinstate this customer"),
        note=_("Their commands are taken again."),
        form=ReasonForm,
        command_class=commands.ReinstateCustomer,
        build=builders.with_reason(commands.ReinstateCustomer),
        is_available=_is_suspended,
    ),
    StaffAction(
        name="erase",
        subject="customer",
        title=_("Erase this customer"),
        note=_("Name, e-mail and sign-in are forgotten, for good. What happened to the accounts stays in the log."),
        form=EraseForm,
        command_class=commands.EraseCustomer,
        build=builders.with_reason(commands.EraseCustomer),
        is_available=_is_not_erased,
        is_grave=True,
    ),
    StaffAction(
        name="freeze",
        subject="account",
        title=_("Freeze this account"),
        note=_("Money stays where it is until somebody unfreezes the account."),
        form=FreezeForm,
        command_class=commands.FreezeAccount,
        build=builders.freeze,
        is_available=_is_not_closed,
    ),
    StaffAction(
        name="unfreeze",
        subject="account",
        title=_("Unfreeze this account"),
        note=_("Money may move again."),
        form=ReasonForm,
        command_class=commands.UnfreezeAccount,
        build=builders.with_reason(commands.UnfreezeAccount),
        is_available=_is_frozen,
    ),
    StaffAction(
        name="overdraft",
        subject="account",
        title=_("Set the overdraft limit"),
        note=_("The account may go below zero, by no more than this."),
        form=OverdraftForm,
        command_class=commands.SetOverdraftLimit,
        build=builders.set_overdraft,
        is_available=_is_not_closed,
    ),
    StaffAction(
        name="ask-overdraft",
        subject="account",
        title=_("Ask for an overdraft limit"),
        note=_("It is set when somebody else approves."),
        form=OverdraftForm,
        command_class=commands.RequestApproval,
        build=builders.request_overdraft,
        is_available=_may_need_approval,
    ),
    StaffAction(
        name="limits",
        subject="account",
        title=_("Set the limits"),
        note=_("No more than this leaves the account at once, and on one day of its time zone."),
        form=LimitsForm,
        command_class=commands.SetLimits,
        build=builders.set_limits,
        is_available=_is_not_closed,
    ),
    StaffAction(
        name="ask-adjustment",
        subject="account",
        title=_("Ask for an adjustment of the balance"),
        note=_("The balance is corrected when somebody else approves."),
        form=AdjustmentForm,
        command_class=commands.RequestApproval,
        build=builders.request_adjustment,
        is_available=_is_not_closed,
    ),
    StaffAction(
        name="reverse",
        subject="entry",
        title=_("Reverse this entry"),
        note=_("The money goes the other way; of a transfer, on both accounts. An entry is reversed once."),
        form=ReasonForm,
        command_class=commands.ReverseEntry,
        build=builders.reverse,
        is_available=_is_reversible_by_one,
        is_grave=True,
    ),
    StaffAction(
        name="ask-reversal",
        subject="entry",
        title=_("Ask for the reversal of this entry"),
        note=_("It is reversed when somebody else approves."),
        form=ReasonForm,
        command_class=commands.RequestApproval,
        build=builders.request_reversal,
        is_available=_is_reversible_by_two,
        previewed=builders.reverse,
    ),
    StaffAction(
        name="capture",
        subject="hold",
        title=_("Capture this hold"),
        note=_("The money leaves the account; what is not taken of it is available again."),
        form=CaptureForm,
        command_class=commands.CaptureHold,
        build=builders.capture,
        is_available=_is_open_hold,
    ),
    StaffAction(
        name="release",
        subject="hold",
        title=_("Release this hold"),
        note=_("The money is available again."),
        form=ReasonForm,
        command_class=commands.ReleaseHold,
        build=builders.release,
        is_available=_is_open_hold,
    ),
    StaffAction(
        name="approve",
        subject="approval",
        title=_("Approve this request"),
        note=_("It is decided anew as things stand now, and done at once."),
        form=StaffActionForm,
        command_class=commands.Approve,
        build=builders.approve,
        is_available=_is_open_request_of_another,
    ),
    StaffAction(
        name="refuse",
        subject="approval",
        title=_("Refuse this request"),
        note=_("Nothing is done, and the request is at its end."),
        form=ReasonForm,
        command_class=commands.Refuse,
        build=builders.refuse,
        is_available=_is_open_request_of_another,
    ),
    StaffAction(
        name="withdraw",
        subject="approval",
        title=_("Withdraw this request"),
        note=_("Nothing is done, and the request is at its end."),
        form=StaffActionForm,
        command_class=commands.WithdrawRequest,
        build=builders.withdraw,
        is_available=_is_own_open_request,
    ),
)

STAFF_ACTIONS: Final[Mapping[str, StaffAction]] = {action.name: action for action in _ALL}
SUBJECTS: Final = frozenset(action.subject for action in _ALL)


def actions_on(subject: str, state: Any, user: User) -> Iterator[StaffAction]:
    """The actions that a user is entitled to and that are available in the state of a subject."""
    for action in _ALL:
        if action.subject == subject and action.is_available(state, user.actor) and action.is_permitted(user):
            yield action
