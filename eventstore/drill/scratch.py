"""Scratch databases of drills: made for one, and gone after it, however it ends.

What a drill that was killed has left behind, the next one removes.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final

from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore.backends import log_database, store
from eventstore.backends.configured import setting
from eventstore.drill.errors import CannotDrill
from eventstore.drill.program import scratch_settings

ALIAS: Final = "eventstore_restore_drill"  # of the scratch database, in this process
PREFIX: Final = "restore-drill-"  # of folders
SUFFIX: Final = "_restore_drill"  # of databases of PostgreSQL
MAX_NAME: Final = 63  # bytes of the name of a database of PostgreSQL
MARK: Final = "eventstore_restore_drill"  # the table by which a given database is known to be in use for drills


@dataclass(frozen=True)
class Scratch:
    """A folder, and a database that is empty: its name, and this process's connection to it."""

    folder: Path
    name: str
    connection: BaseDatabaseWrapper


@contextmanager
def scratch() -> Iterator[Scratch]:
    """A scratch database, and a folder beside it; raises CannotDrill if there can be none, or another drill runs."""
    with ExitStack() as stack:
        folder = stack.enter_context(_folder())
        settings = scratch_settings(log_database(), str(folder / "scratch.sqlite3"))
        if setting("RESTORE_DRILL_DATABASE"):
            make = _given
        elif settings["ENGINE"].endswith("sqlite3"):
            make = _connected
        else:
            settings["NAME"] = _name_beside(store().connection)
            make = _created
        connection = stack.enter_context(make(settings))
        yield Scratch(folder, str(settings["NAME"]), connection)


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder for this drill alone, in the setting RESTORE_DRILL_FOLDER, or beside SQLite's file, or where others go.

    Nobody but its owner may look into it: keys of persons lie there.
    """
    file = store().file
    above = setting("RESTORE_DRILL_FOLDER") or (file.parent if file else None)
    path = Path(mkdtemp(prefix=PREFIX, dir=above))
    _remove_left(path)
    lock = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield path
    finally:
        os.close(lock)
        shutil.rmtree(path, ignore_errors=True)


def _remove_left(own: Path) -> None:
    """Remove the folders of drills that were killed: nobody holds their lock."""
    for path in own.parent.glob(f"{PREFIX}*"):
        if path == own or path.stat().st_uid != os.geteuid():
            continue
        lock = os.open(path, os.O_RDONLY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path, ignore_errors=True)
        except BlockingIOError:
            pass  # it runs
        finally:
            os.close(lock)


@contextmanager
def _connected(settings: dict[str, Any]) -> Iterator[BaseDatabaseWrapper]:
    """A connection of this process to a database."""
    configured = connections.configure_settings({DEFAULT_DB_ALIAS: settings})[DEFAULT_DB_ALIAS]
    connection = _connection(configured)
    try:
        connection.ensure_connection()
        yield connection
    except Error as error:
        raise CannotDrill(f"The scratch database can't be used: {error}") from error
    finally:
        connection.close()


def _connection(configured: dict[str, Any]) -> BaseDatabaseWrapper:
    connections.settings[ALIAS] = configured
    try:
        return connections.create_connection(ALIAS)
    finally:
        del connections.settings[ALIAS]  # it is nobody else's: Django's tools go through all that are there


def _name_beside(live: BaseDatabaseWrapper) -> str:
    name = str(live.settings_dict["NAME"])
    return f"{name[: MAX_NAME - len(SUFFIX)]}{SUFFIX}"


@contextmanager
def _created(settings: dict[str, Any]) -> Iterator[BaseDatabaseWrapper]:
    """A new database beside the live one. The connection stays open: while it is, no other drill can take it away."""
    _drop(settings["NAME"])
    _in_live(f"CREATE DATABASE {_quoted(settings['NAME'])}", "made")
    try:
        with _connected(settings) as connection:
            yield connection
    finally:
        _drop(settings["NAME"])


def _drop(name: str) -> None:
    _in_live(f"DROP DATABASE IF EXISTS {_quoted(name)}", "removed")


def _in_live(statement: str, done: str) -> None:
    try:
        with store().connection.cursor() as cursor:
            cursor.execute(statement)
    except Error as error:
        raise CannotDrill(
            f"The scratch database could not be {done}: {str(error).strip()}. Another drill may be at work; or the "
            "role may make no databases: give it CREATEDB, or set RESTORE_DRILL_DATABASE to an empty one."
        ) from error


def _quoted(name: str) -> str:
    return store().connection.ops.quote_name(name)


@contextmanager
def _given(settings: dict[str, Any]) -> Iterator[BaseDatabaseWrapper]:
    """The database of the setting, which must be empty, or hold what a drill has left; it is emptied in the end."""
    with _connected(settings) as connection:
        tables = connection.introspection.table_names()
        if tables and MARK not in tables:
            raise CannotDrill(
                "RESTORE_DRILL_DATABASE names a database that is not empty, and that no drill has used before. A drill "
                "deletes everything in it: name an empty one."
            )
        _empty(connection)
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TABLE {MARK} (pid INTEGER)")
        try:
            yield connection
        finally:
            _empty(connection)


def _empty(connection: BaseDatabaseWrapper) -> None:
    if connection.vendor == "sqlite":
        file = Path(str(connection.settings_dict["NAME"]))
        connection.close()
        for ending in ("", "-wal", "-shm"):
            file.with_name(file.name + ending).unlink(missing_ok=True)
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema())")
        (schema,) = cursor.fetchone()
        cursor.execute(f"DROP SCHEMA {schema} CASCADE")
        cursor.execute(f"CREATE SCHEMA {schema}")
