"""Replay of the log into tables, read page by page and once for several projections: for rebuild, drift and as_of."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from eventstore import feed, models
from eventstore.log.database import primary_rows
from eventstore.projecting.declaration.projection import Projection
from eventstore.projecting.tables.table import RowStore

Progress = Callable[[int], object]
RecordFilter = Callable[[Any], bool]

PAGE = 10_000  # records in a page: a row that many of them change is written once


def no_progress(_: int) -> None:
    """Progress that is not shown."""


T = TypeVar("T", bound=RowStore)


class ProgressSum:
    """Progress that is passed on and summed up."""

    def __init__(self, progress: Progress) -> None:
        self.progress, self.done = progress, 0

    def __call__(self, count: int) -> None:
        self.done += count
        self.progress(count)


@dataclass(frozen=True)
class Target(Generic[T]):
    """A table that a replay fills, with the records that the filter `reflects` accepts; None for all records."""

    projection: Projection
    table: T
    reflects: RecordFilter | None = None

    def read(self, records: Sequence[Any]) -> None:
        """Apply records in order."""
        accepted = records if self.reflects is None else [record for record in records if self.reflects(record)]
        self.projection.apply(accepted, self.table)


def replay(targets: Sequence[Target[Any]], to: feed.Mark, progress: Progress = no_progress) -> None:
    """Fill tables from the beginning of the log up to a mark: one pass over the events, one over the commands."""
    for readers in by_source([target.projection for target in targets]):
        _replay([target for target in targets if target.projection in readers], readers, to, progress)


def by_source(projections: Iterable[Projection]) -> list[list[Projection]]:
    """Group projections into those that read events and those that read commands: each group shares a pass."""
    kinds: dict[bool, list[Projection]] = {}
    for projection in projections:
        kinds.setdefault(projection.reads_commands, []).append(projection)
    return list(kinds.values())


def count_records(chosen: Iterable[Projection]) -> int:
    """The number of records that a replay of these projections reads."""
    return sum(records_after(0, readers) for readers in by_source(chosen))


def records_after(after: int, readers: Sequence[Projection]) -> int:
    """The number of records after a place that any of these projections reads."""
    if readers[0].reads_commands:
        return primary_rows(models.Command).filter(number__gt=after).count()
    return primary_rows(models.Event).filter(position__gt=after, type__in=types_read_by(readers)).count()


def page(readers: Sequence[Projection], after: int, to: int, slots: Collection[int] | None = None) -> list[Any]:
    """The next records that any of these projections reads, of all slots or of some; a short page is the last one."""
    if readers[0].reads_commands:
        return feed.read_commands(after, to, limit=PAGE, slots=slots)
    return feed.between(after, to, limit=PAGE, types=types_read_by(readers), slots=slots)


def types_read_by(readers: Sequence[Projection]) -> frozenset[str]:
    """The stored names of the events that any of these projections reads."""
    return frozenset[str]().union(*(reader.types or () for reader in readers))


def records_by_reader(records: Sequence[Any], readers: Sequence[Projection]) -> list[Sequence[Any]]:
    """The records of a page that each of these projections reads, found in one pass over the page."""
    if readers[0].reads_commands:
        return [records] * len(readers)
    shares: list[list[Any]] = [[] for _ in readers]
    takers = {
        name: [share.append for share, reader in zip(shares, readers, strict=True) if name in (reader.types or ())]
        for name in types_read_by(readers)
    }
    for record in records:
        for take in takers[record.type]:
            take(record)
    return list(shares)


def _replay(targets: Sequence[Target[Any]], readers: Sequence[Projection], to: feed.Mark, progress: Progress) -> None:
    source, after = readers[0], 0
    while records := page(readers, after, source.end_of(to)):
        for target, share in zip(targets, records_by_reader(records, readers), strict=True):
            target.read(share)
        after = source.place_of(records[-1])
        progress(len(records))
