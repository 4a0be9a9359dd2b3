"""The table of use cases: the staff task that a command takes, the policy that it has to pass, and its side effects.

Pages, API and staff actions all send their commands through this module, so none of them can forget a policy or a side
effect. Which rule decides over a command is in `accounts.domain.rules`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

from accounts.domain import commands
from accounts.services.approvals import must_not_need_approval
from accounts.services.erasure import erase_personal_data, must_have_no_open_account
from accounts.services.rails import must_have_rails
from accounts.services.security_events import record_refusal
from accounts.users.roles import StaffTask
from accounts.users.session_times import is_fresh
from accounts.users.sign_ins import ask_for_email, move_sign_in, release_sign_in
from eventstore.decider import Refused
from eventstore.decider import phrase as _
from eventstore.execute import CommandRequest, Receipt, execute_request, key_text

SideEffect = Callable[[], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCase:
    """A use case: who of the staff may send a command, the policy that it must pass, and its side effect.

    `staff_task` entitles members of staff to send it; None where only customers do. What is `grave` takes a sender who
    has proved a moment ago who they are. `policy` raises Refused before the
    command reaches the engine, so that nothing is stored. `side_effect` gives the function that runs in the command's
    transaction after its events, or None; that function may raise Refused too, which is stored. `condition` raises that
    refusal beforehand, for pages that
    show what a command would do.
    """

    staff_task: StaffTask | None = None
    grave: bool = False
    policy: Callable[[Any], None] | None = None
    side_effect: Callable[[Any], SideEffect | None] | None = None
    condition: Callable[[Any], None] | None = None


def _wish_for_email(command: commands.UpdateCustomerDetails) -> SideEffect | None:
    return partial(ask_for_email, command.email, command.customer_id) if isinstance(command.email, str) else None


def _change_of_sign_in(command: commands.ChangeEmail) -> SideEffect | None:
    return partial(move_sign_in, command.email, command.customer_id) if isinstance(command.email, str) else None


def _release_of_sign_in(command: commands.ReleaseEmail) -> SideEffect | None:
    return partial(release_sign_in, command.email, command.customer_id) if isinstance(command.email, str) else None


def _erasure(command: commands.EraseCustomer) -> SideEffect:
    return partial(erase_personal_data, command.customer_id)


def _may_be_erased(command: commands.EraseCustomer) -> None:
    must_have_no_open_account(command.customer_id)


USE_CASES: Final[Mapping[type[Any], UseCase]] = {
    commands.UpdateCustomerDetails: UseCase(side_effect=_wish_for_email),
    commands.ChangeEmail: UseCase(side_effect=_change_of_sign_in),
    commands.ReleaseEmail: UseCase(side_effect=_release_of_sign_in),
    commands.SuspendCustomer: UseCase(staff_task=StaffTask.RESTRICT),
    commands.ReinstateCustomer: UseCase(staff_task=StaffTask.RESTRICT),
    commands.EraseCustomer: UseCase(
        staff_task=StaffTask.ERASE, grave=True, side_effect=_erasure, condition=_may_be_erased
    ),
    commands.OpenAccount: UseCase(staff_task=StaffTask.OPEN_ACCOUNTS),
    commands.Deposit: UseCase(policy=must_have_rails),
    commands.Withdraw: UseCase(policy=must_have_rails),
    commands.PlaceHold: UseCase(staff_task=StaffTask.HANDLE_HOLDS),
    commands.CaptureHold: UseCase(staff_task=StaffTask.HANDLE_HOLDS),
    commands.ReleaseHold: UseCase(staff_task=StaffTask.HANDLE_HOLDS),
    commands.ReverseEntry: UseCase(staff_task=StaffTask.CORRECT, policy=must_not_need_approval),
    commands.SetOverdraftLimit: UseCase(staff_task=StaffTask.SET_LIMITS, policy=must_not_need_approval),
    commands.SetLimits: UseCase(staff_task=StaffTask.SET_LIMITS),
    commands.FreezeAccount: UseCase(staff_task=StaffTask.RESTRICT),
    commands.UnfreezeAccount: UseCase(staff_task=StaffTask.RESTRICT),
    commands.RequestApproval: UseCase(staff_task=StaffTask.REQUEST_APPROVAL, grave=True),
    commands.Approve: UseCase(staff_task=StaffTask.APPROVE, grave=True),
    commands.Refuse: UseCase(staff_task=StaffTask.APPROVE),
    commands.WithdrawRequest: UseCase(staff_task=StaffTask.REQUEST_APPROVAL),
}
_PLAIN: Final = UseCase()  # a customer's command that takes no more than `execute`


def staff_task_for(command_class: type[Any]) -> StaffTask:
    """The task that entitles a member of staff to send a command; raises LookupError for customers' commands."""
    task = USE_CASES.get(command_class, _PLAIN).staff_task
    if task is None:
        raise LookupError(f"Staff don't send {command_class.__name__}. Name its staff task in USE_CASES if they do.")
    return task


def is_grave(command_class: type[Any]) -> bool:
    """Whether a command takes a fresh sign-in."""
    return USE_CASES.get(command_class, _PLAIN).grave


def command_request(
    command: Any,
    key: str | UUID,
    *,
    actor: str,
    proved_at: datetime | None = None,
    fingerprint: str | None = None,
    dry_run: bool = False,
) -> CommandRequest:
    """The request to the engine that sends a command, with its side effects; raises Refused by its policy.

    `proved_at` is when the sender last proved who they are; a grave command is refused SIGN_IN_AGAIN if that was long
    ago, or never. The other arguments are those of `eventstore.execute.execute`.
    """
    use_case = USE_CASES.get(type(command), _PLAIN)
    with record_refusal(command, actor):
        if use_case.grave and not is_fresh(proved_at):
            raise Refused(
                "SIGN_IN_AGAIN", _("You signed in too long ago for this. Please sign in again, then repeat it.")
            )
        if use_case.policy:
            use_case.policy(command)
    return CommandRequest(
        command=command,
        key=key_text(key),
        actor=actor,
        fingerprint_source=fingerprint,
        effective_at=getattr(command, "effective_at", None),
        in_transaction=use_case.side_effect(command) if use_case.side_effect else None,
        dry_run=dry_run,
    )


def send_command(command: Any, key: str | UUID, *, actor: str, **options: Any) -> Receipt:
    """Executes the `command_request` of a command, with its options."""
    return execute_request(command_request(command, key, actor=actor, **options))


def must_be_in_order(command: Any, *, is_approved: bool = False) -> None:
    """Raises Refused as the policy of a command, unless it is approved, and its side effect would."""
    use_case = USE_CASES.get(type(command), _PLAIN)
    for check in (None if is_approved else use_case.policy, use_case.condition):
        if check:
            check(command)
