"""Backups of the test database, and their restore, as an operator makes them without the help of the site."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.db import connection

from eventstore.keys import ring


class Backup:
    """A copy of the database as it was at a moment."""

    def __init__(self, name: str) -> None:
        self.name = name

    def restore(self) -> None:
        """Put the copy in the place of the database; whatever was recorded since is lost."""
        live = str(connection.settings_dict["NAME"])
        connection.close()
        if connection.vendor == "sqlite":
            for ending in ("", "-wal", "-shm"):
                Path(f"{live}{ending}").unlink(missing_ok=True)
            _copy(self.name, live)
        else:
            _execute(f'DROP DATABASE "{live}" WITH (FORCE)', f'CREATE DATABASE "{live}" TEMPLATE "{self.name}"')
        ring.forget()

    def delete(self) -> None:
        """Delete the copy."""
        if connection.vendor == "sqlite":
            Path(self.name).unlink()
        else:
            _execute(f'DROP DATABASE "{self.name}"')


@contextmanager
def backup(name: str) -> Iterator[Backup]:
    """A backup of the database as it is now, which is deleted at the end of the block."""
    live = str(connection.settings_dict["NAME"])
    made = Backup(f"{live}-{name}")
    connection.close()
    if connection.vendor == "sqlite":
        _copy(live, made.name)
    else:
        _execute(f'CREATE DATABASE "{made.name}" TEMPLATE "{live}"')
    try:
        yield made
    finally:
        made.delete()


def _copy(source: str, target: str) -> None:
    with closing(sqlite3.connect(source)) as opened, closing(sqlite3.connect(target)) as copied:
        opened.backup(copied)


def _execute(*statements: str) -> None:
    with connection._nodb_cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
