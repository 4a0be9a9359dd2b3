"""Stories of restrictions by staff: freezes, limits, suspensions."""

from datetime import timedelta

from accounts.domain.account import ALL, DEBITS
from accounts.domain.commands import FreezeAccount, ReinstateCustomer, SetLimits, SuspendCustomer, UnfreezeAccount
from accounts.users.roles import Role
from demo.scene import Scene
from demo.simulation import Step
from demo.story import SOON, Story


def frozen_for_a_while(scene: Scene) -> Story:
    """An account is frozen for debits, and unfrozen three days later."""
    account_id = scene.person.everyday.account_id
    scene = yield _support(scene, FreezeAccount(account_id, DEBITS, ""), refusal="REASON_REQUIRED"), SOON
    scene = yield _support(scene, FreezeAccount(account_id, DEBITS, "Card reported lost")), SOON
    scene = yield _buy(scene, refusal="ACCOUNT_FROZEN"), timedelta(days=3)
    yield _support(scene, UnfreezeAccount(account_id, "Card found under the sofa")), SOON


def frozen_for_debits(scene: Scene) -> Story:
    """An account stays frozen for debits."""
    account_id = scene.person.everyday.account_id
    scene = yield _support(scene, FreezeAccount(account_id, DEBITS, "Unusual payments, under review")), SOON
    yield _buy(scene, refusal="ACCOUNT_FROZEN"), SOON


def frozen_for_all(scene: Scene) -> Story:
    """A freeze of debits becomes a freeze of all movements."""
    person = scene.person
    account_id = person.everyday.account_id
    scene = yield _support(scene, FreezeAccount(account_id, DEBITS, "Reported by another bank")), timedelta(hours=2)
    scene = yield _support(scene, FreezeAccount(account_id, ALL, "Court order")), SOON
    cash = scene.deposit(person.everyday, person.wage // 10, person.country.cash)
    yield scene.step(cash, refusal="ACCOUNT_FROZEN"), SOON


def limited(scene: Scene) -> Story:
    """Limits for one entry and for one day refuse withdrawals; later they change."""
    account, price = scene.person.everyday, scene.person.country.shops[0]
    limit = scene.person.rent * 6 // 5
    scene = yield scene.step(scene.cash(account)), SOON
    limits = SetLimits(
        account.account_id, per_entry=limit, daily_out=limit, reason="As the customer asked on the phone"
    )
    scene = yield scene.staff_step(Role.OPERATOR, limits), SOON
    at_once = scene.withdrawal(account, limit + 1, price.text)
    scene = yield scene.step(at_once, refusal="LIMIT_EXCEEDED"), SOON
    scene = yield scene.step(scene.withdrawal(account, scene.within(price, account), price.text)), SOON
    today = scene.withdrawal(account, limit, price.text)
    scene = yield scene.step(today, refusal="LIMIT_EXCEEDED"), timedelta(days=2)
    more = SetLimits(account.account_id, per_entry=None, daily_out=limit * 2, reason="Moving house")
    yield scene.staff_step(Role.OPERATOR, more), SOON


def suspended_for_a_while(scene: Scene) -> Story:
    """A customer is suspended, and reinstated five days later."""
    customer_id = scene.person.customer_id
    scene = yield _support(scene, SuspendCustomer(customer_id, "Proof of identity has expired")), SOON
    scene = yield _buy(scene, refusal="CUSTOMER_SUSPENDED"), timedelta(days=5)
    yield _support(scene, ReinstateCustomer(customer_id, "New proof of identity")), SOON


def suspended(scene: Scene) -> Story:
    """A customer stays suspended."""
    command = SuspendCustomer(scene.person.customer_id, "Does not answer our letters")
    scene = yield _support(scene, command), SOON
    yield _buy(scene, refusal="CUSTOMER_SUSPENDED"), SOON


def _buy(scene: Scene, *, refusal: str) -> Step:
    """The person tries a withdrawal that is refused."""
    account, price = scene.person.everyday, scene.person.country.shops[0]
    return scene.step(scene.withdrawal(account, price.draw(scene.dice), price.text), refusal=refusal)


def _support(
    scene: Scene,
    command: FreezeAccount | UnfreezeAccount | SuspendCustomer | ReinstateCustomer,
    *,
    refusal: str | None = None,
) -> Step:
    return scene.staff_step(Role.SUPPORT, command, refusal=refusal)
