"""Mistakes of the demo world: actions whose commands the rules refuse; the command store keeps the refusals."""

from datetime import timedelta

from demo.scene import Scene
from demo.simulation import Step


def overdraw(scene: Scene) -> Step:
    """The person withdraws more than is available."""
    account = scene.person.everyday
    price = max(scene.person.country.shops, key=lambda price: price.most)
    amount = max(scene.state_of(account).available, 0) + price.draw(scene.dice)
    return scene.step(scene.withdrawal(account, amount, price.text), refusal="INSUFFICIENT_FUNDS")


def mistype(scene: Scene) -> Step:
    """The person sends money to an account that does not exist."""
    favour = scene.dice.choice(scene.person.country.favours)
    amount = favour.draw(scene.dice, step=100)
    command = scene.transfer(scene.person.everyday, scene.new_id(), amount, favour.text)
    return scene.step(command, refusal="ACCOUNT_NOT_FOUND")


def mix_up(scene: Scene) -> Step | None:
    """The person sends money to an account in another currency."""
    recipients = scene.simulation.recipients
    foreign = [currency for currency in recipients if currency != scene.person.country.currency]
    if not foreign:
        return None
    target = scene.dice.choice(recipients[scene.dice.choice(foreign)])
    favour = scene.dice.choice(scene.person.country.favours)
    amount = favour.draw(scene.dice, step=100)
    command = scene.transfer(scene.person.everyday, target, amount, favour.text)
    return scene.step(command, refusal="CURRENCY_MISMATCH")


def send_to_oneself(scene: Scene) -> Step:
    """The person sends money to the same account."""
    own = scene.person.everyday
    favour = scene.dice.choice(scene.person.country.favours)
    command = scene.transfer(own, own.account_id, favour.draw(scene.dice, step=100), favour.text)
    return scene.step(command, refusal="SAME_ACCOUNT")


def date_too_early(scene: Scene) -> Step:
    """The person deposits with an effective date before the opening of the account."""
    person = scene.person
    command = scene.deposit(
        person.everyday, person.wage // 10, person.country.cash, person.joined_at - timedelta(days=3)
    )
    return scene.step(command, refusal="EFFECTIVE_DATE_INVALID")


def register_again(scene: Scene) -> Step | None:
    """The person registers a second time; an erased customer does not."""
    if scene.simulation.customer(scene.person.customer_id).erased:
        return None
    return scene.step(scene.registration(scene.new_id()), refusal="EMAIL_TAKEN")
