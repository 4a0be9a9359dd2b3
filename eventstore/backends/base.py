"""What the engine asks of a database."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore.backends.rows import CommandRow, EventRow, HeadRow, Opening, StoredCommand, StoredEvent, Writer, Written


class Insertion(NamedTuple):
    """An INSERT in its parts, which both engines understand: `into`, the places of one row, and what of conflicts."""

    into: str
    places: str
    on_conflict: str

    @classmethod
    def of(cls, table: str, columns: Sequence[str], *, key: str | None = None) -> "Insertion":
        """Into these columns of a table; where `key`, its primary key, is given, rows that are there are replaced."""
        names = ", ".join(f'"{column}"' for column in columns)
        replaced = ", ".join(f'"{column}" = excluded."{column}"' for column in columns if column != key)
        return cls(
            into=f'INSERT INTO "{table}" ({names}) VALUES',
            places=f"({', '.join(['%s'] * len(columns))})",
            on_conflict=f'ON CONFLICT ("{key}") DO UPDATE SET {replaced}' if key else "",
        )


class Backend(Protocol):
    """One database engine. Every method but `is_transient` takes the connection to use."""

    def open(self, connection: BaseDatabaseWrapper, command_ids: Sequence[UUID], streams: Sequence[UUID]) -> Opening:
        """Begin commands: look for their twins, lock the heads of their streams in the order of their ids."""

    def write(
        self,
        connection: BaseDatabaseWrapper,
        events: Sequence[EventRow],
        heads: Sequence[HeadRow],
        commands: Sequence[CommandRow],
    ) -> Written:
        """Append events, move heads and store commands with their responses."""

    def is_transient(self, error: Exception) -> bool:
        """Whether the same transaction may well succeed when it is tried again."""

    def events(
        self, connection: BaseDatabaseWrapper, where: str, parameters: Sequence[Any], limit: int | None = None
    ) -> list[StoredEvent]:
        """Events where a condition in SQL (with its order) holds."""

    def commands(
        self, connection: BaseDatabaseWrapper, where: str, parameters: Sequence[Any], limit: int | None = None
    ) -> list[StoredCommand]:
        """Commands where a condition in SQL (with its order) holds."""

    def last_drawn(self, connection: BaseDatabaseWrapper) -> tuple[int, int]:
        """The last position and the last command number given out, whether or not they are committed yet."""

    def writers(self, connection: BaseDatabaseWrapper) -> frozenset[Writer]:
        """The other transactions that may hold a position which they have not committed yet."""

    def put(self, connection: BaseDatabaseWrapper, insertion: Insertion, rows: Sequence[Sequence[Any]]) -> None:
        """Insert rows, of which there is at least one."""

    def create_like(self, connection: BaseDatabaseWrapper, table: str, name: str) -> None:
        """Make an empty table of the same shape, with the same keys, indexes and permissions."""

    def create_temporary_like(self, connection: BaseDatabaseWrapper, table: str, name: str) -> None:
        """Make an empty table of the same shape that nobody else sees."""

    def see_one_moment(self, connection: BaseDatabaseWrapper) -> None:
        """Let all of this transaction's queries see the database as it is now; to be called first in it."""

    def exchange_tables(self, connection: BaseDatabaseWrapper, table: str, new: str, old: str) -> None:
        """Let `new` become `table`, and `table` become `old`; the names of indexes stay with `table`."""

    def rename_table(self, connection: BaseDatabaseWrapper, table: str, name: str) -> None:
        """Give a table another name; its indexes keep theirs."""

    def drop_table(self, connection: BaseDatabaseWrapper, table: str) -> None:
        """Drop a table, if it is there."""

    def block_writers(self, connection: BaseDatabaseWrapper) -> None:
        """Wait for all writers and let no new one draw a position until this transaction ends."""
