"""What people of a demo world do: each act is one command, such as a person would send it."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from accounts.domain.commands import ExpireHolds, OpenAccount, UpdateCustomerDetails
from demo.book import Step
from demo.countries import countries
from demo.people import Pocket
from demo.scene import Act, Scene

BANK: Final = "system"  # wages and interest are paid in by the bank, not by those whom they are for
CLOCK: Final = "system:expire_holds"  # `run_due`, as it calls itself for this task


# Once ---------------------------------------------------------------------------------------------


def register(scene: Scene) -> Step:
    """Become a customer."""
    return scene.step(scene.registration(scene.person.customer_id))


def opening(pocket: Pocket) -> Act:
    """The act of opening one account."""

    def open_account(scene: Scene) -> Step:
        owner = scene.person.customer_id
        return scene.step(OpenAccount(pocket.account_id, owner, pocket.currency, now=scene.at, label=pocket.label))

    return open_account


def paying_into(pocket: Pocket) -> Act:
    """The act of paying cash into one account."""
    return lambda scene: _cash(scene, pocket)


# Each month ---------------------------------------------------------------------------------------


def wage(scene: Scene) -> Step:
    """The employer pays."""
    text = scene.dated(scene.person.country.wage.text)
    return scene.step(scene.deposit(scene.person.everyday, scene.person.wage, text), actor=BANK)


def interest(scene: Scene) -> Step:
    """The bank pays for what was saved."""
    return scene.step(scene.deposit(scene.person.savings, scene.person.wage // 700, "Interest"), actor=BANK)


def rent(scene: Scene) -> Step:
    """A home costs money."""
    text = scene.dated(scene.person.country.rent.text)
    return _spend(scene, scene.person.everyday, scene.person.rent, text)


def bill(number: int) -> Act:
    """The act of paying one of the month's bills."""

    def pay(scene: Scene) -> Step:
        price = scene.person.country.bills[number]
        return _spend(scene, scene.person.everyday, price.draw(scene.dice), price.text)

    return pay


def save(scene: Scene) -> Step | None:
    """Put something aside, if there is enough."""
    person, price = scene.person, scene.person.country.saving
    amount = price.draw(scene.dice, step=500)
    if not scene.has(amount, person.everyday):
        return None
    return scene.step(scene.transfer(person.everyday, person.savings.account_id, amount, price.text))


# Now and then -------------------------------------------------------------------------------------


def shop(scene: Scene) -> Step:
    """Buy something, at home or on a journey."""
    pocket = scene.pocket()
    shops = scene.country(pocket).shops
    price = shops[int(len(shops) * scene.dice.random() ** 2)]  # the first ones far more often than the last
    return _spend(scene, pocket, price.draw(scene.dice), price.text)


def send(scene: Scene) -> Step:
    """Send money to somebody with an account in the same currency; or go shopping, if nobody is found."""
    pocket = scene.pocket()
    target = scene.stranger(pocket.currency)
    if target is None:
        return shop(scene)
    favour = scene.dice.choice(scene.country(pocket).favours)
    amount = favour.draw(scene.dice, step=100)
    if not scene.has(amount, pocket):
        return _cash(scene, pocket)
    return scene.step(scene.transfer(pocket, target, amount, favour.text))


def pay_in(scene: Scene) -> Step:
    """Pay cash in."""
    return _cash(scene, scene.person.everyday)


def move(scene: Scene) -> Step:
    """Move to another country, and tell the bank."""
    country = scene.dice.choice(list(countries().values()))
    return scene.step(UpdateCustomerDetails(scene.person.customer_id, timezone=country.timezone))


# Not by people ------------------------------------------------------------------------------------


def expiring(account_id: UUID) -> Act:
    """The act of releasing what nobody came for in time; nothing to do if somebody did."""

    def expire(scene: Scene) -> Step | None:
        holds = scene.book.account(account_id).holds
        if all(hold.expires_at > scene.at for hold in holds):
            return None
        return scene.step(ExpireHolds(account_id, scene.at), actor=CLOCK)

    return expire


def _spend(scene: Scene, pocket: Pocket, amount: int, text: str) -> Step:
    """Pay for something; or, where there is not enough for it, pay cash in for the next time."""
    if not scene.has(amount, pocket):
        return _cash(scene, pocket)
    return scene.step(scene.withdrawal(pocket, amount, text))


def _cash(scene: Scene, pocket: Pocket) -> Step:
    """Cash that is paid in; now and then it was handed over a day or more ago, and counts from then."""
    person, dice = scene.person, scene.dice
    earlier = scene.at - timedelta(hours=dice.randint(20, 70))
    is_late = dice.random() < 0.1 and earlier > person.joined_at + timedelta(days=1)
    amount = person.wage // 3 // 500 * 500
    effective_at = earlier if is_late else None
    return scene.step(scene.deposit(pocket, amount, person.country.cash, effective_at))
