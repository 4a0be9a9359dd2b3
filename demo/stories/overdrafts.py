"""Stories of overdrafts."""

from accounts.domain.commands import SetOverdraftLimit
from accounts.users.roles import Role
from demo.scene import Scene
from demo.story import SOON, Story


def overdraft(scene: Scene) -> Story:
    """An overdraft limit is granted and used; it can't be lowered below its usage."""
    account = scene.person.everyday
    limit = scene.person.wage // 4 // 1_000 * 1_000
    allowed = SetOverdraftLimit(account.account_id, limit, "Regular wages")
    scene = yield scene.staff_step(Role.OPERATOR, allowed), SOON
    scene = yield scene.step(scene.withdrawal(account, _down_to(scene, -limit // 2), _text(scene))), SOON
    less = SetOverdraftLimit(account.account_id, limit // 10, "Review of all overdrafts")
    yield scene.staff_step(Role.OPERATOR, less, refusal="OVERDRAFT_BELOW_USAGE"), SOON


def overdrawn(scene: Scene) -> Story:
    """The customer's last withdrawal leaves the account overdrawn."""
    account = scene.person.everyday
    amount = _down_to(scene, -scene.state_of(account).overdraft_limit * 7 // 10)
    if amount > 0:
        yield scene.step(scene.withdrawal(account, amount, _text(scene))), SOON


def _down_to(scene: Scene, balance: int) -> int:
    """The amount to withdraw so that `balance` remains beside what is held, in minor units."""
    account = scene.state_of(scene.person.everyday)
    return account.balance - account.held - balance


def _text(scene: Scene) -> str:
    return scene.person.country.reservations[1].text
