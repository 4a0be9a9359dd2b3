"""Actions of the demo world: each makes one command, as a customer, the bank or `run_due` would send it."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from accounts.domain.commands import ExpireHolds, OpenAccount, UpdateCustomerDetails
from demo.countries import countries
from demo.people import DemoAccount
from demo.scene import Action, Scene
from demo.simulation import Step

BANK: Final = "system"  # the actor that pays in wages and interest: the bank, not the customer
CLOCK: Final = "system:expire_holds"  # the actor of the due task that expires holds


# Once ---------------------------------------------------------------------------------------------


def register(scene: Scene) -> Step:
    """The person registers as a customer."""
    return scene.step(scene.registration(scene.person.customer_id))


def opening(account: DemoAccount) -> Action:
    """An action: the person opens an account."""

    def open_account(scene: Scene) -> Step:
        owner = scene.person.customer_id
        return scene.step(OpenAccount(account.account_id, owner, account.currency, now=scene.at, label=account.label))

    return open_account


def paying_into(account: DemoAccount) -> Action:
    """An action: the person pays cash into an account."""
    return lambda scene: _cash(scene, account)


# Each month ---------------------------------------------------------------------------------------


def wage(scene: Scene) -> Step:
    """The bank pays in the person's monthly wage."""
    text = scene.dated(scene.person.country.wage.text)
    return scene.step(scene.deposit(scene.person.everyday, scene.person.wage, text), actor=BANK)


def interest(scene: Scene) -> Step:
    """The bank pays interest on the savings account."""
    return scene.step(scene.deposit(scene.person.savings, scene.person.wage // 700, "Interest"), actor=BANK)


def rent(scene: Scene) -> Step:
    """The person pays the monthly rent."""
    text = scene.dated(scene.person.country.rent.text)
    return _spend(scene, scene.person.everyday, scene.person.rent, text)


def bill(number: int) -> Action:
    """An action: the person pays one of the month's bills."""

    def pay(scene: Scene) -> Step:
        price = scene.person.country.bills[number]
        return _spend(scene, scene.person.everyday, price.draw(scene.dice), price.text)

    return pay


def save(scene: Scene) -> Step | None:
    """The person transfers money to the savings account, if enough is available."""
    person, price = scene.person, scene.person.country.saving
    amount = price.draw(scene.dice, step=500)
    if not scene.has(amount, person.everyday):
        return None
    return scene.step(scene.transfer(person.everyday, person.savings.account_id, amount, price.text))


# Now and then -------------------------------------------------------------------------------------


def shop(scene: Scene) -> Step:
    """The person buys something, sometimes in another currency."""
    account = scene.spending_account()
    shops = scene.country(account).shops
    price = shops[int(len(shops) * scene.dice.random() ** 2)]  # the first ones far more often than the last
    return _spend(scene, account, price.draw(scene.dice), price.text)


def send(scene: Scene) -> Step:
    """The person sends money to another customer with the same currency; without one, goes shopping."""
    account = scene.spending_account()
    target = scene.recipient(account.currency)
    if target is None:
        return shop(scene)
    favour = scene.dice.choice(scene.country(account).favours)
    amount = favour.draw(scene.dice, step=100)
    if not scene.has(amount, account):
        return _cash(scene, account)
    return scene.step(scene.transfer(account, target, amount, favour.text))


def pay_in(scene: Scene) -> Step:
    """The person pays in cash."""
    return _cash(scene, scene.person.everyday)


def move(scene: Scene) -> Step:
    """The person moves to another time zone, and updates their details."""
    country = scene.dice.choice(list(countries().values()))
    return scene.step(UpdateCustomerDetails(scene.person.customer_id, timezone=country.timezone))


# By the system ------------------------------------------------------------------------------------


def expiring(account_id: UUID) -> Action:
    """An action: `run_due` expires the account's overdue holds; none are overdue if all were captured or released."""

    def expire(scene: Scene) -> Step | None:
        holds = scene.simulation.account(account_id).holds
        if all(hold.expires_at > scene.at for hold in holds):
            return None
        return scene.step(ExpireHolds(account_id, scene.at), actor=CLOCK)

    return expire


def _spend(scene: Scene, account: DemoAccount, amount: int, text: str) -> Step:
    """Withdraws an amount; where too little is available, pays in cash instead."""
    if not scene.has(amount, account):
        return _cash(scene, account)
    return scene.step(scene.withdrawal(account, amount, text))


def _cash(scene: Scene, account: DemoAccount) -> Step:
    """Deposits cash; one deposit in ten is backdated by a day or more."""
    person, dice = scene.person, scene.dice
    earlier = scene.at - timedelta(hours=dice.randint(20, 70))
    is_late = dice.random() < 0.1 and earlier > person.joined_at + timedelta(days=1)
    amount = person.wage // 3 // 500 * 500
    effective_at = earlier if is_late else None
    return scene.step(scene.deposit(account, amount, person.country.cash, effective_at))
