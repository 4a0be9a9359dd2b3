"""A projection: a pure function, known by name, with a read model of its own that it alone writes.

- `Rows`: an event gives rows to insert (the lines of a history);
- `Fold`: `(row | None, event) -> row | None` for each key (totals), where `None` means "no row".

The engine reads, folds in memory and writes whole batches, so the same function serves the command's own
transaction, the runner and the rebuild.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from inspect import signature
from itertools import chain
from typing import Any
from uuid import UUID

from django.db import models

from eventstore import feed
from eventstore.backends import store
from eventstore.backends.targets import Lookup
from eventstore.projecting.declaration.subscribers import Subscriber
from eventstore.projecting.skips import without_skipped
from eventstore.projecting.tables.prefetched import PrefetchedTable
from eventstore.projecting.tables.table import RowStore, Table


@dataclass(frozen=True, kw_only=True)
class Projection(Subscriber):
    """A subscriber that writes a read model. `personal`: its rows are about persons, who may be erased."""

    model: type[models.Model]
    personal: bool = False
    replaces = False  # whether a row can take the place of an earlier one

    @property
    def reads_commands(self) -> bool:
        return self.types is None

    def is_served(self) -> bool:
        """Whether runners serve it: in a read database, where nothing is executed, they serve real-time ones too."""
        return self.delayed or store().subscribes()

    def place_of(self, record: Any) -> int:
        """The position of an event, or the number of a command: the order in which the projection reads them."""
        place: int = record.number if self.reads_commands else record.position
        return place

    def end_of(self, mark: feed.Mark) -> int:
        """The place up to which the projection can read, if the log can be read up to a mark."""
        return mark.number if self.reads_commands else mark.position

    @cached_property
    def table(self) -> Table:
        """The live table of the projection."""
        return Table(self.model, self.model._meta.db_table)

    def lookups(self, events: Sequence[Any]) -> list[Lookup]:
        """Look-ups of the rows that events will change, as far as the keys are known before they are recorded."""
        return []

    def advance(self, records: Sequence[Any], known: Mapping[Any, models.Model | None] | None = None) -> None:
        """Apply records in order to the live table; none may be a skipped one, but in a read database.

        `known` holds rows that were looked up before, by key; None where there is no row.
        """
        if self.delayed and store().subscribes():  # skips are decided where the log is written, and come by it
            records = without_skipped(records, self.name, self.version)
        self._write(records, PrefetchedTable(self.table, known) if known else self.table)

    def apply(self, records: Sequence[Any], table: RowStore) -> None:
        """Apply records in order to a table, without those that were skipped."""
        if self.delayed:
            records = without_skipped(records, self.name, self.version)
        self._write(records, table)

    def _write(self, records: Sequence[Any], table: RowStore) -> None:
        raise NotImplementedError


class Rows(Projection):
    """A projection that only inserts rows."""

    def _write(self, records: Sequence[Any], table: RowStore) -> None:
        table.insert(list(chain.from_iterable(self._made(records))))

    def _made(self, records: Sequence[Any]) -> Iterator[Iterable[models.Model]]:
        """The rows that each record gives."""
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
        """For each record the key of the row, or a tuple of keys of rows, that it is folded into; None for no row."""
        key = self.key
        if self._reads_records:
            return [key(record.event, record) for record in records]
        return [key(record.event) for record in records]

    def lookups(self, events: Sequence[Any]) -> list[Lookup]:
        """None if the key depends on the record: then rows can be looked up only once the event is recorded."""
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
        rows = {key: self._folded(key, found.get(key), own) for key, own in touched.items()}
        table.upsert([row for row in rows.values() if row is not None])
        table.delete([key for key, row in rows.items() if row is None and key in found])

    @cached_property
    def _takes_key(self) -> bool:
        return len(signature(self.function).parameters) > 3

    def _folded(self, key: Any, row: models.Model | None, records: Sequence[Any]) -> models.Model | None:
        function = partial(self.function, key=key) if self._takes_key else self.function
        for record in records:
            row = function(row, record.event, record)
        return row

    def _by_key(self, records: Sequence[Any]) -> dict[Any, list[Any]]:
        """Group records by the key of the row that they are folded into, in their order.

        UUIDs are grouped by their integers: hashing and comparing UUIDs is Python code, and took longer than the rest.
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
    """The result of a fold's `key` as a tuple of keys."""
    if isinstance(keys, tuple):
        return keys
    return () if keys is None else (keys,)
