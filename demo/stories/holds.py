"""Stories of holds: placed, captured, released, expired."""

from datetime import timedelta
from uuid import UUID

from accounts.domain.commands import CaptureHold, PlaceHold, ReleaseHold
from accounts.users.roles import Role
from demo.countries import Price
from demo.people import DemoAccount
from demo.scene import Scene
from demo.simulation import Step
from demo.story import SOON, Story

DAY = timedelta(days=1)


def reserve(scene: Scene) -> Story:
    """A hold that is captured, captured in part, released or left to expire, by chance."""
    account = scene.spending_account()
    hold = _hold(scene, account, scene.dice.choice(scene.country(account).reservations))
    scene = yield scene.step(hold), scene.dice.randint(1, 6) * DAY
    ending = scene.dice.random()
    if ending < 0.4:
        yield capture(scene, hold), SOON
    elif ending < 0.7:
        yield capture(scene, hold, hold.amount * scene.dice.randint(60, 95) // 100), SOON
    elif ending < 0.85:
        yield release(scene, hold), SOON


def journey(scene: Scene) -> Story:
    """Four holds of one journey: one captured in part, one captured, one released, one that expires."""
    account, (hotel, car, dinner) = scene.person.everyday, scene.person.country.reservations
    scene = yield scene.step(scene.cash(account)), SOON
    room = _hold(scene, account, hotel)
    scene = yield scene.step(room), SOON
    rental = _hold(scene, account, car)
    scene = yield scene.step(rental), SOON
    table = _hold(scene, account, dinner)
    scene = yield scene.step(table), SOON
    scene = yield scene.step(_hold(scene, account, dinner)), DAY
    scene = yield release(scene, table, "We shall be late"), DAY
    scene = yield capture(scene, room, room.amount + 1, refusal="CAPTURE_EXCEEDS_HOLD"), SOON
    scene = yield capture(scene, room, room.amount * 4 // 5), DAY
    scene = yield capture(scene, rental), SOON
    yield capture(scene, rental, refusal="HOLD_NOT_OPEN"), SOON


def next_journey(scene: Scene) -> Story:
    """Two holds that are open today, in the person's other currency if there is one."""
    account = scene.person.for_spending[-1]
    hotel, car, *_ = scene.country(account).reservations
    scene = yield scene.step(scene.cash(account)), SOON
    scene = yield scene.step(_hold(scene, account, hotel)), SOON
    yield scene.step(_hold(scene, account, car)), SOON


def release_by_id(scene: Scene, account: DemoAccount, hold_id: UUID) -> Step:
    """The person releases a hold, named by its id."""
    return scene.step(ReleaseHold(account.account_id, scene.person.customer_id, hold_id, scene.at))


def capture(scene: Scene, hold: PlaceHold, amount: int | None = None, *, refusal: str | None = None) -> Step:
    """An operator captures a hold, in whole or in part."""
    command = CaptureHold(hold.account_id, None, hold.hold_id, scene.new_id(), scene.at, amount)
    return scene.staff_step(Role.OPERATOR, command, refusal=refusal)


def release(scene: Scene, hold: PlaceHold, reason: str = "") -> Step:
    """The person releases a hold."""
    return scene.step(ReleaseHold(hold.account_id, scene.person.customer_id, hold.hold_id, scene.at, reason))


def _hold(scene: Scene, account: DemoAccount, price: Price) -> PlaceHold:
    return scene.hold(account, scene.within(price, account), price.text)
