"""Stories of closed accounts and erased customers."""

from datetime import timedelta

from accounts.domain.commands import CloseAccount, EraseCustomer, ReleaseEmail, SuspendCustomer
from accounts.users.roles import Role
from demo.people import DemoAccount
from demo.scene import Scene
from demo.simulation import Step
from demo.stories.holds import release_by_id
from demo.story import SOON, Story

AT_ONCE = timedelta(0)


def closing(scene: Scene) -> Story:
    """The savings account can't be closed with money in it, only by sweeping the money to another account."""
    person = scene.person
    saved, saving = person.savings, person.country.saving
    put_aside = scene.transfer(person.everyday, saved.account_id, scene.within(saving, person.everyday), saving.text)
    scene = yield scene.step(put_aside), SOON
    scene = yield scene.step(_closing(scene, saved), refusal="ACCOUNT_NOT_EMPTY"), SOON
    scene = yield scene.step(_closing(scene, saved, sweep_to=person.everyday)), timedelta(days=1)
    late = scene.transfer(person.everyday, saved.account_id, saving.least, saving.text)
    yield scene.step(late, refusal="ACCOUNT_CLOSED"), SOON


def leaving(scene: Scene) -> Story:
    """A customer whose e-mail was somebody else's, who took it back, closes all accounts and is erased."""
    taken_back = ReleaseEmail(scene.person.customer_id, scene.person.email)
    scene = yield scene.step(taken_back), timedelta(hours=5)
    wish = "Asked to be forgotten"
    scene = yield _erase(scene, wish, refusal="CUSTOMER_HAS_ACCOUNTS"), SOON
    for account in scene.person.accounts:
        for hold in scene.state_of(account).holds:
            scene = yield release_by_id(scene, account, hold.hold_id), AT_ONCE
        if balance := scene.state_of(account).balance:
            scene = yield scene.step(scene.withdrawal(account, balance, "Good-bye")), AT_ONCE
        scene = yield scene.step(_closing(scene, account)), AT_ONCE
    scene = yield _erase(scene, wish), timedelta(days=2)
    late = SuspendCustomer(scene.person.customer_id, "Does not answer our letters")
    yield scene.staff_step(Role.SUPPORT, late, refusal="CUSTOMER_NOT_FOUND"), SOON


def _closing(scene: Scene, account: DemoAccount, sweep_to: DemoAccount | None = None) -> CloseAccount:
    return CloseAccount(
        account_id=account.account_id,
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
