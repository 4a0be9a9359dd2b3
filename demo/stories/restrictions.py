"""Stories of what staff do not allow: freezes, limits, suspensions."""

from datetime import timedelta

from accounts.domain.account import ALL, DEBITS
from accounts.domain.commands import FreezeAccount, ReinstateCustomer, SetLimits, SuspendCustomer, UnfreezeAccount
from accounts.users.roles import Role
from demo.book import Step
from demo.scene import Scene
from demo.story import SOON, Story


def frozen_for_a_while(scene: Scene) -> Story:
    """A card is lost, and found."""
    account_id = scene.person.everyday.account_id
    scene = yield _support(scene, FreezeAccount(account_id, DEBITS, ""), refusal="REASON_REQUIRED"), SOON
    scene = yield _support(scene, FreezeAccount(account_id, DEBITS, "Card reported lost")), SOON
    scene = yield _buy(scene, refusal="ACCOUNT_FROZEN"), timedelta(days=3)
    yield _support(scene, UnfreezeAccount(account_id, "Card found under the sofa")), SOON


def frozen_for_debits(scene: Scene) -> Story:
    """Nothing leaves an account from now on; money still arrives."""
    account_id = scene.person.everyday.account_id
    scene = yield _support(scene, FreezeAccount(account_id, DEBITS, "Unusual payments, under review")), SOON
    yield _buy(scene, refusal="ACCOUNT_FROZEN"), SOON


def frozen_for_all(scene: Scene) -> Story:
    """First nothing leaves an account, then nothing moves any more."""
    person = scene.person
    account_id = person.everyday.account_id
    scene = yield _support(scene, FreezeAccount(account_id, DEBITS, "Reported by another bank")), timedelta(hours=2)
    scene = yield _support(scene, FreezeAccount(account_id, ALL, "Court order")), SOON
    cash = scene.deposit(person.everyday, person.wage // 10, person.country.cash)
    yield scene.step(cash, refusal="ACCOUNT_FROZEN"), SOON


def limited(scene: Scene) -> Story:
    """No more than so much may leave an account at once, and on one day."""
    pocket, price = scene.person.everyday, scene.person.country.shops[0]
    limit = scene.person.rent * 6 // 5
    scene = yield scene.step(scene.cash(pocket)), SOON
    limits = SetLimits(pocket.account_id, per_entry=limit, daily_out=limit, reason="As the customer asked on the phone")
    scene = yield scene.staff_step(Role.OPERATOR, limits), SOON
    at_once = scene.withdrawal(pocket, limit + 1, price.text)
    scene = yield scene.step(at_once, refusal="LIMIT_EXCEEDED"), SOON
    scene = yield scene.step(scene.withdrawal(pocket, scene.within(price, pocket), price.text)), SOON
    today = scene.withdrawal(pocket, limit, price.text)
    scene = yield scene.step(today, refusal="LIMIT_EXCEEDED"), timedelta(days=2)
    more = SetLimits(pocket.account_id, per_entry=None, daily_out=limit * 2, reason="Moving house")
    yield scene.staff_step(Role.OPERATOR, more), SOON


def suspended_for_a_while(scene: Scene) -> Story:
    """Nobody listens to a customer, until they show who they are."""
    customer_id = scene.person.customer_id
    scene = yield _support(scene, SuspendCustomer(customer_id, "Proof of identity has expired")), SOON
    scene = yield _buy(scene, refusal="CUSTOMER_SUSPENDED"), timedelta(days=5)
    yield _support(scene, ReinstateCustomer(customer_id, "New proof of identity")), SOON


def suspended(scene: Scene) -> Story:
    """Nobody listens to a customer from now on."""
    command = SuspendCustomer(scene.person.customer_id, "Does not answer our letters")
    scene = yield _support(scene, command), SOON
    yield _buy(scene, refusal="CUSTOMER_SUSPENDED"), SOON


def _buy(scene: Scene, *, refusal: str) -> Step:
    """The person finds out."""
    pocket, price = scene.person.everyday, scene.person.country.shops[0]
    return scene.step(scene.withdrawal(pocket, price.draw(scene.dice), price.text), refusal=refusal)


def _support(
    scene: Scene,
    command: FreezeAccount | UnfreezeAccount | SuspendCustomer | ReinstateCustomer,
    *,
    refusal: str | None = None,
) -> Step:
    return scene.staff_step(Role.SUPPORT, command, refusal=refusal)
