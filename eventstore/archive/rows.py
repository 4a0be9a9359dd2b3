"""Reads rows of both stores as they are stored, page by page, as columns of Arrow: no object is made of each row."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pyarrow as pa

from eventstore.archive import rows_postgresql, rows_sqlite
from eventstore.archive.errors import CannotArchive
from eventstore.backends import store

PAGE = 8_192  # rows that are read with one statement


@dataclass(frozen=True)
class Page:
    """Some rows as the database gave them."""

    rows: int
    last: int  # the position or number of the last one
    convert: Callable[[], pa.Table]

    def table(self) -> pa.Table:
        """Their columns, and `digest`. Uses no database, so another thread may do it while the next page is read."""
        try:
            table = self.convert()
            table.validate()
        except (ValueError, pa.ArrowException) as error:
            raise CannotArchive(
                f"Some of the {self.rows:,} rows up to {self.last} are not as the program writes them ({error}). Run: "
                "manage.py verify"
            ) from error
        return table


def read(name: str, after: int, to: int, limit: int) -> Page | None:
    """Up to PAGE rows of a store after a position or number, up to another; None if there is none."""
    backend = store()
    database = rows_sqlite if backend.connection.vendor == "sqlite" else rows_postgresql
    with backend.connection.cursor() as cursor:
        found = database.read(cursor, name, [after, to, min(limit, PAGE)])
    backend.must_hold(name, after + 1)  # after the read: what has gone meanwhile is not taken for what never was
    return Page(*found) if found else None


@contextmanager
def all_read_once() -> Iterator[None]:
    """Within the block, the database keeps little of what is read."""
    connection = store().connection
    with connection.cursor() as cursor:
        if connection.vendor != "sqlite":
            yield
            return
        with rows_sqlite.little_memory(cursor):
            yield
