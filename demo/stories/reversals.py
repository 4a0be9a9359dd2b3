"""Stories of reversals by staff."""

from datetime import timedelta

from accounts.domain.commands import Leg, ReverseEntry, Transfer, Withdraw
from accounts.domain.events import EntryReversed, MoneyWithdrawn, TransferSent
from accounts.users.roles import Role
from demo.scene import Scene
from demo.simulation import Step
from demo.story import SOON, Story
from eventstore.messages import type_of

A_DAY = timedelta(days=1)


def charged_twice(scene: Scene) -> Story:
    """A double charge is reversed once; reversing it again, or reversing the reversal, is refused."""
    account, price = scene.person.everyday, scene.person.country.shops[1]
    amount = scene.within(price, account)
    scene = yield scene.step(scene.withdrawal(account, amount, price.text)), timedelta(seconds=9)
    twin = scene.withdrawal(account, amount, price.text)
    scene = yield scene.step(twin), A_DAY
    reversal = undo_withdrawal(scene, twin, "Charged twice by the shop")
    scene = yield _operator(scene, reversal), SOON
    again = undo_withdrawal(scene, twin, "Charged twice by the shop")
    scene = yield _operator(scene, again, refusal="ALREADY_REVERSED"), SOON
    back = undo_reversal(scene, reversal, "Reversed the wrong one?")
    yield _operator(scene, back, refusal="REVERSAL_NOT_REVERSIBLE"), SOON


def sent_to_a_stranger(scene: Scene) -> Story:
    """A transfer to the wrong person is reversed on both accounts."""
    account = scene.person.everyday
    stranger, favour = scene.recipient(account.currency), scene.person.country.favours[0]
    if stranger is None:
        return
    sent = scene.transfer(account, stranger, scene.within(favour, account), favour.text)
    scene = yield scene.step(sent), SOON
    yield _operator(scene, undo_transfer(scene, sent, "Sent to the wrong person, who agrees")), SOON


def undo_withdrawal(scene: Scene, made: Withdraw, reason: str) -> ReverseEntry:
    """The command that reverses a withdrawal."""
    leg = Leg(made.account_id, made.entry_id, -made.amount, scene.new_id())
    return _reversal(scene, leg, type_of(MoneyWithdrawn).name, reason)


def undo_reversal(scene: Scene, made: ReverseEntry, reason: str) -> ReverseEntry:
    """The command that would reverse a reversal, which the rules refuse."""
    leg = Leg(made.account_id, made.leg.undone_by, -made.leg.amount, scene.new_id())
    return _reversal(scene, leg, type_of(EntryReversed).name, reason)


def undo_transfer(scene: Scene, made: Transfer, reason: str) -> ReverseEntry:
    """The command that reverses both legs of a transfer."""
    return ReverseEntry(
        account_id=made.from_account,
        other_account=made.to_account,
        leg=Leg(made.from_account, made.sent_entry_id, -made.amount, scene.new_id()),
        other_leg=Leg(made.to_account, made.received_entry_id, made.amount, scene.new_id()),
        transfer_id=made.transfer_id,
        event=type_of(TransferSent).name,
        reason=reason,
        now=scene.at,
    )


def _reversal(scene: Scene, leg: Leg, event: str, reason: str) -> ReverseEntry:
    return ReverseEntry(
        account_id=leg.account_id,
        other_account=None,
        leg=leg,
        other_leg=None,
        transfer_id=None,
        event=event,
        reason=reason,
        now=scene.at,
    )


def _operator(scene: Scene, command: ReverseEntry, *, refusal: str | None = None) -> Step:
    return scene.staff_step(Role.OPERATOR, command, refusal=refusal)
