"""SQLite: the statements that every command needs are handed to Python's own `sqlite3`.

Django's cursor takes longer over most of them than SQLite does. The connection, its transaction and its errors are
Django's all the same. See decision 0014.
"""

from collections.abc import Sequence
from contextlib import closing
from functools import lru_cache, partial
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore.backends.driver import bypasses_cursor
from eventstore.telemetry import hooks


def query(connection: BaseDatabaseWrapper, statement: str, parameters: Sequence[Any] = ()) -> list[Any]:
    """The rows that a statement gives. Each `%s` in it takes a parameter, which is given as SQLite holds it."""
    if not bypasses_cursor(connection):
        with connection.cursor() as watched:
            watched.execute(statement, parameters)
            return list(watched.fetchall())
    with connection.wrap_database_errors, closing(connection.connection.cursor()) as cursor:
        return hooks.statements([statement], lambda: list(cursor.execute(_marked(statement), parameters)))


def execute_each(connection: BaseDatabaseWrapper, statement: str, parameters: Sequence[Sequence[Any]]) -> None:
    """Run a statement once for each row of parameters."""
    if not bypasses_cursor(connection):
        with connection.cursor() as watched:
            watched.executemany(statement, parameters)
        return
    with connection.wrap_database_errors, closing(connection.connection.cursor()) as cursor:
        hooks.statements([statement], partial(cursor.executemany, _marked(statement), parameters))


@lru_cache
def _marked(statement: str) -> str:
    """A statement with its places as SQLite wants them."""
    return statement.replace("%s", "?")
