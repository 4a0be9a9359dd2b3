"""The table of use cases: the staff task that a command takes, the policy that it has to pass, and its side effects.

Pages, API and staff actions all send their commands through this module, so none of them can forget a policy or a side
effect. Which rule decides over a command is in `accounts.domain.rules`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from uuid import UUID

from accounts.domain import commands
from accounts.services.approvals import must_not_need_approval
from accounts.services.erasure import erase_personal_data
from accounts.services.rails import must_have_rails
from accounts.users.roles import StaffTask
from accounts.users.sign_ins import move_sign_in
from eventstore.execute import CommandRequest, Receipt, execute_request

SideEffect = Callable[[], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCase:
    """A use case: who of the staff may send a command, the policy that it must pass, and its side effect.

    `staff_task` entitles members of staff to send it; None where only customers do. `policy` raises Refused before the
    command reaches the engine, so that nothing is stored. `side_effect` gives the function that runs in the command's
    transaction after its events, or None; that function may raise Refused too, which is stored.
    """

    staff_task: StaffTask | None = None
    policy: Callable[[Any], None] | None = None
    side_effect: Callable[[Any], SideEffect | None] | None = None


def _change_of_sign_in(command: commands.UpdateCustomerDetails) -> SideEffect | None:
    return partial(move_sign_in, command.email, command.customer_id) if isinstance(command.email, str) else None


def _erasure(command: commands.EraseCustomer) -> SideEffect:
    return partial(erase_personal_data, command.customer_id)


USE_CASES: Final[Mapping[type[Any], UseCase]] = {
    commands.UpdateCustomerDetails: UseCase(side_effect=_change_of_sign_in),
    commands.SuspendCustomer: UseCase(staff_task=StaffTask.RESTRICT),
    commands.ReinstateCustomer: UseCase(staff_task=StaffTask.RESTRICT),
    commands.EraseCustomer: UseCase(staff_task=StaffTask.ERASE, side_effect=_erasure),
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
    commands.RequestApproval: UseCase(staff_task=StaffTask.REQUEST_APPROVAL),
    commands.Approve: UseCase(staff_task=StaffTask.APPROVE),
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


def command_request(
    command: Any, key: str | UUID, *, actor: str, fingerprint: str | None = None, dry_run: bool = False
) -> CommandRequest:
    """The request to the engine that sends a command, with its side effects; raises Refused by its policy.

    The other arguments are those of `eventstore.execute.execute`.
    """
    use_case = USE_CASES.get(type(command), _PLAIN)
    if use_case.policy:
        use_case.policy(command)
    return CommandRequest(
        command=command,
        key=str(key),
        actor=actor,
        fingerprint_source=fingerprint,
        effective_at=getattr(command, "effective_at", None),
        in_transaction=use_case.side_effect(command) if use_case.side_effect else None,
        dry_run=dry_run,
    )


def send_command(
    command: Any, key: str | UUID, *, actor: str, fingerprint: str | None = None, dry_run: bool = False
) -> Receipt:
    """Executes the `command_request` of a command."""
    return execute_request(command_request(command, key, actor=actor, fingerprint=fingerprint, dry_run=dry_run))
