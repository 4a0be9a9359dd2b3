"""Stories of money that is set aside: by hotels, for cars, and what becomes of it."""

from datetime import timedelta
from uuid import UUID

from accounts.domain.commands import CaptureHold, PlaceHold, ReleaseHold
from accounts.users.roles import Role
from demo.book import Step
from demo.countries import Price
from demo.people import Pocket
from demo.scene import Scene
from demo.story import SOON, Story

DAY = timedelta(days=1)


def reserve(scene: Scene) -> Story:
    """Somebody reserves something; what comes of it is left to chance."""
    pocket = scene.pocket()
    hold = _hold(scene, pocket, scene.dice.choice(scene.country(pocket).reservations))
    scene = yield scene.step(hold), scene.dice.randint(1, 6) * DAY
    ending = scene.dice.random()
    if ending < 0.4:
        yield capture(scene, hold), SOON
    elif ending < 0.7:
        yield capture(scene, hold, hold.amount * scene.dice.randint(60, 95) // 100), SOON
    elif ending < 0.85:
        yield release(scene, hold), SOON


def journey(scene: Scene) -> Story:
    """A hotel that charges less than it set aside, a car, a dinner that is called off, and what nobody came for."""
    pocket, (hotel, car, dinner) = scene.person.everyday, scene.person.country.reservations
    scene = yield scene.step(scene.cash(pocket)), SOON
    room = _hold(scene, pocket, hotel)
    scene = yield scene.step(room), SOON
    rental = _hold(scene, pocket, car)
    scene = yield scene.step(rental), SOON
    table = _hold(scene, pocket, dinner)
    scene = yield scene.step(table), SOON
    scene = yield scene.step(_hold(scene, pocket, dinner)), DAY
    scene = yield release(scene, table, "We shall be late"), DAY
    scene = yield capture(scene, room, room.amount + 1, refusal="CAPTURE_EXCEEDS_HOLD"), SOON
    scene = yield capture(scene, room, room.amount * 4 // 5), DAY
    scene = yield capture(scene, rental), SOON
    yield capture(scene, rental, refusal="HOLD_NOT_OPEN"), SOON


def next_journey(scene: Scene) -> Story:
    """Money that is still set aside today, in the person's other currency if there is one."""
    pocket = scene.person.for_spending[-1]
    hotel, car, *_ = scene.country(pocket).reservations
    scene = yield scene.step(scene.cash(pocket)), SOON
    scene = yield scene.step(_hold(scene, pocket, hotel)), SOON
    yield scene.step(_hold(scene, pocket, car)), SOON


def let_go_of(scene: Scene, pocket: Pocket, hold_id: UUID) -> Step:
    """Release whatever it was."""
    return scene.step(ReleaseHold(pocket.account_id, scene.person.customer_id, hold_id, scene.at))


def capture(scene: Scene, hold: PlaceHold, amount: int | None = None, *, refusal: str | None = None) -> Step:
    """The bank pays whom it was set aside for."""
    command = CaptureHold(hold.account_id, None, hold.hold_id, scene.new_id(), scene.at, amount)
    return scene.staff_step(Role.OPERATOR, command, refusal=refusal)


def release(scene: Scene, hold: PlaceHold, reason: str = "") -> Step:
    """The person does without."""
    return scene.step(ReleaseHold(hold.account_id, scene.person.customer_id, hold.hold_id, scene.at, reason))


def _hold(scene: Scene, pocket: Pocket, price: Price) -> PlaceHold:
    return scene.hold(pocket, scene.within(price, pocket), price.text)
