"""The engine's own way to PostgreSQL: the same connection, transaction and errors as Django's, and as safe."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial

import psycopg
import pytest
from django.db import DataError, OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.test.utils import CaptureQueriesContext

from eventstore.backends.postgresql import read_models
from eventstore.backends.postgresql.driver import query
from eventstore.backends.postgresql.statements import OPEN
from eventstore.backends.targets import Target
from eventstore.models import Stream

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]

PID = "SELECT pg_backend_pid()::text"
STATUS = psycopg.pq.TransactionStatus


def status() -> STATUS:
    return STATUS(connection.connection.pgconn.transaction_status)


def test_a_document_comes_back_as_it_was_however_long() -> None:
    long = ("é 👩 \\ ' %" * 500_000).encode()
    assert query(connection, "SELECT %s::text", long) == long


def test_a_statement_without_a_row_gives_nothing() -> None:
    assert query(connection, "SELECT 'x' WHERE false") == b""
    assert query(connection, "SET application_name = 'x'") == b""


def test_it_begins_djangos_transaction_and_ends_with_it() -> None:
    with transaction.atomic():
        assert status() == STATUS.IDLE
        query(connection, "SELECT 'x'")
        assert status() == STATUS.INTRANS
    assert status() == STATUS.IDLE
    query(connection, "SELECT 'x'")
    assert status() == STATUS.IDLE


def test_an_error_is_djangos_and_a_savepoint_mends_it() -> None:
    with transaction.atomic():
        with pytest.raises(DataError) as error, transaction.atomic():
            query(connection, "SELECT (1 / %s::int)::text", b"0")
        assert getattr(error.value.__cause__, "sqlstate", None) == "22012"
        assert query(connection, "SELECT 'on'") == b"on"


def test_what_was_prepared_is_prepared_again_after_psycopg_drops_it() -> None:
    """After a rollback, and as soon as a cursor has dropped a table, psycopg drops all that is prepared."""
    query(connection, "SELECT 'x'")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE dropped ()")
        cursor.execute("DROP TABLE dropped")
    assert query(connection, "SELECT 'x'") == b"x"
    with suppress(KeyError), transaction.atomic():
        query(connection, "SELECT 'x'")
        raise KeyError
    assert query(connection, "SELECT 'x'") == b"x"
    connection.close()
    assert query(connection, "SELECT 'x'") == b"x"


def test_nothing_is_prepared_where_poolers_forbid_it() -> None:
    connection.ensure_connection()
    connection.connection.prepare_threshold = None
    try:
        assert query(connection, "SELECT %s::text", b"x") == b"x"
        assert query(connection, "SELECT count(*)::text FROM pg_prepared_statements") == b"0"
    finally:
        connection.close()


def test_who_looks_at_djangos_queries_sees_it() -> None:
    with CaptureQueriesContext(connection) as queries:
        assert query(connection, "SELECT %s::text", b"seen") == b"seen"
    assert len(queries) == 1


def test_a_transaction_that_begins_otherwise_is_left_to_psycopg() -> None:
    connection.ensure_connection()
    connection.connection.isolation_level = psycopg.IsolationLevel.SERIALIZABLE
    try:
        with transaction.atomic():
            assert query(connection, "SELECT current_setting('transaction_isolation')") == b"serializable"
    finally:
        connection.close()


@pytest.mark.usefixtures("no_cursors")
def test_otherwise_no_cursor_is_needed() -> None:
    with transaction.atomic():
        assert query(connection, "SELECT 'x'") == b"x"


@pytest.fixture
def no_cursors(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("A cursor was opened.")

    connection.ensure_connection()
    monkeypatch.setattr(CursorWrapper, "execute", refuse)


def later(act: Callable[[], object]) -> threading.Timer:
    timer = threading.Timer(0.2, act)
    timer.start()
    return timer


def kill(pid: int) -> None:
    options = connection.get_connection_params() | {"autocommit": True}
    wanted = {name: options[name] for name in ("host", "port", "user", "password", "dbname") if options.get(name)}
    with psycopg.connect(**wanted, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [pid])


def test_a_lost_connection_is_an_operational_error_and_django_reconnects() -> None:
    kill(int(query(connection, PID)))
    with pytest.raises(OperationalError):
        query(connection, PID)
    connection.close()
    timer = later(partial(kill, int(query(connection, PID))))
    with pytest.raises(OperationalError):
        query(connection, "SELECT pg_sleep(60)::text")
    timer.join()
    connection.close()
    assert query(connection, "SELECT 'x'") == b"x"


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Handle Ctrl-C, though a shell that runs the tests in the background lets them ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c")
def test_who_waits_can_be_interrupted_and_gets_no_answer_of_anothers() -> None:
    timer = later(lambda: os.kill(os.getpid(), signal.SIGINT))
    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        query(connection, "SELECT pg_sleep(60)::text")
    timer.join()
    assert query(connection, "SELECT 'x'") == b"x"


def test_rows_are_looked_up_by_an_index_while_the_tables_are_still_empty() -> None:
    """The driver keeps the plan: a sequential scan would stay when the tables are large.

    Restores are a handful of rows for ever. An ANALYZE by the server itself may have found the tables empty, and then
    every way costs alike: so the plan is asked for as if scans were dear.
    """
    limit, unknown_id, nothing = b"5000", b'["00000000-0000-0000-0000-000000000000"]', b"[]"
    lookup = read_models._lookup(Target("eventstore_stream", Stream), connection)
    for statement, documents in ((OPEN, [limit, unknown_id, nothing]), (lookup, [unknown_id])):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {statement}", [document.decode() for document in documents])
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert "Index Scan" in plan
        assert "Seq Scan" not in plan.replace("Seq Scan on eventstore_restoration", "")
