"""What the engine asks of a database."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import Any, Protocol
from uuid import UUID

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore.backends.rows import (
    CommandRow,
    EventRow,
    HeadRow,
    Opening,
    StoredCommand,
    StoredEvent,
    StoredPayload,
    Writer,
    Written,
)

# What msgspec, COPY and SQLite take as it is. Values of other fields are prepared by the field, which costs more.
PLAIN = (
    models.CharField,
    models.TextField,
    models.UUIDField,
    models.BooleanField,
    models.IntegerField,
    models.DateTimeField,
    models.DateField,
)
TEXTS = ("CharField", "TextField")  # what Django calls the columns of fields that make a text of their values


@dataclass(frozen=True)
class Target:
    """A table that rows of a read model go to; where `replacing`, a row takes the place of the one with its key."""

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
        """What an INSERT does with a key that is there already: nothing is said where that is an error."""
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
        """Whether all its values can be written, and read, as they are."""
        return not self._special

    @cached_property
    def is_plain_once_prepared(self) -> bool:
        """Whether all its values can be written as they are, or as texts that their fields make of them."""
        return all(field.get_internal_type() in TEXTS for field in self._special.values())

    def values_of(self, rows: Sequence[models.Model], connection: BaseDatabaseWrapper) -> Iterable[Sequence[Any]]:
        """The columns' values of each row."""
        values = map(self._plain_values, rows)
        return (self._prepared(row, connection) for row in values) if self._special else values

    def _prepared(self, values: Sequence[Any], connection: BaseDatabaseWrapper) -> Sequence[Any]:
        """Plain values are left as they are: an integer that is prepared has its column's size, and is cut to fit."""
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
        """What has to be done to values of which column; Django asks anew for each query."""
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
    """Rows of a read model to find, by their primary keys as their field prepares them; not too many at once."""

    target: Target
    keys: Sequence[Any]


class Backend(Protocol):
    """A connection to one kind of database, as the engine uses it."""

    connection: BaseDatabaseWrapper
    writes_at_once: bool  # whether `write_if` is one statement, which needs no transaction around it

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        """Bind the backend to a connection; costs next to nothing, so that it is made anew wherever it is needed."""

    def keeping_back(self) -> AbstractContextManager[None]:
        """Within the block, what `put` is given may be written as late as the next query, or `conclude`."""

    def conclude(self, *, commit: bool) -> None:
        """End such a block: what was put is written; if `commit`, the transaction may already be committed as well."""

    def open(self, command_ids: Sequence[UUID], streams: Sequence[UUID]) -> Opening:
        """Begin commands: look for their twins, lock the heads of their streams in the order of their ids."""

    def write(
        self,
        events: Sequence[EventRow],
        heads: Sequence[HeadRow],
        commands: Sequence[CommandRow],
        lookups: Sequence[Lookup] = (),
    ) -> Written:
        """Append events, move heads and store commands with their responses; then find these rows."""

    def write_if(
        self,
        stream_id: UUID,
        digest: str,
        events: Sequence[EventRow],
        heads: Sequence[HeadRow],
    ) -> Written | None:
        """The same for events of one stream, if it ends with this digest; None, with nothing written, if not."""

    def is_transient(self, error: Exception) -> bool:
        """Whether the same transaction may well succeed when it is tried again."""

    def events(self, where: str, parameters: Sequence[Any], limit: int | None = None) -> list[StoredEvent]:
        """Events where a condition in SQL (with its order) holds."""

    def payloads(self, where: str, parameters: Sequence[Any], limit: int | None = None) -> list[StoredPayload]:
        """The same, but no more of each event than state is folded from."""

    def commands(self, where: str, parameters: Sequence[Any], limit: int | None = None) -> list[StoredCommand]:
        """Commands where a condition in SQL (with its order) holds."""

    def last_drawn(self) -> tuple[int, int]:
        """The last position and the last command number given out, whether or not they are committed yet."""

    def writers(self) -> frozenset[Writer]:
        """The other transactions that may hold a position which they have not committed yet."""

    def find(self, target: Target, keys: Sequence[Any]) -> list[models.Model]:
        """The rows of a read model with these primary keys, which are prepared as their field prepares them."""

    def put(self, target: Target, rows: Sequence[models.Model]) -> None:
        """Write rows of a read model, of which there is at least one."""

    def among(self, column: str, keys: Sequence[Any]) -> tuple[str, list[Any]]:
        """The condition that a column has one of these values, and its parameters."""

    def create_like(self, table: str, name: str, *, with_keys: bool = True) -> None:
        """Make an empty table of the same shape, with the same permissions; what keeps nothing unique comes later.

        So may its keys, where rows are only ever inserted: made from all rows at once they cost a fraction.
        """

    def complete_like(self, table: str, name: str) -> None:
        """Give a filled table the keys and indexes that it has not been given yet; those that are there stay.

        Raises IntegrityError if two rows have a key that there may be only once.
        """

    def create_temporary_like(self, table: str, name: str) -> None:
        """Make an empty table of the same shape that nobody else sees."""

    def see_one_moment(self) -> None:
        """Let all of this transaction's queries see the database as it is now; to be called first in it."""

    def exchange_tables(self, table: str, new: str, old: str) -> None:
        """Let `new` become `table`, and `table` become `old`; the names of indexes stay with `table`."""

    def rename_table(self, table: str, name: str) -> None:
        """Give a table another name; its indexes keep theirs."""

    def drop_table(self, table: str) -> None:
        """Drop a table, if it is there."""

    def block_writers(self) -> None:
        """Wait for all writers and let no new one draw a position until this transaction ends."""
