"""Stories of accounts that may go below zero."""

from accounts.domain.commands import SetOverdraftLimit
from accounts.users.roles import Role
from demo.scene import Scene
from demo.story import SOON, Story


def overdraft(scene: Scene) -> Story:
    """The bank lets a customer owe it something, and can't take back what is in use."""
    pocket = scene.person.everyday
    limit = scene.person.wage // 4 // 1_000 * 1_000
    allowed = SetOverdraftLimit(pocket.account_id, limit, "Regular wages")
    scene = yield scene.staff_step(Role.OPERATOR, allowed), SOON
    scene = yield scene.step(scene.withdrawal(pocket, _down_to(scene, -limit // 2), _text(scene))), SOON
    less = SetOverdraftLimit(pocket.account_id, limit // 10, "Review of all overdrafts")
    yield scene.staff_step(Role.OPERATOR, less, refusal="OVERDRAFT_BELOW_USAGE"), SOON


def overdrawn(scene: Scene) -> Story:
    """The last thing that the history tells of a customer: something expensive, for which there was not enough."""
    pocket = scene.person.everyday
    amount = _down_to(scene, -scene.account(pocket).overdraft_limit * 7 // 10)
    if amount > 0:
        yield scene.step(scene.withdrawal(pocket, amount, _text(scene))), SOON


def _down_to(scene: Scene, balance: int) -> int:
    """What to spend so that this is left, apart from what is set aside."""
    account = scene.account(scene.person.everyday)
    return account.balance - account.held - balance


def _text(scene: Scene) -> str:
    return scene.person.country.reservations[1].text
