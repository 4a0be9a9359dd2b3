"""Stories of what takes two people: one member of staff asks, another one decides."""

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
    """A customer waited too long, and is given something for it."""
    wanted = _adjusting(scene, Role.OPERATOR, scene.person.wage // 200, "Apology for the long wait")
    scene = yield scene.staff_step(Role.OPERATOR, wanted), HOURS
    yield scene.staff_step(Role.APPROVER, _approval(scene, wanted, Role.APPROVER)), SOON


def not_by_oneself(scene: Scene) -> Story:
    """Not even a superuser decides over what they asked for themselves."""
    wanted = _adjusting(scene, SUPERUSER, -(scene.person.wage // 400), "Interest that was paid twice")
    scene = yield scene.staff_step(SUPERUSER, wanted), SOON
    own = _approval(scene, wanted, SUPERUSER)
    scene = yield scene.staff_step(SUPERUSER, own, refusal="SELF_APPROVAL"), HOURS
    yield scene.staff_step(Role.APPROVER, _approval(scene, wanted, Role.APPROVER)), SOON


def refused(scene: Scene) -> Story:
    """A second person disagrees."""
    wanted = _adjusting(scene, Role.OPERATOR, scene.person.wage // 2, "The customer is not happy")
    scene = yield scene.staff_step(Role.OPERATOR, wanted), HOURS
    no = Refuse(wanted.approval_id, scene.book.staff[Role.APPROVER], "That is half a month's wage. Ask for less.")
    yield scene.staff_step(Role.APPROVER, no), SOON


def withdrawn(scene: Scene) -> Story:
    """Who asked thinks better of it, and then it is too late to agree."""
    wanted = _adjusting(scene, Role.OPERATOR, scene.person.wage // 150, "Fee that was charged by mistake")
    scene = yield scene.staff_step(Role.OPERATOR, wanted), SOON
    command = WithdrawRequest(wanted.approval_id, scene.book.staff[Role.OPERATOR])
    scene = yield scene.staff_step(Role.OPERATOR, command), SOON
    late = _approval(scene, wanted, Role.APPROVER)
    yield scene.staff_step(Role.APPROVER, late, refusal="APPROVAL_NOT_OPEN"), SOON


def adjustment_to_decide(scene: Scene) -> Story:
    """A request that waits for its decision, in the person's own currency."""
    wanted = _adjusting(scene, Role.OPERATOR, scene.person.wage // 250, "Cash machine gave too little")
    yield scene.staff_step(Role.OPERATOR, wanted), SOON


def overdraft_to_decide(scene: Scene) -> Story:
    """Likewise, for an overdraft."""
    limit = scene.person.wage // 2_000 * 1_000
    order = SetOverdraftLimit(scene.person.everyday.account_id, limit, "New kitchen")
    wanted = _request(scene, Role.OPERATOR, order, {"limit": _major(scene, limit)}, scene.new_id())
    yield scene.staff_step(Role.OPERATOR, wanted), SOON


def reversal_to_decide(scene: Scene) -> Story:
    """Likewise, for a purchase that never arrived; asked for by the superuser, so for the approver to decide."""
    pocket, price = scene.person.everyday, scene.person.country.shops[-1]
    bought = scene.withdrawal(pocket, scene.within(price, pocket), price.text)
    scene = yield scene.step(bought), HOURS
    order = undo_withdrawal(scene, bought, "Never delivered")
    wanted = _request(scene, SUPERUSER, order, {"entry_id": str(bought.entry_id)}, scene.new_id())
    yield scene.staff_step(SUPERUSER, wanted), SOON


def _adjusting(scene: Scene, role: str, amount: int, reason: str) -> RequestApproval:
    order = AdjustBalance(
        account_id=scene.person.everyday.account_id,
        entry_id=scene.new_id(),
        amount=amount,
        reason=reason,
        approval_id=scene.new_id(),
        now=scene.at,
    )
    return _request(scene, role, order, {"amount": _major(scene, amount)}, order.approval_id)


def _request(scene: Scene, role: str, order: Approvable, payload: dict[str, Any], approval_id: UUID) -> RequestApproval:
    """The request for an order, put as a client of the API puts it."""
    named = payload if isinstance(order, ReverseEntry) else {"account_id": str(order.account_id), **payload}
    return RequestApproval(
        approval_id=approval_id,
        account_id=order.account_id,
        other_account=None,
        command=type(order).__name__,
        payload=named,
        order=msgspec.to_builtins(order),
        reason=order.reason,
        requested_by=scene.book.staff[role],
        now=scene.at,
    )


def _approval(scene: Scene, wanted: RequestApproval, role: str) -> Approve:
    approver = scene.book.staff[role]
    return Approve(wanted.approval_id, wanted.account_id, wanted.other_account, approver, scene.at)


def _major(scene: Scene, amount: int) -> str:
    return format_amount(amount, scene.person.everyday.currency)
