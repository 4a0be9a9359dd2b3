"""Stores that keep lists badly, each in one way that is seen in the field.

What goes wrong with them only between two steps is made to happen: `meanwhile` another transaction commits there.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import count
from threading import Lock
from uuid import UUID

from django.db import transaction

from eventstore import log
from tests.torture.histories.history import Append, Read, Transaction
from tests.torture.list_store import Failed, Store
from tests.torture.lists import Appended


class Broken(Store):
    """A store with a gap, in which other transactions commit."""

    def __init__(self) -> None:
        self.others: list[Transaction] = []
        self._numbers = count()

    def meanwhile(self, lists: Sequence[UUID]) -> None:
        """Another transaction appends to these lists."""
        number = next(self._numbers)
        other = Store.append(self, f"meanwhile {number}", lists, [10**9 + 16 * number], "done")
        self.others.append(other)


class WithoutLock(Broken):
    """Reads the states first, and decides and writes by them later, without a lock or an expected version.

    One append waits for the other: what comes between its read and its write is `meanwhile` alone. If several wrote at
    once, the database would end one of them now and then, as two that begin the same lists can't wait for each other.
    """

    def __init__(self) -> None:
        super().__init__()
        self._turn = Lock()

    def append(self, name: str, lists: Sequence[UUID], elements: Sequence[int], fate: str) -> Transaction:
        with self._turn:
            return self._append(name, lists, elements)

    def _append(self, name: str, lists: Sequence[UUID], elements: Sequence[int]) -> Transaction:
        seen = [(each, log.current("list", each).elements) for each in lists]
        self.meanwhile(lists)
        with transaction.atomic():
            for place, each in enumerate(lists):
                log.append("list", each, [Appended(each, element + place) for element in elements], actor="load")
        steps: list[Append | Read] = [Read(each, before) for each, before in seen]
        return Transaction(
            name, [*steps, *(Append(e, element + place) for element in elements for place, e in enumerate(lists))]
        )


class TwoStatements(Broken):
    """Reads several lists in as many statements at READ COMMITTED, where each sees a moment of its own."""

    def heads(self, lists: Sequence[UUID]) -> list[Read]:
        first = Store.heads(self, lists[:1])
        self.meanwhile(lists)
        return [*first, *Store.heads(self, lists[1:])]

    def snapshot(self) -> AbstractContextManager[None]:
        return nullcontext()


class DirtyCache(Broken):
    """Answers looks from a cache that is written before the commit, and so shows what is rolled back afterwards."""

    def __init__(self) -> None:
        super().__init__()
        self.cache: dict[UUID, tuple[int, ...]] = {}

    def append(self, name: str, lists: Sequence[UUID], elements: Sequence[int], fate: str) -> Transaction:
        for element in elements:
            for place, each in enumerate(lists):
                self.cache[each] = (*self.cache.get(each, ()), element + place)
            self.others.append(Transaction(f"{name} seen", self.heads(lists)))
        return super().append(name, lists, elements, fate)

    def heads(self, lists: Sequence[UUID]) -> list[Read]:
        return [Read(each, self.cache.get(each, ())) for each in lists]

    events = fed = heads


class TornBatch(Broken):
    """Writes each element in a transaction of its own: a look between them sees a half."""

    def append(self, name: str, lists: Sequence[UUID], elements: Sequence[int], fate: str) -> Transaction:
        parts = [Store.append(self, f"{name} {element}", lists, [element], fate) for element in elements[:1]]
        self.others.append(Transaction(f"{name} seen", Store.events(self, lists)))
        parts += [Store.append(self, f"{name} {element}", lists, [element], fate) for element in elements[1:]]
        appends = [append for part in parts for append in part.appends]
        return Transaction(name, appends, committed=fate == "done")


__all__ = ["Broken", "DirtyCache", "Failed", "TornBatch", "TwoStatements", "WithoutLock"]
