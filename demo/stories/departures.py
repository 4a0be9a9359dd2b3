"""Stories of what comes to its end: accounts, and people who are customers no more."""

from datetime import timedelta

from accounts.domain.commands import CloseAccount, EraseCustomer, SuspendCustomer
from accounts.users.roles import Role
from demo.book import Step
from demo.people import Pocket
from demo.scene import Scene
from demo.stories.holds import let_go_of
from demo.story import SOON, Story

AT_ONCE = timedelta(0)


def closing(scene: Scene) -> Story:
    """Savings are closed: not while there is money in them, but by sweeping it to another account."""
    person = scene.person
    saved, saving = person.savings, person.country.saving
    put_aside = scene.transfer(person.everyday, saved.account_id, scene.within(saving, person.everyday), saving.text)
    scene = yield scene.step(put_aside), SOON
    scene = yield scene.step(_closing(scene, saved), refusal="ACCOUNT_NOT_EMPTY"), SOON
    scene = yield scene.step(_closing(scene, saved, sweep_to=person.everyday)), timedelta(days=1)
    late = scene.transfer(person.everyday, saved.account_id, saving.least, saving.text)
    yield scene.step(late, refusal="ACCOUNT_CLOSED"), SOON


def leaving(scene: Scene) -> Story:
    """Somebody wants to be forgotten, and is, once nothing of theirs is left here."""
    wish = "Asked to be forgotten"
    scene = yield _erase(scene, wish, refusal="CUSTOMER_HAS_ACCOUNTS"), SOON
    for pocket in scene.person.pockets:
        for hold in scene.account(pocket).holds:
            scene = yield let_go_of(scene, pocket, hold.hold_id), AT_ONCE
        if balance := scene.account(pocket).balance:
            scene = yield scene.step(scene.withdrawal(pocket, balance, "Good-bye")), AT_ONCE
        scene = yield scene.step(_closing(scene, pocket)), AT_ONCE
    scene = yield _erase(scene, wish), timedelta(days=2)
    late = SuspendCustomer(scene.person.customer_id, "Does not answer our letters")
    yield scene.staff_step(Role.SUPPORT, late, refusal="CUSTOMER_NOT_FOUND"), SOON


def _closing(scene: Scene, pocket: Pocket, sweep_to: Pocket | None = None) -> CloseAccount:
    return CloseAccount(
        account_id=pocket.account_id,
        customer_id=scene.person.customer_id,
        transfer_id=scene.new_id(),
        sent_entry_id=scene.new_id(),
        received_entry_id=scene.new_id(),
        now=scene.at,
        reason="No longer needed",
        sweep_to=sweep_to.account_id if sweep_to else None,
    )


def _erase(scene: Scene, reason: str, *, refusal: str | None = None) -> Step:
    command = EraseCustomer(scene.person.customer_id, reason)
    return scene.staff_step(Role.OPERATOR, command, refusal=refusal)
