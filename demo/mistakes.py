"""What people of a demo world do by mistake: commands that the rules refuse, for the command store to remember."""

from datetime import timedelta

from demo.book import Step
from demo.scene import Scene


def overdraw(scene: Scene) -> Step:
    """Spend more than there is."""
    pocket = scene.person.everyday
    price = max(scene.person.country.shops, key=lambda price: price.most)
    amount = max(scene.account(pocket).available, 0) + price.draw(scene.dice)
    return scene.step(scene.withdrawal(pocket, amount, price.text), refusal="INSUFFICIENT_FUNDS")


def mistype(scene: Scene) -> Step:
    """Send money to an account that is not there."""
    favour = scene.dice.choice(scene.person.country.favours)
    amount = favour.draw(scene.dice, step=100)
    command = scene.transfer(scene.person.everyday, scene.new_id(), amount, favour.text)
    return scene.step(command, refusal="ACCOUNT_NOT_FOUND")


def mix_up(scene: Scene) -> Step | None:
    """Send money to an account in another currency."""
    recipients = scene.book.recipients
    foreign = [currency for currency in recipients if currency != scene.person.country.currency]
    if not foreign:
        return None
    target = scene.dice.choice(recipients[scene.dice.choice(foreign)])
    favour = scene.dice.choice(scene.person.country.favours)
    amount = favour.draw(scene.dice, step=100)
    command = scene.transfer(scene.person.everyday, target, amount, favour.text)
    return scene.step(command, refusal="CURRENCY_MISMATCH")


def send_to_oneself(scene: Scene) -> Step:
    """Send money to the account that it is in."""
    own = scene.person.everyday
    favour = scene.dice.choice(scene.person.country.favours)
    command = scene.transfer(own, own.account_id, favour.draw(scene.dice, step=100), favour.text)
    return scene.step(command, refusal="SAME_ACCOUNT")


def date_too_early(scene: Scene) -> Step:
    """Pay money in that was handed over before there was an account."""
    person = scene.person
    command = scene.deposit(
        person.everyday, person.wage // 10, person.country.cash, person.joined_at - timedelta(days=3)
    )
    return scene.step(command, refusal="EFFECTIVE_DATE_INVALID")


def register_again(scene: Scene) -> Step | None:
    """Forget that one is a customer already; unless one was, and is forgotten."""
    if scene.book.customer(scene.person.customer_id).erased:
        return None
    return scene.step(scene.registration(scene.new_id()), refusal="EMAIL_TAKEN")
