"""The table of a read model, read and written in batches."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from django.db import models

from eventstore.backends import backend_of, writing
from eventstore.backends.base import Insertion

CHUNK = 500  # keys in one look-up, rows in one statement


class RowStore(Protocol):
    """What a projector needs of wherever its rows are kept."""

    def read(self, keys: Sequence[Any]) -> dict[Any, models.Model]:
        """The rows with these primary keys."""

    def insert(self, rows: Sequence[models.Model]) -> None:
        """New rows."""

    def upsert(self, rows: Sequence[models.Model]) -> None:
        """Rows as they are now, whether or not they were there."""

    def delete(self, keys: Sequence[Any]) -> None:
        """Remove the rows with these primary keys."""


@dataclass(frozen=True)
class Table:
    """A table of a read model's shape: the live one, or another beside it. Each method is one statement for a chunk."""

    model: type[models.Model]
    name: str

    def beside(self, role: str) -> "Table":
        """The table of the same shape that plays another role."""
        return Table(self.model, f"{self.name}__{role}")

    def read(self, keys: Sequence[Any]) -> dict[Any, models.Model]:
        """The rows with these primary keys."""
        return {row.pk: row for chunk in _chunks(keys) for row in self._rows(chunk)}

    def insert(self, rows: Sequence[models.Model]) -> None:
        """New rows; a key that is there already is an error, as an event is seen once."""
        self._write(self._insertion, rows)

    def upsert(self, rows: Sequence[models.Model]) -> None:
        """Rows as they are now, whether or not they were there."""
        self._write(self._replacement, rows)

    def delete(self, keys: Sequence[Any]) -> None:
        """Remove the rows with these primary keys."""
        for chunk in _chunks(keys):
            with writing().cursor() as cursor:
                cursor.execute(f'DELETE FROM "{self.name}" WHERE {self._among(chunk)}', self._prepared(chunk))  # noqa: S608 - a table of ours

    def rows_not_in(self, other: "Table", limit: int) -> list[models.Model]:
        """Rows that another table of this shape does not have just so."""
        manager = self.model._default_manager.using(writing().alias)
        both = f'SELECT {self._names} FROM "{self.name}" EXCEPT SELECT {self._names} FROM "{other.name}"'  # noqa: S608 - tables of ours
        return list(manager.raw(f"{both} LIMIT %s", [limit]))

    def count(self) -> int:
        """How many rows there are."""
        with writing().cursor() as cursor:
            cursor.execute(f'SELECT count(*) FROM "{self.name}"')  # noqa: S608 - a table of ours
            (count,) = cursor.fetchone()
        return int(count)

    @cached_property
    def _names(self) -> str:
        return ", ".join(f'"{column}"' for column in self.columns)

    @cached_property
    def key(self) -> "models.Field[Any, Any]":
        """The field of the primary key."""
        return self.model._meta.pk

    @cached_property
    def fields(self) -> list["models.Field[Any, Any]"]:
        """The fields that are columns."""
        return list(self.model._meta.concrete_fields)

    @cached_property
    def columns(self) -> list[str]:
        """The names of the columns, in the order of the fields."""
        return [str(field.column) for field in self.fields]

    @cached_property
    def _insertion(self) -> Insertion:
        return Insertion.of(self.name, self.columns)

    @cached_property
    def _replacement(self) -> Insertion:
        return Insertion.of(self.name, self.columns, key=self.key.column)

    def _rows(self, keys: Sequence[Any]) -> Iterable[models.Model]:
        manager = self.model._default_manager.using(writing().alias)
        return manager.raw(f'SELECT * FROM "{self.name}" WHERE {self._among(keys)}', self._prepared(keys))  # noqa: S608 - a table of ours

    def _among(self, keys: Sequence[Any]) -> str:
        return f'"{self.key.column}" IN ({", ".join(["%s"] * len(keys))})'

    def _prepared(self, keys: Sequence[Any]) -> list[Any]:
        return [self.key.get_db_prep_value(key, writing()) for key in keys]

    def _write(self, insertion: Insertion, rows: Sequence[models.Model]) -> None:
        connection = writing()
        for chunk in _chunks(rows):
            backend_of(connection).put(connection, insertion, [self._values(row, connection) for row in chunk])

    def _values(self, row: models.Model, connection: Any) -> list[Any]:
        return [field.get_db_prep_save(getattr(row, field.attname), connection) for field in self.fields]


def _chunks(items: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (items[start : start + CHUNK] for start in range(0, len(items), CHUNK))
