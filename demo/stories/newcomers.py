"""The story of a new customer who makes mistakes."""

from accounts.domain.commands import RenameAccount, UpdateCustomerDetails
from demo import mistakes
from demo.countries import countries
from demo.scene import Scene
from demo.story import SOON, Story


def settling_in(scene: Scene) -> Story:
    """A new customer makes each mistake once, renames an account, and moves."""
    person = scene.person
    scene = yield mistakes.mistype(scene), SOON
    scene = yield mistakes.send_to_oneself(scene), SOON
    scene = yield mistakes.date_too_early(scene), SOON
    scene = yield mistakes.overdraw(scene), SOON
    for mistake in (mistakes.mix_up, mistakes.register_again):
        if step := mistake(scene):
            scene = yield step, SOON
    savings = person.savings
    scene = yield scene.step(RenameAccount(savings.account_id, person.customer_id, f"{savings.label} ★")), SOON
    elsewhere = scene.dice.choice([c for c in countries().values() if c.timezone != person.country.timezone])
    yield scene.step(UpdateCustomerDetails(person.customer_id, timezone=elsewhere.timezone)), SOON
