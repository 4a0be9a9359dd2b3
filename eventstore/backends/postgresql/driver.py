"""PostgreSQL: the statements that every command needs, which take JSON and give one value, are handed to libpq itself.

A cursor of psycopg's inside one of Django's takes several times as long over such a statement as libpq does, which was
most of a command's time. So these go the short way, through psycopg's `pgconn`, on the connection and in the
transaction that Django has opened. Where queries are observed, and on a connection whose transactions do not begin
with a plain BEGIN, an ordinary cursor is used. See decision 0014.
"""

import select
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from contextvars import ContextVar
from functools import cache, partial
from itertools import count
from typing import Any

import psycopg
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.pq import DiagnosticField, ExecStatus, Format, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult

from eventstore.backends.deferred import Statement, deferred_by, deferring_statements, is_outermost
from eventstore.backends.driver import bypasses_cursor
from eventstore.telemetry import hooks

COMMIT: Statement = ("COMMIT", ())

_numbers = count(1)
_seconds: ContextVar[float | None] = ContextVar("seconds that PostgreSQL may take to answer", default=None)


@contextmanager
def answering_within(connection: BaseDatabaseWrapper, seconds: float) -> Iterator[None]:
    """Within the block, the session of a connection is closed if a statement takes longer, and the statement fails.

    A server that was stopped, or whose machine is gone, says nothing at all, and no timeout of its own helps. A cursor
    waits by the session's `wait`, which takes psycopg's steps here no longer than it may.
    """
    connection.ensure_connection()
    session: psycopg.Connection[Any] = connection.connection
    own, token = vars(session), _seconds.set(seconds)
    before, own["wait"] = own.get("wait"), partial(_wait, session)
    try:
        yield
    finally:
        _seconds.reset(token)
        own.pop("wait")
        if before:
            own["wait"] = before


def _wait(session: "psycopg.Connection[Any]", steps: Generator[Any, Any, Any], *args: Any, **kwargs: Any) -> Any:
    return type(session).wait(session, _until_late(session, steps), *args, **kwargs)


def _until_late(session: "psycopg.Connection[Any]", steps: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
    """The steps of a statement; psycopg comes by several times a second while nothing has arrived."""
    began, seconds = time.monotonic(), _seconds.get()
    try:
        step = next(steps)
        while True:
            ready = yield step
            if not ready and seconds is not None and time.monotonic() - began >= seconds:
                raise _is_silent(session.pgconn, seconds)
            step = steps.send(ready)
    except StopIteration as end:
        return end.value


def _is_silent(libpq: PGconn, seconds: float) -> psycopg.OperationalError:
    libpq.finish()  # who does not answer is not asked to cancel, either
    return psycopg.OperationalError(f"PostgreSQL has not answered within {seconds:g} s.")


def query(connection: BaseDatabaseWrapper, statement: str, *documents: bytes) -> bytes:
    """The value that a statement gives, as text; nothing where it gives no row. Each `%s` in it takes a document."""
    return query_all(connection, [(statement, documents)])[0]


def query_all(connection: BaseDatabaseWrapper, statements: Sequence[Statement]) -> list[bytes]:
    """The values of several statements, each of which sees what those before it did; all are sent in one go."""
    deferred = deferred_by(connection)
    before = deferred.take() if deferred else []
    return _results_of(connection, [*before, *statements])[len(before) :]


def execute_deferred(connection: BaseDatabaseWrapper, statement: str, *documents: bytes) -> None:
    """Run a statement whose value is not needed; it may be deferred, see `Backend.defer_statements`."""
    deferred = deferred_by(connection)
    if deferred and is_outermost(connection):
        deferred.statements.append((statement, documents))
    else:
        query(connection, statement, *documents)


def deferring(connection: BaseDatabaseWrapper) -> AbstractContextManager[None]:
    """Within the block statements may be deferred, unless queries are observed."""
    return (
        deferring_statements(connection, partial(_results_of, connection))
        if _bypasses_cursor(connection)
        else nullcontext()
    )


def send_deferred(connection: BaseDatabaseWrapper, *, commit: bool) -> None:
    """Send the deferred statements; with COMMIT, if that ends the transaction, and Django's own does nothing then.

    When a statement fails, PostgreSQL passes over those that were sent with it, so nothing is committed.
    """
    deferred = deferred_by(connection)
    if deferred and deferred.statements and not connection.needs_rollback:
        query_all(connection, [COMMIT] if commit and is_outermost(connection) else [])


def fetch(connection: BaseDatabaseWrapper, statement: str, parameters: Sequence[Any]) -> list[Any]:
    """Rows in PostgreSQL's binary format, whose times need no parsing, where Django's options allow for it."""
    with connection.cursor() as cursor:
        if not isinstance(cursor.cursor, psycopg.ClientCursor):  # that one gets everything as text
            cursor.cursor.format = Format.BINARY
        cursor.execute(statement, parameters)
        rows: list[Any] = cursor.fetchall()
    return rows


def _results_of(connection: BaseDatabaseWrapper, statements: Sequence[Statement]) -> list[bytes]:
    if not statements:
        return []
    if not _bypasses_cursor(connection):
        return [_by_cursor(connection, *statement) for statement in statements]
    with connection.wrap_database_errors:
        texts = [statement for statement, _documents in statements]
        return hooks.statements(texts, partial(_by_libpq, connection.connection, statements))


def _bypasses_cursor(connection: BaseDatabaseWrapper) -> bool:
    """Whether nothing observes the queries, and a transaction begins with a plain BEGIN."""
    if not bypasses_cursor(connection):
        return False
    session: psycopg.Connection[Any] = connection.connection
    return (session.isolation_level, session.read_only, session.deferrable) == (None, None, None)


def _by_cursor(connection: BaseDatabaseWrapper, statement: str, documents: Sequence[bytes]) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(statement, [document.decode() for document in documents])
        row = cursor.fetchone() if cursor.description else None
    return row[0].encode() if row and row[0] is not None else b""


def _by_libpq(session: "psycopg.Connection[Any]", statements: Sequence[Statement]) -> list[bytes]:
    """As psycopg does it, a transaction begins with its first statement; here both are sent at once."""
    libpq = session.pgconn
    sends = [_send(session, *statement) for statement in statements]
    if session.autocommit or libpq.transaction_status != TransactionStatus.IDLE:
        return _exchange(session, sends)
    return _exchange(session, [partial(libpq.send_query_params, b"BEGIN", None), *sends])[1:]


def _send(session: "psycopg.Connection[Any]", statement: str, documents: Sequence[bytes]) -> Callable[[], None]:
    libpq = session.pgconn
    if session.prepare_threshold is None:
        return partial(libpq.send_query_params, _numbered(statement), documents)
    return partial(libpq.send_query_prepared, _prepared(session, statement), documents)


def _exchange(session: "psycopg.Connection[Any]", sends: Sequence[Callable[[], None]]) -> list[bytes]:
    """Send all statements in one go, by libpq's pipeline mode, and return the value of each."""
    libpq = session.pgconn
    libpq.enter_pipeline_mode()
    try:
        for send in sends:
            send()
        libpq.pipeline_sync()
        results = list(_results(libpq))
        libpq.exit_pipeline_mode()
    except BaseException:  # an interruption, or the connection is lost
        _abandon(session)
        raise
    return [_value(result) for result in results]


def _results(libpq: PGconn) -> Iterator[PGresult]:
    """The result of each statement. Python does the waiting, so that other threads run on and Ctrl-C is noticed."""
    poll, seconds = select.poll(), _seconds.get()
    poll.register(libpq.socket)
    until = None if seconds is None else time.monotonic() + seconds
    while True:
        poll.modify(libpq.socket, select.POLLIN | select.POLLOUT if libpq.flush() else select.POLLIN)
        if not poll.poll(None if until is None else max(0.0, until - time.monotonic()) * 1000):
            raise _is_silent(libpq, seconds or 0)
        libpq.consume_input()
        while not libpq.is_busy():
            result = libpq.get_result() or libpq.get_result()  # after each statement's there is none, once
            if result is None:
                raise psycopg.OperationalError("The connection to PostgreSQL is lost.")
            if result.status == ExecStatus.PIPELINE_SYNC:
                return
            yield result


def _abandon(session: "psycopg.Connection[Any]") -> None:
    """Close a session whose results may still be on their way, so that no later statement takes them for its own."""
    with suppress(psycopg.Error):
        session.cancel()
    session.close()


def _prepared(session: "psycopg.Connection[Any]", statement: str) -> bytes:
    """The name of a statement that PostgreSQL has planned already.

    It is kept in psycopg's own list, which is private: psycopg drops all prepared statements after a rollback, and the
    eldest when there are many, and then they go from that list.
    """
    names = session._prepared._names
    key = _numbered(statement), ()
    if key not in names:
        name = b"eventstore_%d" % next(_numbers)
        _value(session.pgconn.prepare(name, _numbered(statement)))
        names[key] = name
    return names[key]


def _value(result: PGresult) -> bytes:
    if result.status == ExecStatus.TUPLES_OK:
        return (result.get_value(0, 0) or b"") if result.ntuples else b""
    if result.status == ExecStatus.COMMAND_OK:
        return b""
    if result.error_field(DiagnosticField.SQLSTATE) is None:  # then it is not PostgreSQL that speaks
        raise psycopg.OperationalError(result.get_error_message())
    raise psycopg.errors.error_from_result(result)  # the error that psycopg itself would raise


@cache
def _numbered(statement: str) -> bytes:
    """A statement with its places as libpq wants them: `$1` for the first `%s`."""
    first, *others = statement.split("%s")
    return "".join([first, *(f"${place}{part}" for place, part in enumerate(others, 1))]).encode()
