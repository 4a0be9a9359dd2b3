"""The table of a read model, read and written in batches."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from django.db import models

from eventstore.backends import log_database, store
from eventstore.backends.targets import Lookup, Target

MAX_KEYS = 500  # keys in one look-up


class RowStore(Protocol):
    """The rows of a read model, as a projection reads and writes them: in a table, a cache or memory."""

    def read(self, keys: Sequence[Any]) -> dict[Any, models.Model]:
        """The rows with these primary keys."""

    def insert(self, rows: Sequence[models.Model]) -> None:
        """Insert new rows."""

    def upsert(self, rows: Sequence[models.Model]) -> None:
        """Insert rows, or replace those with the same primary keys."""

    def delete(self, keys: Sequence[Any]) -> None:
        """Delete the rows with these primary keys."""


@dataclass(frozen=True)
class Table:
    """A table of a read model's shape: the live one, or another beside it. Methods run one statement for each chunk."""

    model: type[models.Model]
    name: str

    def beside(self, role: str) -> "Table":
        """The table of the same shape in another role, which its name ends with."""
        return Table(self.model, f"{self.name}__{role}")

    def read(self, keys: Sequence[Any]) -> dict[Any, models.Model]:
        """The rows with these primary keys."""
        return {row.pk: row for chunk in _chunks(keys) for row in self._rows(chunk)}

    def lookups(self, keys: Sequence[Any]) -> list[Lookup]:
        """The look-ups of `read`, to be done along with another statement; none if the values are not plain."""
        chunks = _chunks(keys) if self._insertion.is_plain else ()
        return [Lookup(self._insertion, self._prepared(chunk)) for chunk in chunks]

    def insert(self, rows: Sequence[models.Model]) -> None:
        """Insert new rows. Raises IntegrityError if a key exists already: an event is applied once."""
        self._write(self._insertion, rows)

    def upsert(self, rows: Sequence[models.Model]) -> None:
        """Insert rows, or replace those with the same primary keys."""
        self._write(self._replacement, rows)

    def delete(self, keys: Sequence[Any]) -> None:
        """Delete the rows with these primary keys."""
        for chunk in _chunks(keys):
            condition, parameters = store().any_of(str(self.key.column), self._prepared(chunk))
            with store().connection.cursor() as cursor:
                cursor.execute(f'DELETE FROM "{self.name}" WHERE {condition}', parameters)  # noqa: S608 - a table of ours

    def rows_not_in(self, other: "Table", limit: int) -> list[models.Model]:
        """At most `limit` rows that another table of this shape lacks or has with other values."""
        manager = self.model._default_manager.using(log_database())
        return list(manager.raw(f"{self.without(other)} LIMIT %s", [limit]))

    def without(self, other: "Table") -> str:
        """The SELECT of the rows that another table lacks or has with other values."""
        names = self._insertion.names
        return f'SELECT {names} FROM "{self.name}" EXCEPT SELECT {names} FROM "{other.name}"'  # noqa: S608 - tables of ours

    def count(self) -> int:
        """The number of rows."""
        with store().connection.cursor() as cursor:
            cursor.execute(f'SELECT count(*) FROM "{self.name}"')  # noqa: S608 - a table of ours
            (count,) = cursor.fetchone()
        return int(count)

    @cached_property
    def key(self) -> "models.Field[Any, Any]":
        """The field of the primary key."""
        return self.model._meta.pk

    @property
    def fields(self) -> list["models.Field[Any, Any]"]:
        """The fields that are columns."""
        return self._insertion.fields

    @cached_property
    def _insertion(self) -> Target:
        return Target(self.name, self.model)

    @cached_property
    def _replacement(self) -> Target:
        return Target(self.name, self.model, replacing=True)

    def _rows(self, keys: Sequence[Any]) -> Iterable[models.Model]:
        return store().find(self._insertion, self._prepared(keys))

    def _prepared(self, keys: Sequence[Any]) -> list[Any]:
        return [self.key.get_prep_value(key) for key in keys]

    def _write(self, target: Target, rows: Sequence[models.Model]) -> None:
        if rows:
            store().put(target, rows)


def _chunks(items: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (items[start : start + MAX_KEYS] for start in range(0, len(items), MAX_KEYS))
