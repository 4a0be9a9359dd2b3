"""Tables of read models, and how their rows are turned into SQL's values."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

# Fields whose values msgspec, COPY and SQLite take as they are. Others prepare their values, which costs more.
PLAIN = (
    models.CharField,
    models.TextField,
    models.UUIDField,
    models.BooleanField,
    models.IntegerField,
    models.DateTimeField,
    models.DateField,
)
TEXTS = ("CharField", "TextField")  # Django's names for the columns of fields that turn their values into text


@dataclass(frozen=True)
class Target:
    """A table to write rows of a read model to; where `replacing`, a row replaces the one with the same key."""

    table: str
    model: type[models.Model]
    replacing: bool = False

    @cached_property
    def fields(self) -> "list[models.Field[Any, Any]]":
        """The fields that are columns."""
        return list(self.model._meta.concrete_fields)

    @cached_property
    def columns(self) -> list[str]:
        """The names of the columns, in the order of the fields."""
        return [str(field.column) for field in self.fields]

    @cached_property
    def names(self) -> str:
        """The columns as SQL lists them."""
        return ", ".join(f'"{column}"' for column in self.columns)

    @cached_property
    def on_conflict(self) -> str:
        """The ON CONFLICT clause of an INSERT; empty where a key that exists already is an error."""
        if not self.replacing:
            return ""
        key = self.model._meta.pk.column
        changes = ", ".join(f'"{column}" = excluded."{column}"' for column in self.columns if column != key)
        return f'ON CONFLICT ("{key}") DO {f"UPDATE SET {changes}" if changes else "NOTHING"}'

    @cached_property
    def insertion(self) -> str:
        """The INSERT of one row, with a place for each value."""
        places = ", ".join(["%s"] * len(self.columns))
        return f'INSERT INTO "{self.table}" ({self.names}) VALUES ({places}) {self.on_conflict}'  # noqa: S608 - a table of ours

    @cached_property
    def is_plain(self) -> bool:
        """Whether the values of all columns can be written, and read, as they are."""
        return not self._special

    @cached_property
    def is_plain_once_prepared(self) -> bool:
        """Whether all values can be written as they are, or as texts that their fields make of them."""
        return all(field.get_internal_type() in TEXTS for field in self._special.values())

    def values_of(self, rows: Sequence[models.Model], connection: BaseDatabaseWrapper) -> Iterable[Sequence[Any]]:
        """The columns' values of each row."""
        values = map(self._plain_values, rows)
        return (self._prepared(row, connection) for row in values) if self._special else values

    def _prepared(self, values: Sequence[Any], connection: BaseDatabaseWrapper) -> Sequence[Any]:
        """The values as their fields prepare them.

        Plain ones are left alone, as an integer that is prepared is cut to its column's size.
        """
        prepared = list(values)
        for place, field in self._special.items():
            prepared[place] = field.get_db_prep_save(prepared[place], connection)
        return prepared

    @cached_property
    def _special(self) -> "dict[int, models.Field[Any, Any]]":
        """The fields whose values are not plain, by their place among the columns."""
        return {place: field for place, field in enumerate(self.fields) if not isinstance(field, PLAIN)}

    def row_of(self, values: Sequence[Any], connection: BaseDatabaseWrapper) -> models.Model:
        """A row from its columns' values, as the database gives them."""
        converted = list(values)
        for place, convert, column in self._converters(connection):
            converted[place] = convert(converted[place], column, connection)
        return self.model.from_db(connection.alias, self.attributes, converted)

    @cached_property
    def attributes(self) -> list[str]:
        """The names of the columns' attributes."""
        return [field.attname for field in self.fields]

    def _converters(self, connection: BaseDatabaseWrapper) -> list[tuple[int, Callable[..., Any], Any]]:
        """The converters of the columns by place, looked up once; Django looks them up anew for each query."""
        if connection.vendor not in self._known_converters:
            columns = [field.get_col(self.table) for field in self.fields]
            self._known_converters[connection.vendor] = [
                (place, convert, column)
                for place, column in enumerate(columns)
                for convert in (*connection.ops.get_db_converters(column), *column.get_db_converters(connection))
            ]
        return self._known_converters[connection.vendor]

    @cached_property
    def _known_converters(self) -> dict[str, list[tuple[int, Callable[..., Any], Any]]]:
        return {}

    @cached_property
    def _plain_values(self) -> Callable[[models.Model], tuple[Any, ...]]:
        one, *others = (field.attname for field in self.fields)
        return attrgetter(one, *others) if others else lambda row: (getattr(row, one),)


@dataclass(frozen=True)
class Lookup:
    """Primary keys, as their field prepares them, of rows to find in a read model; not too many at once."""

    target: Target
    keys: Sequence[Any]
