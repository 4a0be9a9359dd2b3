"""Declaring projections: pure functions, known by name, each with a table of its own.

- `@rows`: an event gives rows to insert (the lines of a history);
- `@fold`: `(row | None, event) -> row | None` for each key (totals), where `None` is "no row".

The engine reads, folds in memory and writes whole batches, so the same function serves the command's own
transaction, the runner and the rebuild. What a projector sees is said by the annotation of its `event` parameter.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from inspect import signature
from itertools import chain
from typing import Any, TypeVar
from uuid import UUID

from django.db import models

from eventstore import feed
from eventstore.backends.targets import Lookup
from eventstore.errors import MessageError
from eventstore.projecting.declaration.read_models import ReadModel
from eventstore.projecting.declaration.subscribers import Subscriber, reactions, types_of
from eventstore.projecting.parking.skips import without_skipped
from eventstore.projecting.tables.prefetched import PrefetchedTable
from eventstore.projecting.tables.table import RowStore, Table
from eventstore.signals import commands_recorded, events_appended, events_appending

__all__ = ["Projection", "ReadModel", "fold", "projections", "rows"]

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, kw_only=True)
class Projection(Subscriber):
    """What the engine knows of a projection: besides what it reads, the table that it writes."""

    model: type[models.Model]
    personal: bool = False
    replaces = False  # whether a row can take the place of an earlier one

    @property
    def reads_commands(self) -> bool:
        return self.types is None

    def place_of(self, record: Any) -> int:
        """Where a record stands in what this projection reads: its position, or its number if it is a command."""
        place: int = record.number if self.reads_commands else record.position
        return place

    def end_of(self, mark: feed.Mark) -> int:
        """How far this projection can read, given how far the log can be read."""
        return mark.number if self.reads_commands else mark.position

    @cached_property
    def table(self) -> Table:
        """Where its rows are."""
        return Table(self.model, self.model._meta.db_table)

    def lookups(self, events: Sequence[Any]) -> list[Lookup]:
        """What of its table these events will change, as far as that can be told before they are recorded."""
        return []

    def advance(self, records: Sequence[Any], known: Mapping[Any, models.Model | None] | None = None) -> None:
        """Bring the live table to where it stands after these records, in order; none of them may have been skipped.

        `known` are rows that were looked up before, by key; None where there is none.
        """
        self._write(records, PrefetchedTable(self.table, known) if known else self.table)

    def apply(self, records: Sequence[Any], table: RowStore) -> None:
        """Bring a table to where it stands after these records, in order; those that were skipped are passed over."""
        if self.delayed:
            records = without_skipped(records, self.name, self.version)
        self._write(records, table)

    def _write(self, records: Sequence[Any], table: RowStore) -> None:
        raise NotImplementedError


class Rows(Projection):
    """A projection that only ever inserts."""

    def _write(self, records: Sequence[Any], table: RowStore) -> None:
        table.insert(list(chain.from_iterable(self._made(records))))

    def _made(self, records: Sequence[Any]) -> Iterator[Iterable[models.Model]]:
        """The rows of each record."""
        make = self.function
        if self.reads_commands:
            return map(make, records)
        return (make(record.event, record) for record in records)


@dataclass(frozen=True, kw_only=True)
class Fold(Projection):
    """A projection with one row for each key."""

    key: Callable[..., Any]
    keys_per_stream: bool = False
    replaces = True

    def keys_of(self, records: Sequence[Any]) -> list[Any]:
        """Of each record the key of the row, or the keys of the rows, that it is folded into; None for none."""
        key = self.key
        if self._reads_records:
            return [key(record.event, record) for record in records]
        return [key(record.event) for record in records]

    def lookups(self, events: Sequence[Any]) -> list[Lookup]:
        """A key that depends on how the event is recorded can only be looked up then."""
        if self._reads_records:
            return []
        return self.table.lookups(list(dict.fromkeys(key for event in events for key in _each(self.key(event)))))

    @cached_property
    def _reads_records(self) -> bool:
        return len(signature(self.key).parameters) > 1

    def _write(self, records: Sequence[Any], table: RowStore) -> None:
        touched = self._by_key(records)
        if not touched:
            return
        found = table.read(list(touched))
        rows = {key: self._folded(found.get(key), own) for key, own in touched.items()}
        table.upsert([row for row in rows.values() if row is not None])
        table.delete([key for key, row in rows.items() if row is None and key in found])

    def _folded(self, row: models.Model | None, records: Sequence[Any]) -> models.Model | None:
        function = self.function
        for record in records:
            row = function(row, record.event, record)
        return row

    def _by_key(self, records: Sequence[Any]) -> dict[Any, list[Any]]:
        """The records that each row is folded from, in their order; rows know nothing of each other.

        UUIDs go by their numbers: Python code hashes and compares UUIDs, which took longer than all else here.
        """
        touched, by_number = defaultdict[Any, list[Any]](list), defaultdict[int, list[Any]](list)
        for keys, record in zip(self.keys_of(records), records, strict=True):
            if type(keys) is UUID:
                by_number[keys.int].append(record)
            else:
                for key in _each(keys):
                    (by_number[key.int] if type(key) is UUID else touched[key]).append(record)
        touched.update({UUID(int=number): own for number, own in by_number.items()})
        return touched


def _each(keys: Any) -> tuple[Any, ...]:
    """What the `key` of a fold gives, as a tuple."""
    if isinstance(keys, tuple):
        return keys
    return () if keys is None else (keys,)


projections: dict[str, Projection] = {}


def rows(
    model: type[models.Model],
    *,
    delayed: bool = False,
    version: int = 1,
    global_order: bool = False,
    personal: bool = False,
) -> Callable[[F], F]:
    """Declare a projector that gives rows to insert: `(event, record) -> rows`, or `(command) -> rows`.

    `delayed` ones are brought up to date by `run_projections`, the others inside the command's transaction.
    `version` rises when the function changes, so that everybody knows that its rows have to be built anew.
    `global_order`: the order of events matters across streams, so one runner at a time reads them all.
    `personal`: rows tell about persons, who may be erased. A table that a rebuild has replaced would not learn of that,
    so it is dropped at once.
    """

    def register(function: F) -> F:
        _add(
            Rows(
                name=function.__name__,
                model=model,
                function=function,
                version=version,
                delayed=delayed,
                global_order=global_order,
                personal=personal,
                types=types_of(function),
            )
        )
        return function

    return register


def fold(
    model: type[models.Model],
    *,
    key: Callable[..., Any],
    delayed: bool = False,
    version: int = 1,
    global_order: bool = False,
    keys_per_stream: bool = False,
    personal: bool = False,
) -> Callable[[F], F]:
    """Declare a projector that folds: `(row | None, event, record) -> row | None` for each key of the event.

    `key(event)`, or `key(event, record)`, gives the primary key of the row, a tuple of several, or `None` if the event
    is not for it. Keys that events of several streams share need `global_order=True` and `delayed=True`, or two writers
    could overwrite each other.
    `keys_per_stream` says of a key other than the stream's id that it never occurs in a second stream all the same.
    The rest is as for `rows`.
    """

    def register(function: F) -> F:
        _add(
            Fold(
                name=function.__name__,
                model=model,
                function=function,
                version=version,
                delayed=delayed,
                global_order=global_order,
                personal=personal,
                types=types_of(function),
                key=key,
                keys_per_stream=keys_per_stream,
            )
        )
        return function

    return register


def _add(projection: Projection) -> None:
    twin = projections.get(projection.name)
    if projection.name in reactions or (twin and twin.function.__module__ != projection.function.__module__):
        raise MessageError(f"{projection.name!r} is declared twice: rename one, names are stored.")
    if shared := [p.name for p in projections.values() if p.model is projection.model and p.name != projection.name]:
        raise MessageError(f"{projection.name} and {shared[0]} write one table: give each its own.")
    if projection.global_order and not projection.delayed:
        raise MessageError(f"{projection.name} reads across streams, so it must be delayed=True.")
    if projection.delayed and projection.reads_commands:
        raise MessageError(f"{projection.name} reads the command store, so it can't be delayed.")
    projections[projection.name] = projection
    if not projection.delayed:
        _listen()


def _listen() -> None:
    """Have real-time projections told inside the transaction. Where there are none, none is needed to append.

    They come first: if another receiver executes a command of its own, its events are projected after these.
    """
    from eventstore.projecting import realtime  # noqa: PLC0415 - it looks here for what is declared

    for signal, receiver in (
        (events_appending, realtime.prefetch),
        (events_appended, realtime.project_events),
        (commands_recorded, realtime.project_commands),
    ):
        signal.disconnect(dispatch_uid="eventstore.realtime")
        signal.connect(receiver, dispatch_uid="eventstore.realtime")
        signal.receivers.insert(0, signal.receivers.pop())
