"""Stories of approvals: one member of staff requests, another decides."""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from accounts.domain.approval import Approvable
from accounts.domain.commands import (
    AdjustBalance,
    Approve,
    Refuse,
    RequestApproval,
    ReverseEntry,
    SetOverdraftLimit,
    WithdrawRequest,
)
from accounts.domain.money import format_amount
from accounts.services.staff import SUPERUSER
from accounts.users.roles import Role
from demo.scene import Scene
from demo.stories.reversals import undo_withdrawal
from demo.story import SOON, Story

HOURS: Final = timedelta(hours=3)


def granted(scene: Scene) -> Story:
    """An approver grants an adjustment."""
    wanted = _adjustment_request(scene, Role.OPERATOR, scene.person.wage // 200, "Apology for the long wait")
    scene = yield scene.staff_step(Role.OPERATOR, wanted), HOURS
    yield scene.staff_step(Role.APPROVER, _approval(scene, wanted, Role.APPROVER)), SOON


def not_by_oneself(scene: Scene) -> Story:
    """A superuser may not approve their own request; an approver grants it."""
    wanted = _adjustment_request(scene, SUPERUSER, -(scene.person.wage // 400), "Interest that was paid twice")
    scene = yield scene.staff_step(SUPERUSER, wanted), SOON
    own = _approval(scene, wanted, SUPERUSER)
    scene = yield scene.staff_step(SUPERUSER, own, refusal="SELF_APPROVAL"), HOURS
    yield scene.staff_step(Role.APPROVER, _approval(scene, wanted, Role.APPROVER)), SOON


def refused(scene: Scene) -> Story:
    """An approver refuses an adjustment."""
    wanted = _adjustment_request(scene, Role.OPERATOR, scene.person.wage // 2, "The customer is not happy")
    scene = yield scene.staff_step(Role.OPERATOR, wanted), HOURS
    no = Refuse(wanted.approval_id, scene.simulation.staff[Role.APPROVER], "That is half a month's wage. Ask for less.")
    yield scene.staff_step(Role.APPROVER, no), SOON


def withdrawn(scene: Scene) -> Story:
    """An operator withdraws a request, so a later approval is refused."""
    wanted = _adjustment_request(scene, Role.OPERATOR, scene.person.wage // 150, "Fee that was charged by mistake")
    scene = yield scene.staff_step(Role.OPERATOR, wanted), SOON
    command = WithdrawRequest(wanted.approval_id, scene.simulation.staff[Role.OPERATOR])
    scene = yield scene.staff_step(Role.OPERATOR, command), SOON
    late = _approval(scene, wanted, Role.APPROVER)
    yield scene.staff_step(Role.APPROVER, late, refusal="APPROVAL_NOT_OPEN"), SOON


def adjustment_to_decide(scene: Scene) -> Story:
    """An adjustment that waits for its decision, in the person's own currency."""
    wanted = _adjustment_request(scene, Role.OPERATOR, scene.person.wage // 250, "Cash machine gave too little")
    yield scene.staff_step(Role.OPERATOR, wanted), SOON


def overdraft_to_decide(scene: Scene) -> Story:
    """An overdraft limit that waits for its decision."""
    limit = scene.person.wage // 2_000 * 1_000
    command = SetOverdraftLimit(scene.person.everyday.account_id, limit, "New kitchen")
    wanted = _request(scene, Role.OPERATOR, command, {"limit": _major(scene, limit)}, scene.new_id())
    yield scene.staff_step(Role.OPERATOR, wanted), SOON


def reversal_to_decide(scene: Scene) -> Story:
    """A reversal that waits for its decision, requested by the superuser, so that the approver can decide."""
    account, price = scene.person.everyday, scene.person.country.shops[-1]
    bought = scene.withdrawal(account, scene.within(price, account), price.text)
    scene = yield scene.step(bought), HOURS
    command = undo_withdrawal(scene, bought, "Never delivered")
    wanted = _request(scene, SUPERUSER, command, {"entry_id": str(bought.entry_id)}, scene.new_id())
    yield scene.staff_step(SUPERUSER, wanted), SOON


def _adjustment_request(scene: Scene, role: str, amount: int, reason: str) -> RequestApproval:
    command = AdjustBalance(
        account_id=scene.person.everyday.account_id,
        entry_id=scene.new_id(),
        amount=amount,
        reason=reason,
        approval_id=scene.new_id(),
        now=scene.at,
    )
    return _request(scene, role, command, {"amount": _major(scene, amount)}, command.approval_id)


def _request(
    scene: Scene, role: str, command: Approvable, payload: dict[str, Any], approval_id: UUID
) -> RequestApproval:
    """The request for a command, with the payload that an API client would send."""
    named = payload if isinstance(command, ReverseEntry) else {"account_id": str(command.account_id), **payload}
    return RequestApproval(
        approval_id=approval_id,
        account_id=command.account_id,
        other_account=None,
        command=type(command).__name__,
        payload=named,
        order=msgspec.to_builtins(command),
        reason=command.reason,
        requested_by=scene.simulation.staff[role],
        now=scene.at,
    )


def _approval(scene: Scene, wanted: RequestApproval, role: str) -> Approve:
    approver = scene.simulation.staff[role]
    return Approve(wanted.approval_id, wanted.account_id, wanted.other_account, approver, scene.at)


def _major(scene: Scene, amount: int) -> str:
    return format_amount(amount, scene.person.everyday.currency)
