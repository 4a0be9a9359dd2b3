"""SQLite's file, which nobody but its owner may read. No Django here: settings name the class."""

import os
import sqlite3
from contextlib import suppress
from typing import Any, Final

PRIVATE: Final = 0o600


class PrivateConnection(sqlite3.Connection):
    """A connection to SQLite that makes its file, where there is none, for nobody but its owner.

    SQLite gives the files beside it (`-wal`, `-shm`) the mode of the first.
    """

    def __init__(self, database: Any, *args: Any, **options: Any) -> None:
        if is_file(database):
            with suppress(OSError):  # it is there; or it can't be made, which SQLite says better
                os.close(os.open(database, os.O_CREAT | os.O_EXCL | os.O_RDWR, PRIVATE))
        super().__init__(database, *args, **options)


def is_file(database: Any) -> bool:
    """Whether a name of a database is that of a file: not of one in memory, and no URI."""
    text = os.fspath(database) if isinstance(database, os.PathLike) else str(database)
    return bool(text) and text != ":memory:" and not text.startswith("file:")
