"""Finds what a serializable store never shows, in what transactions appended to lists and read of them.

The method is Elle's (Kyle Kingsbury and Peter Alvaro, "Elle: Inferring Isolation Anomalies from Experimental
Observations", VLDB 2020), for lists that only grow: the longest read of a list tells in which order its elements came,
and so which transaction wrote before which. The names of anomalies are those of Atul Adya ("Weak Consistency", 1999).
A circle of these dependencies means that no order of the transactions explains what they saw:

    ww  one appended after the other's element     wr  one read the other's element     rw  one read before it was there

Only for transactions that read each list whole, and for lists in which each element is appended once.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from tests.torture.histories.graphs import circles, leads
from tests.torture.histories.history import Append, Element, List, Read, Transaction


class Anomaly(StrEnum):
    G0 = "G0: writes of two transactions interleave"
    G1A = "G1a: an element of a transaction that was rolled back was read"
    G1B = "G1b: the state in the middle of a transaction was read"
    G1C = "G1c: information flows in a circle"
    G_SINGLE = "G-single: a transaction saw a part of another, and a part from before it"
    G2 = "G2: transactions missed each other's writes"
    LOST_UPDATE = "lost update: a committed element is not in its list, or two followed the same state"
    DUPLICATE = "an element is in a list twice"
    INCOMPATIBLE = "two reads of a list can't follow each other"
    INTERNAL = "a transaction does not see what it wrote itself"
    GARBAGE = "an element was read that nobody wrote"


class Found(NamedTuple):
    """An anomaly, and the transactions that show it."""

    anomaly: Anomaly
    names: tuple[str, ...]


def anomalies(history: Sequence[Transaction], final: Sequence[Read] = ()) -> list[Found]:
    """All kinds of anomalies in a history, with the transactions that show them; `final` is what was left in the lists.

    An element that is missing in its list at the end is a lost update, so give `final` once all is quiet.
    """
    inferred = Inferred(history, final)
    return [*inferred.wrong_reads(), *inferred.lost(), *_circles(inferred.ww, inferred.wr, inferred.rw)]


Edges = dict[Transaction, set[Transaction]]


@dataclass
class Inferred:
    """What follows from a history: who wrote what, in which order, and who depends on whom."""

    history: Sequence[Transaction]
    final: Sequence[Read]
    writers: dict[Append, Transaction] = field(default_factory=dict)
    order: dict[List, tuple[Element, ...]] = field(default_factory=dict)
    ww: Edges = field(default_factory=lambda: defaultdict(set))
    wr: Edges = field(default_factory=lambda: defaultdict(set))
    rw: Edges = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        self.writers = {append: each for each in self.history for append in each.appends}
        self.committed = [each for each in self.history if each.committed]
        for read in [*(read for each in self.committed for read in each.reads), *self.final]:
            if len(read.elements) > len(self.order.get(read.list, ())):
                self.order[read.list] = read.elements
        self.places = {name: {element: at for at, element in enumerate(own)} for name, own in self.order.items()}
        self._depend()

    def wrong_reads(self) -> Iterator[Found]:
        """What a single read shows to be wrong."""
        for each in self.committed:
            for read in each.reads:
                yield from self._wrong_elements(each.name, read)
            yield from self._not_its_own(each)
            yield from self._in_the_middle(each)
        for read in self.final:
            yield from self._wrong_elements("the end", read)

    def lost(self) -> Iterator[Found]:
        """Committed elements that are not in their lists, and states that two transactions read and then changed."""
        ends = {read.list: set(read.elements) for read in self.final}
        for append, writer in self.writers.items():
            if writer.committed and append.list in ends and append.element not in ends[append.list]:
                yield Found(Anomaly.LOST_UPDATE, (writer.name,))
        changed: dict[Read, Transaction] = {}
        for each in self.committed:
            for read in each.outside():
                if each.last_append_to(read.list) is not None and changed.setdefault(read, each) is not each:
                    yield Found(Anomaly.LOST_UPDATE, (changed[read].name, each.name))

    def _wrong_elements(self, name: str, read: Read) -> Iterator[Found]:
        if read.elements != self.order.get(read.list, ())[: len(read.elements)]:
            yield Found(Anomaly.INCOMPATIBLE, (name,))
        if max(Counter(read.elements).values(), default=1) > 1:
            yield Found(Anomaly.DUPLICATE, (name,))
        for element in read.elements:
            writer = self.writers.get(Append(read.list, element))
            if writer is None:
                yield Found(Anomaly.GARBAGE, (name,))
            elif not writer.committed:
                yield Found(Anomaly.G1A, (writer.name, name))

    def _not_its_own(self, each: Transaction) -> Iterator[Found]:
        mine: dict[List, tuple[Element, ...]] = {}
        for step in each.steps:
            own = mine.get(step.list, ())
            if isinstance(step, Append):
                mine[step.list] = (*own, step.element)
            elif own and step.elements[-len(own) :] != own:
                yield Found(Anomaly.INTERNAL, (each.name,))

    def _in_the_middle(self, each: Transaction) -> Iterator[Found]:
        for read in each.outside():
            writer = self._writer_of_last(read)
            if writer not in (None, each) and writer and writer.last_append_to(read.list) != read.elements[-1]:
                yield Found(Anomaly.G1B, (writer.name, each.name))

    def _depend(self) -> None:
        for name, elements in self.order.items():
            for before, after in pairwise(self.writers.get(Append(name, element)) for element in elements):
                _add(self.ww, before, after)
        for each in self.committed:
            for read in each.outside():
                _add(self.wr, self._writer_of_last(read), each)
                _add(self.rw, each, self._writer_of_next(read))

    def _writer_of_last(self, read: Read) -> Transaction | None:
        return self.writers.get(Append(read.list, read.elements[-1])) if read.elements else None

    def _writer_of_next(self, read: Read) -> Transaction | None:
        """Who appended the element after those that were read."""
        order, places = self.order.get(read.list, ()), self.places.get(read.list, {})
        after = places.get(read.elements[-1], len(order)) + 1 if read.elements else 0
        return self.writers.get(Append(read.list, order[after])) if after < len(order) else None


def _add(edges: Edges, before: Transaction | None, after: Transaction | None) -> None:
    if before and after and before is not after:
        edges[before].add(after)


def _circles(ww: Edges, wr: Edges, rw: Edges) -> Iterator[Found]:
    """Circles of dependencies, each by the mildest set of edges that makes it."""
    flow = _united(ww, wr)
    for circle in circles(ww):
        yield Found(Anomaly.G0, _names(circle))
    for circle in circles(flow):
        if any(end in circle and leads(flow, end, start) for start in circle for end in wr.get(start, ())):
            yield Found(Anomaly.G1C, _names(circle))
    for circle in circles(_united(flow, rw)):
        crossings = [(start, end) for start in circle for end in rw.get(start, ()) if end in circle]
        single = [(start, end) for start, end in crossings if leads(flow, end, start)]
        for start, end in single[:1]:
            yield Found(Anomaly.G_SINGLE, (start.name, end.name))
        if crossings and not single:
            yield Found(Anomaly.G2, _names(circle))


def _united(first: Edges, second: Edges) -> Edges:
    return {each: first.get(each, set()) | second.get(each, set()) for each in [*first, *second]}


def _names(circle: set[Transaction]) -> tuple[str, ...]:
    return tuple(sorted(each.name for each in circle))
