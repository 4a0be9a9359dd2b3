"""Declaring projections: pure functions, known by name, each with a table of its own.

- `@rows`: an event gives rows to insert (the lines of a history);
- `@fold`: `(row | None, event) -> row | None` for each key (totals), where `None` is "no row".

The engine reads, folds in memory and writes whole batches, so the same function serves the command's own
transaction, the runner and the rebuild. What a projector sees is said by the annotation of its `event` parameter.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar, get_args, get_type_hints

from django.db import models

from eventstore import feed, messages
from eventstore.errors import AppendOnly, MessageError
from eventstore.projecting.table import RowStore, Table
from eventstore.records import CommandRecord

F = TypeVar("F", bound=Callable[..., Any])


class ReadModel(models.Model):
    """A table that is written by its projector alone. Give it a natural primary key, known from the event."""

    class Meta:
        abstract = True

    def save(self, *args: object, **kwargs: object) -> None:
        raise AppendOnly(f"{self._meta.verbose_name}: read models are written by their projector. Execute a command.")

    def delete(self, *args: object, **kwargs: object) -> tuple[int, dict[str, int]]:
        raise AppendOnly(f"{self._meta.verbose_name}: read models are written by their projector. Execute a command.")


@dataclass(frozen=True)
class Projection:
    """What the engine knows of a projection. `types` are the stored names that it reads; None for commands."""

    name: str
    model: type[models.Model]
    function: Callable[..., Any]
    version: int
    delayed: bool
    across: bool
    types: frozenset[str] | None

    @property
    def reads_commands(self) -> bool:
        return self.types is None

    def wants(self, record: Any) -> bool:
        """Whether the projector reads such a record."""
        return self.types is None or record.type in self.types

    def place_of(self, record: Any) -> int:
        """Where a record stands in what this projection reads: its position, or its number if it is a command."""
        place: int = record.number if self.reads_commands else record.position
        return place

    def end_of(self, mark: feed.Mark) -> int:
        """How far this projection can read, given how far the log can be read."""
        return mark.number if self.reads_commands else mark.position

    def records_between(self, after: int, to: int, *, limit: int) -> list[Any]:
        """What there is to read, also of types that this projection does not want: others may share the pass."""
        return (
            feed.read_commands(after, to, limit=limit) if self.reads_commands else feed.between(after, to, limit=limit)
        )

    @cached_property
    def table(self) -> Table:
        """Where its rows are."""
        return Table(self.model, self.model._meta.db_table)

    def apply(self, records: Sequence[Any], table: RowStore) -> None:
        """Bring a table to where it stands after these records, in order."""
        raise NotImplementedError


class Rows(Projection):
    """A projection that only ever inserts."""

    def apply(self, records: Sequence[Any], table: RowStore) -> None:
        table.insert([row for record in records for row in self._rows_of(record)])

    def _rows_of(self, record: Any) -> Iterable[models.Model]:
        rows: Iterable[models.Model] = (
            self.function(record) if self.reads_commands else self.function(record.event, record)
        )
        return rows


@dataclass(frozen=True)
class Fold(Projection):
    """A projection with one row for each key."""

    key: Callable[[Any], Any]

    def apply(self, records: Sequence[Any], table: RowStore) -> None:
        touched = [(record, self._keys_of(record)) for record in records]
        keys = list(dict.fromkeys(key for _, keys in touched for key in keys))
        if not keys:
            return
        found = table.read(keys)
        rows: dict[Any, models.Model | None] = dict(found)
        for record, record_keys in touched:
            for key in record_keys:
                rows[key] = self.function(rows.get(key), record.event, record)
        table.upsert([row for row in rows.values() if row is not None])
        table.delete([key for key, row in rows.items() if row is None and key in found])

    def _keys_of(self, record: Any) -> tuple[Any, ...]:
        keys = self.key(record.event)
        if keys is None:
            return ()
        return keys if isinstance(keys, tuple) else (keys,)


projections: dict[str, Projection] = {}


def rows(
    model: type[models.Model], *, delayed: bool = False, version: int = 1, across: bool = False
) -> Callable[[F], F]:
    """Declare a projector that gives rows to insert: `(event, record) -> rows`, or `(command) -> rows`.

    `delayed` ones are brought up to date by `run_projections`, the others inside the command's transaction.
    `version` rises when the function changes, so that everybody knows that its rows have to be built anew.
    `across`: the order of events matters across streams, so one runner at a time reads them all.
    """

    def register(function: F) -> F:
        _add(Rows(function.__name__, model, function, version, delayed, across, _types_of(function)))
        return function

    return register


def fold(
    model: type[models.Model],
    *,
    key: Callable[[Any], Any],
    delayed: bool = False,
    version: int = 1,
    across: bool = False,
) -> Callable[[F], F]:
    """Declare a projector that folds: `(row | None, event, record) -> row | None` for each key of the event.

    `key(event)` gives the primary key of the row, a tuple of several, or `None` if the event is not for it. Keys that
    events of several streams share need `across=True` and `delayed=True`, or two writers could overwrite each other.
    """

    def register(function: F) -> F:
        types = _types_of(function)
        _add(Fold(function.__name__, model, function, version, delayed, across, types, key))
        return function

    return register


def _add(projection: Projection) -> None:
    twin = projections.get(projection.name)
    if twin and twin.function.__module__ != projection.function.__module__:
        raise MessageError(f"Two projectors are called {projection.name!r}: rename one, names are stored.")
    if shared := [p.name for p in projections.values() if p.model is projection.model and p.name != projection.name]:
        raise MessageError(f"{projection.name} and {shared[0]} write one table: give each its own.")
    if projection.across and not projection.delayed:
        raise MessageError(f"{projection.name} reads across streams, so it must be delayed=True.")
    if projection.delayed and projection.reads_commands:
        raise MessageError(f"{projection.name} reads the command store, so it can't be delayed.")
    projections[projection.name] = projection


def _types_of(function: Callable[..., Any]) -> frozenset[str] | None:
    """The stored names of the events that a projector's annotation names; None if it reads commands."""
    hints = get_type_hints(function)
    if hints.get("command") is CommandRecord:
        return None
    if "event" not in hints:
        raise MessageError(f"{function.__name__} must annotate its 'event': the engine reads there what it sees.")
    return frozenset(messages.type_of(cls).name for cls in get_args(hints["event"]) or (hints["event"],))
