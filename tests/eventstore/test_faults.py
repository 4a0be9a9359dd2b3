"""Faults of the machine are told from mistakes in the code, and are one line in the log."""

import logging
import sqlite3

import psycopg
import pytest
from django.db import (
    DataError,
    Error,
    IntegrityError,
    InterfaceError,
    InternalError,
    OperationalError,
    ProgrammingError,
)

from eventstore.backends import faults
from eventstore.backends.faults import Fault, fault_of
from eventstore.errors import RetriesExhausted
from eventstore.management.troubles import trouble_of
from eventstore.service import OneLine, log_error


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    faults.forget()


def sqlite(code: int, text: str, kind: type[Error] = OperationalError) -> Error:
    cause = sqlite3.OperationalError(text)
    cause.sqlite_errorcode, cause.sqlite_errorname = code, "SQLITE_SOMETHING"
    error = kind(text)
    error.__cause__ = cause
    return error


def postgresql(state: str, kind: type[Error] = OperationalError) -> Error:
    error = kind("something\nDETAIL: more")
    error.__cause__ = psycopg.errors.lookup(state)("something\nDETAIL: more")
    return error


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (sqlite(sqlite3.SQLITE_FULL, "database or disk is full"), Fault.DISK_FULL),
        (sqlite(sqlite3.SQLITE_IOERR_WRITE, "disk I/O error"), Fault.DISK_FAILS),
        (sqlite(sqlite3.SQLITE_READONLY_DBMOVED, "attempt to write a readonly database"), Fault.READ_ONLY),
        (sqlite(sqlite3.SQLITE_BUSY_SNAPSHOT, "database is locked"), Fault.BUSY),
        (sqlite(sqlite3.SQLITE_CANTOPEN, "unable to open database file"), Fault.AWAY),
        (sqlite(sqlite3.SQLITE_ERROR, "no such table: somewhere"), None),
        (postgresql("53100"), Fault.DISK_FULL),
        (postgresql("25006", InternalError), Fault.READ_ONLY),
        (postgresql("53300"), Fault.CROWDED),
        (postgresql("55P03"), Fault.BUSY),
        (postgresql("57P01"), Fault.AWAY),
        (postgresql("08006"), Fault.AWAY),
        (postgresql("54000"), None),
        (postgresql("42P01", ProgrammingError), None),
        (postgresql("25P02", InternalError), None),
        (OperationalError("database is locked"), Fault.BUSY),
        (InterfaceError("connection already closed"), Fault.BUSY),
        (OperationalError("FATAL: sorry, too many clients already"), Fault.CROWDED),
        (RetriesExhausted("again and again"), Fault.BUSY),
        (IntegrityError("unique"), None),
        (DataError("too long"), None),
        (RuntimeError("a mistake"), None),
    ],
)
def test_a_fault_is_known_by_the_databases_own_code(error: Exception, fault: Fault | None) -> None:
    assert fault_of(error) == fault


def test_what_was_tried_in_vain_is_the_fault_that_it_failed_with() -> None:
    error = RetriesExhausted("again and again")
    error.__cause__ = postgresql("53100")
    assert fault_of(error) == Fault.DISK_FULL


def test_a_fault_is_one_line_in_the_log_and_a_mistake_has_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("somewhere")
    for error in (postgresql("53100"), ValueError("a mistake")):
        try:
            raise error
        except Exception as caught:
            log_error(logger, "It failed.", caught)
    fault, mistake = caplog.records
    assert fault.getMessage() == "It failed. disk_full: something (53100)"
    assert fault.exc_info is None
    assert mistake.exc_info


def test_whoever_else_logs_a_fault_logs_one_line_too() -> None:
    record = logging.LogRecord("django.request", logging.ERROR, "", 1, "%s: %s", ("Internal Server Error", "/"), None)
    error = postgresql("53300")
    record.exc_info = (type(error), error, None)
    assert OneLine().filter(record)
    text = logging.Formatter().format(record)
    assert text == "Internal Server Error: / (too_many_connections: something (53300))"


def test_what_keeps_from_writing_is_remembered_until_something_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1_000.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    faults.remember(Fault.BUSY)
    assert faults.remembered() is None
    faults.remember(Fault.DISK_FULL)
    assert faults.remembered() == Fault.DISK_FULL
    now[0] += faults.REMEMBERED_SECONDS
    assert faults.remembered() is None
    faults.remember(Fault.DISK_FULL)
    faults.forget()
    assert faults.remembered() is None


def test_errors_that_name_each_other_have_an_end() -> None:
    """Nothing keeps a program from raising an error from itself."""
    first, second = ValueError("first"), ValueError("second")
    first.__cause__, second.__cause__ = second, first
    assert trouble_of(first) is None
