"""The table of a read model, read and written in batches."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import models

from eventstore.backends import backend_of, writing
from eventstore.backends.base import Insertion

CHUNK = 500  # keys in one look-up, rows in one statement


@dataclass(frozen=True)
class Table:
    """Where a projection's rows are; each method is one statement for each chunk."""

    model: type[models.Model]

    def read(self, keys: Sequence[Any]) -> dict[Any, models.Model]:
        """The rows with these primary keys."""
        manager = self.model._default_manager.using(writing().alias)
        return {row.pk: row for chunk in _chunks(keys) for row in manager.filter(pk__in=chunk)}

    def insert(self, rows: Sequence[models.Model]) -> None:
        """New rows; a key that is there already is an error, as an event is seen once."""
        self._write(self._insertion, rows)

    def upsert(self, rows: Sequence[models.Model]) -> None:
        """Rows as they are now, whether or not they were there."""
        self._write(self._replacement, rows)

    def delete(self, keys: Sequence[Any]) -> None:
        """Remove the rows with these primary keys."""
        alias = writing().alias
        for chunk in _chunks(keys):
            self.model._default_manager.using(alias).filter(pk__in=chunk)._raw_delete(alias)

    def clear(self) -> None:
        """Delete all rows; who reads sees the old ones until the transaction commits."""
        with writing().cursor() as cursor:
            cursor.execute(f'DELETE FROM "{self.model._meta.db_table}"')  # noqa: S608 - a table of ours

    @cached_property
    def _fields(self) -> list["models.Field[Any, Any]"]:
        return list(self.model._meta.concrete_fields)

    @cached_property
    def _columns(self) -> list[str]:
        return [str(field.column) for field in self._fields]

    @cached_property
    def _insertion(self) -> Insertion:
        return Insertion.of(self.model._meta.db_table, self._columns)

    @cached_property
    def _replacement(self) -> Insertion:
        return Insertion.of(self.model._meta.db_table, self._columns, key=self.model._meta.pk.column)

    def _write(self, insertion: Insertion, rows: Sequence[models.Model]) -> None:
        connection = writing()
        for chunk in _chunks(rows):
            backend_of(connection).put(connection, insertion, [self._values(row, connection) for row in chunk])

    def _values(self, row: models.Model, connection: Any) -> list[Any]:
        return [field.get_db_prep_save(getattr(row, field.attname), connection) for field in self._fields]


def _chunks(items: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (items[start : start + CHUNK] for start in range(0, len(items), CHUNK))
