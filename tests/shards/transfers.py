"""Transfers between shards: each step is an ordinary command on one shard, and any of them may be sent again.

No transaction spans two shards. A transfer passes through the in-transit account that each shard's house has:

1. hold: on the source, the money goes from the sender to the in-transit account, and is held there, in one transaction;
2. credit: on the target, it goes from the in-transit account, which may be overdrawn, to the recipient;
3. capture: on the source, the hold is captured, and the money leaves the shard;
4. settle: on the target, it arrives in the in-transit account.

If the credit is refused, the hold is released and the money goes back. What is to be done stands in the stream of the
source's in-transit account, so whoever goes on needs no memory of its own. The owner of an account can't reach a hold
that is not on it, and the overdraft limit of an in-transit account bounds what one shard may owe to the others.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

from django.utils import timezone

from accounts.domain.commands import CaptureHold, Deposit, PlaceHold, ReleaseHold, Transfer
from accounts.domain.events import HoldPlaced
from eventstore import log
from eventstore.execute import CommandRequest, Receipt, execute_many

ACTOR = "system:shards"
OUTLIVES = timedelta(days=3650)  # a hold that expired would give back what may have been credited

Reached = Callable[[str], object]

present: ContextVar[str] = ContextVar("the shard of the present block", default="default")


class Router:
    """Everything is in the shard of the present block."""

    def db_for_read(self, model: object, **hints: Any) -> str:
        return present.get()

    db_for_write = db_for_read

    def allow_relation(self, one: object, other: object, **hints: Any) -> bool:
        return True


@dataclass(frozen=True)
class Shard:
    """A database with a log of its own, and the in-transit account of its house."""

    alias: str
    house: UUID
    transit: UUID

    @contextmanager
    def open(self) -> Iterator[None]:
        """Within the block, this shard is the log."""
        token = present.set(self.alias)
        try:
            with log.in_database(self.alias):
                yield
        finally:
            present.reset(token)


@dataclass(frozen=True)
class Order:
    """A transfer between shards, as the reference of its hold tells it."""

    transfer_id: UUID
    amount: int
    target: str
    from_account: UUID
    to_account: UUID

    @property
    def reference(self) -> str:
        return f"{self.target} {self.from_account} {self.to_account}"

    @classmethod
    def of(cls, hold: HoldPlaced) -> "Order":
        target, source_account, target_account = hold.reference.split()
        return cls(hold.hold_id, hold.amount, target, UUID(source_account), UUID(target_account))


def hold(source: Shard, order: Order, sender: UUID) -> None:
    """Take the money from the sender, and hold it; raises BatchRefused, and then nothing has happened."""
    now = timezone.now()
    _send(
        source,
        order,
        "hold",
        _transfer(order, "sent", sender, order.from_account, source.transit),
        PlaceHold(source.transit, None, order.transfer_id, order.amount, now, now + OUTLIVES, order.reference),
    )


def go_on(source: Shard, shards: dict[str, Shard], reached: Reached = lambda _: None) -> None:
    """Do what is left to do of all transfers that a shard has begun."""
    with source.open():
        holds = [each.event for each in log.read_stream(source.transit) if isinstance(each.event, HoldPlaced)]
    for each in holds:
        order = Order.of(each)
        if credit(shards[order.target], order).accepted:
            reached("credit")
            capture(source, order)
            reached("capture")
            settle(shards[order.target], order)
            reached("settle")
        else:
            give_back(source, order)


def credit(target: Shard, order: Order) -> Receipt:
    """Give the money to the recipient; a refusal is stored, so it stays one."""
    order_there = _transfer(order, "credited", target.house, target.transit, order.to_account)
    return _send(target, order, "credit", order_there, atomic=False)[0]


def capture(source: Shard, order: Order) -> None:
    """Let the money leave the source."""
    entry = uuid5(order.transfer_id, "captured")
    _send(source, order, "capture", CaptureHold(source.transit, None, order.transfer_id, entry, timezone.now()))


def settle(target: Shard, order: Order) -> None:
    """Let the money arrive in the target."""
    entry = uuid5(order.transfer_id, "settled")
    _send(target, order, "settle", Deposit(target.transit, target.house, entry, order.amount, timezone.now()))


def give_back(source: Shard, order: Order) -> None:
    """Release the hold, and give the money back to the sender."""
    _send(
        source,
        order,
        "give back",
        ReleaseHold(source.transit, None, order.transfer_id, timezone.now(), "refused"),
        _transfer(order, "given back", source.house, source.transit, order.from_account),
    )


def _transfer(order: Order, step: str, owner: UUID, source: UUID, target: UUID) -> Transfer:
    ids = [uuid5(order.transfer_id, f"{step} {part}") for part in ("transfer", "from", "to")]
    return Transfer(ids[0], owner, source, target, ids[1], ids[2], order.amount, timezone.now(), "between shards")


def _send(shard: Shard, order: Order, step: str, *commands: Any, atomic: bool = True) -> list[Receipt]:
    """Execute the commands of a step in one transaction of one shard; sent again, they have the same keys."""
    keys = [f"{order.transfer_id} {step} {number}" for number in range(len(commands))]
    with shard.open():
        return execute_many(
            [
                CommandRequest(command=command, key=key, actor=ACTOR, fingerprint_source=key)
                for command, key in zip(commands, keys, strict=True)
            ],
            atomic=atomic,
        )
