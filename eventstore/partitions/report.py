"""What an operator sees of the partitions: bounds, rows, bytes, and whether each is sealed, archived or elsewhere."""

from typing import NamedTuple

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Max

from eventstore.log.database import primary_rows
from eventstore.models import TreeHead
from eventstore.partitions.catalogue import Partition, partitions
from eventstore.partitions.detached import Range, ranges
from eventstore.partitions.stores import STORES


class Line(NamedTuple):
    """A partition, or a range that was detached. `rows` is an estimate, None before the first ANALYZE."""

    store: str
    name: str
    first: int | None
    end: int | None
    rows: int | None
    bytes: int
    states: list[str]
    archive: str | None


def report(connection: BaseDatabaseWrapper) -> list[Line]:
    """A line for each range that was detached, and for each partition, in order; none where there are none."""
    if connection.vendor != "postgresql":
        return []
    sealed = dict(primary_rows(TreeHead).values_list("tree").annotate(last=Max("position")))
    lines = []
    for store in STORES:
        lines += [_of_range(each) for each in ranges(connection) if each.store == store.name]
        lines += [_of_partition(each, sealed.get(store.name, 0)) for each in partitions(connection, store)]
    return lines


def _of_partition(each: Partition, sealed: int) -> Line:
    states = []
    if each.end is not None and each.end - 1 <= sealed:
        states.append("sealed")
    if each.is_being_detached:
        states.append("being detached")
    rows = None if each.rows < 0 else each.rows
    return Line(each.store.name, each.name, each.first, each.end, rows, each.bytes, states, None)


def _of_range(each: Range) -> Line:
    states = ["detached", f"archived in {each.archive}"]
    return Line(each.store, each.name, each.first, each.end, each.rows, 0, states, each.archive)
