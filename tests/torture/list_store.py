"""Lists kept by the engine, and the load that many threads put on them. `broken_stores` keeps them badly."""

import random
from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any
from uuid import UUID, uuid5

from eventstore import feed, log
from eventstore.archive import cut
from eventstore.execute import execute
from tests.torture.histories.anomalies import Found, anomalies
from tests.torture.histories.history import Append, Read, Transaction
from tests.torture.lists import AppendToOne, AppendToThree, AppendToTwo
from tests.torture.threads import at_once

THREADS, LISTS, TURNS = 6, 4, 12
NAMESPACE = UUID(int=15)


class Failed(Exception):
    """What a transaction is rolled back with, after its events were written."""


class Store:
    """The engine: commands over one to three lists, and three ways to look at several."""

    start = 0  # the position after which the lists of this round begin

    def append(self, name: str, lists: Sequence[UUID], elements: Sequence[int], fate: str) -> Transaction:
        """Append to lists and read them; by its fate the command is done, refused, or fails when all is written."""
        order = order_for(lists, elements, refuse=fate == "refused")
        appends = [Append(each, element + place) for element in elements for place, each in enumerate(lists)]
        try:
            receipt = execute(order, name, actor="load", in_transaction=self.fail if fate == "failed" else None)
        except Failed:
            return Transaction(name, appends, committed=False)
        if not receipt.accepted:
            return Transaction(name, appends, committed=False)
        return Transaction(name, [*appends, *map(Read, lists, map(tuple, receipt.answer["lists"]))])

    def fail(self) -> None:
        """Roll back, after the events were written."""
        raise Failed

    def heads(self, lists: Sequence[UUID]) -> list[Read]:
        """The states that the next decision would see, in one snapshot."""
        with self.snapshot():
            return [Read(each, log.current("list", each).elements) for each in lists]

    def events(self, lists: Sequence[UUID]) -> list[Read]:
        """The events of several streams, in one query."""
        found = log.read_streams(lists)
        return [Read(each, tuple(record.event.element for record in found.get(each, []))) for each in lists]

    def fed(self, lists: Sequence[UUID]) -> list[Read]:
        """What the feed shows up to the mark, which may lie between two events of a command: less what was parted."""
        mark = feed.advance(timeout=0)
        with self.snapshot():
            whole = cut.consistent(mark)
            records = feed.read(self.start, limit=100_000, to=whole.position)
        return [Read(each, tuple(r.event.element for r in records if r.stream_id == each)) for each in lists]

    def snapshot(self) -> AbstractContextManager[None]:
        """One snapshot for several statements."""
        return log.snapshot()


def order_for(
    lists: Sequence[UUID], elements: Sequence[int], *, refuse: bool
) -> AppendToOne | AppendToTwo | AppendToThree:
    """The command that appends to one, two or three lists."""
    kinds: tuple[Any, ...] = (AppendToOne, AppendToTwo, AppendToThree)
    order: AppendToOne | AppendToTwo | AppendToThree = kinds[len(lists) - 1](*lists, tuple(elements), refuse)
    return order


class Load:
    """A round of transactions on lists of its own, by many threads at once."""

    def __init__(self, store: Store, number: int) -> None:
        self.store, self.number = store, number
        self.lists = [uuid5(NAMESPACE, f"{number} {place}") for place in range(LISTS)]

    def run(self) -> list[Found]:
        """What is wrong with what all threads saw."""
        self.store.start = feed.advance().position
        threads = at_once([partial(self._turns, thread) for thread in range(THREADS)])
        self.history = [each for thread in threads for each in thread]
        return anomalies(self.history, Store().events(self.lists))

    def _turns(self, thread: int) -> list[Transaction]:
        chance = random.Random(f"{self.number} {thread}")
        return [self._turn(thread, turn, chance) for turn in range(TURNS)]

    def _turn(self, thread: int, turn: int, chance: random.Random) -> Transaction:
        """One transaction: mostly a command, which appends nothing, once, or twice; else a look."""
        name = f"{self.number}-{thread}-{turn}"
        if chance.random() < 0.3:
            look = chance.choice([self.store.heads, self.store.events, self.store.fed])
            return Transaction(f"{name} {look.__name__}", look(chance.sample(self.lists, 3)))
        lists = chance.sample(self.lists, chance.randint(1, 3))
        first = 16 * (1_000 * thread + turn)  # room for the lists, and for two elements in each
        elements = [first + 4 * place for place in range(chance.choice([0, 1, 1, 2]))]
        fate = chance.choice(["done"] * 8 + ["refused", "failed"])
        return self.store.append(name, lists, elements, fate)
