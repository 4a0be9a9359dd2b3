"""SQLite: rows of the log that are stored under the positions and numbers that they had, in bulk."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore.backends.rows import CommandRow, EventRow
from eventstore.backends.sqlite.driver import execute_each
from eventstore.backends.sqlite.encoding import command_values, event_values
from eventstore.backends.sqlite.statements import APPEND_GIVEN, STORE_GIVEN

BATCH = 2_000  # rows in memory


class GivenRows:
    """The part of the backend that a restore stores rows with."""

    connection: BaseDatabaseWrapper

    def append_given(self, events: Iterable[tuple[int, EventRow]]) -> None:
        self._insert(APPEND_GIVEN, ([position, *event_values(event)] for position, event in events))

    def store_given(self, commands: Iterable[tuple[int, CommandRow, Sequence[int]]]) -> None:
        self._insert(STORE_GIVEN, ([number, *command_values(row, [*positions])] for number, row, positions in commands))

    def draw_after(self, position: int, number: int) -> None:
        """Do nothing: what comes next is the one after the last that is stored."""

    def _insert(self, statement: str, rows: Iterator[list[Any]]) -> None:
        while batch := list(islice(rows, BATCH)):
            execute_each(self.connection, statement, batch)
