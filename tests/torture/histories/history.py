"""Histories: what transactions appended to lists and read of them, and how they ended."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

List = Hashable  # what names a list
Element = Hashable


class Append(NamedTuple):
    """An element was put at the end of a list; no other transaction puts the same one there."""

    list: List
    element: Element


class Read(NamedTuple):
    """A list was read, with all its elements."""

    list: List
    elements: tuple[Element, ...]


@dataclass(frozen=True, eq=False)
class Transaction:
    """What one transaction did, in its order; of one that was rolled back, what it tried to append."""

    name: str
    steps: Sequence[Append | Read]
    committed: bool = True

    @property
    def appends(self) -> list[Append]:
        return [step for step in self.steps if isinstance(step, Append)]

    @property
    def reads(self) -> list[Read]:
        return [step for step in self.steps if isinstance(step, Read)]

    def last_append_to(self, name: List) -> Element | None:
        """The last element that it puts into a list: what it puts there before, nobody else may see as the last."""
        own = [append.element for append in self.appends if append.list == name]
        return own[-1] if own else None

    def outside(self) -> list[Read]:
        """Of its reads, the parts that others wrote: without what it had appended itself before."""
        seen: list[Read] = []
        mine: dict[List, int] = {}
        for step in self.steps:
            if isinstance(step, Append):
                mine[step.list] = mine.get(step.list, 0) + 1
            else:
                own = mine.get(step.list, 0)
                seen.append(Read(step.list, step.elements[: len(step.elements) - own]))
        return seen
