"""Faults: what an error of the database tells of the machine, when nothing is wrong with the code.

Whoever meets one stores nothing, says so in one line (a traceback would only show where it was met), and tries again.
"""

import logging
import sqlite3
import time
from enum import StrEnum
from typing import Final

from django.db import Error, InterfaceError, OperationalError

from eventstore.errors import (
    ErasureListUnavailable,
    KeysUnavailable,
    NotThePrimary,
    RestoreUnfinished,
    RetriesExhausted,
    TransactionRefused,
)


class Fault(StrEnum):
    """The kind of a fault."""

    BUSY = "busy"  # somebody else holds what is needed, or the database has too much to do
    CROWDED = "too_many_connections"
    AWAY = "away"  # it is not known whether a transaction that was being committed was committed
    DISK_FULL = "disk_full"
    DISK_FAILS = "disk_fails"
    READ_ONLY = "read_only"
    NO_LIST = "erasure_list_unavailable"  # a person can't be erased so that it outlives a restore
    RESTORING = "restore_unfinished"  # what is there is a part of a log
    NO_KEYS = "keys_unavailable"  # this process can't open the keys of personal data


UNABLE_TO_WRITE: Final = frozenset({Fault.DISK_FULL, Fault.DISK_FAILS, Fault.READ_ONLY})
REMEMBERED_SECONDS: Final = 10.0  # for which one that keeps from writing is remembered: without requests none is met

_BY_SQLITE_CODE: Final = {
    sqlite3.SQLITE_BUSY: Fault.BUSY,
    sqlite3.SQLITE_LOCKED: Fault.BUSY,
    sqlite3.SQLITE_NOMEM: Fault.BUSY,
    sqlite3.SQLITE_INTERRUPT: Fault.BUSY,
    sqlite3.SQLITE_PROTOCOL: Fault.BUSY,
    sqlite3.SQLITE_CANTOPEN: Fault.AWAY,
    sqlite3.SQLITE_FULL: Fault.DISK_FULL,
    sqlite3.SQLITE_IOERR: Fault.DISK_FAILS,
    sqlite3.SQLITE_READONLY: Fault.READ_ONLY,
}
# By the beginning of PostgreSQL's code, the longest first: https://www.postgresql.org/docs/current/errcodes-appendix.html
_BY_SQLSTATE: Final = {
    "25006": Fault.READ_ONLY,  # read_only_sql_transaction: on a standby, too
    "25P03": Fault.AWAY,  # idle_in_transaction_session_timeout
    "40": Fault.BUSY,  # transaction rollback: serialization, deadlock
    "53100": Fault.DISK_FULL,
    "53300": Fault.CROWDED,
    "53": Fault.BUSY,  # insufficient resources
    "55P03": Fault.BUSY,  # lock_not_available
    "57014": Fault.BUSY,  # query_canceled: a statement timeout
    "57": Fault.AWAY,  # operator intervention: shutdown, starting up
    "58": Fault.DISK_FAILS,  # system error: an I/O error
    "08": Fault.AWAY,  # connection exception
}
_CROWDED_TEXTS: Final = ("too many clients", "connection slots are reserved", "too many connections")

_LACKING_STATES: Final = {"3F000", "42P01", "42703"}  # of PostgreSQL: no such schema, table, column
_LACKING_TEXTS: Final = ("no such table", "no such column", "has no column named")  # of SQLite

_last: list[tuple[Fault, float]] = []  # the last fault that kept this process from writing, and when


def fault_of(error: BaseException | None) -> Fault | None:
    """The fault that an error tells of; None for a mistake in the code, or in the data."""
    if isinstance(error, RetriesExhausted | TransactionRefused):
        return fault_of(error.__cause__) or Fault.BUSY
    if isinstance(error, KeysUnavailable):
        return Fault.NO_KEYS
    if isinstance(error, RestoreUnfinished):
        return Fault.RESTORING
    if isinstance(error, NotThePrimary):
        return Fault.READ_ONLY
    if isinstance(error, ErasureListUnavailable):
        return Fault.NO_LIST
    if not isinstance(error, Error):
        return None
    cause = error.__cause__
    if (code := getattr(cause, "sqlite_errorcode", None)) is not None:
        return _BY_SQLITE_CODE.get(code & 0xFF)
    if state := getattr(cause, "sqlstate", None):
        return next((fault for begin, fault in _BY_SQLSTATE.items() if state.startswith(begin)), None)
    return _without_code(error)


def _without_code(error: Error) -> Fault | None:
    """The fault of an error that the driver raises by itself, such as one while it connects."""
    if isinstance(error, OperationalError | InterfaceError):
        is_crowded = any(text in str(error) for text in _CROWDED_TEXTS)
        return Fault.CROWDED if is_crowded else Fault.AWAY if error.__cause__ else Fault.BUSY
    return None


def is_lacking(error: BaseException) -> bool:
    """Whether something is not there that migrations make: a table, a column, or the identity of the log."""
    if isinstance(error, Error):
        state = getattr(error.__cause__, "sqlstate", None)
        return state in _LACKING_STATES or any(text in str(error) for text in _LACKING_TEXTS)
    return isinstance(error, LookupError) and "manage.py migrate" in str(error)


def in_one_line(error: BaseException) -> str:
    """The first line of an error's message, with the database's own name for it."""
    cause = error.__cause__ if isinstance(error.__cause__, Exception) else error
    name = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None) or type(cause).__name__
    return f"{str(cause).strip().partition(chr(10))[0]} ({name})"


def log_error(logger: logging.Logger, what: str, error: BaseException) -> None:
    """Log an error: a fault of the machine in one line, anything else with its traceback."""
    if fault := fault_of(error):
        remember(fault)
        logger.error("%s %s: %s", what, fault, in_one_line(error))
    else:
        logger.error("%s", what, exc_info=error)


def remember(fault: Fault | None) -> None:
    """Keep a fault in mind that keeps this process from writing."""
    if fault in UNABLE_TO_WRITE:
        _last[:] = [(fault, time.monotonic())]


def forget() -> None:
    """Something was written, so whatever kept from it is over."""
    _last.clear()


def remembered() -> Fault | None:
    """The fault that has kept this process from writing within the last seconds, unless it is over."""
    return next((fault for fault, when in _last if time.monotonic() - when < REMEMBERED_SECONDS), None)
