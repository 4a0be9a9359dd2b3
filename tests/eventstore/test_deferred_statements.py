"""Deferred statements wait for the next query or the commit, without a difference to the caller."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper

from eventstore.backends import store
from eventstore.backends.postgresql import driver
from eventstore.backends.postgresql.driver import execute_deferred, query
from eventstore.backends.retries import retrying
from eventstore.execute import execute
from eventstore.models import Command, Event
from eventstore.signals import events_appended
from tests.eventstore.sample import Clear, Count, Move
from tests.eventstore.sample_projections import Asked, Standing
from tests.eventstore.test_driver import kill, status

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]

TALLY, OTHER = UUID(int=1), UUID(int=2)
STATUS = psycopg.pq.TransactionStatus
INSERT = "INSERT INTO kept VALUES (%s::int)"
COUNT = "SELECT count(*)::text FROM kept"


@pytest.fixture
def table() -> Iterator[None]:
    """A table with a primary key."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept (id int PRIMARY KEY)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE kept")


@pytest.fixture
def trips(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of statements of each round trip."""
    sent: list[int] = []
    exchange = driver._exchange

    def counted(session: Any, sends: Any) -> list[bytes]:
        sent.append(len(sends))
        return exchange(session, sends)

    monkeypatch.setattr(driver, "_exchange", counted)
    return sent


@pytest.mark.usefixtures("sample")
def test_a_command_takes_three_trips_however_many_read_models_it_keeps(
    trips: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """BEGIN and look; write and find a row; put two rows and COMMIT. No cursor is needed, and Django has no COMMIT."""
    execute(Count(TALLY, 3), "one", actor="ann")
    trips.clear()
    monkeypatch.setattr(CursorWrapper, "execute", lambda *_: pytest.fail("A cursor was opened."))
    execute(Count(TALLY, 4), "two", actor="ann")
    monkeypatch.undo()
    assert trips == [2, 2, 3]
    assert Standing.objects.get().total == 7


@pytest.mark.usefixtures("table")
def test_the_transaction_is_committed_with_the_last_statement_and_djangos_commit_finds_nothing_to_do() -> None:
    warnings: list[str] = []
    connection.connection.add_notice_handler(lambda notice: warnings.append(notice.message_primary))
    statuses_after_commit: list[STATUS] = []

    def work() -> None:
        transaction.on_commit(lambda: statuses_after_commit.append(status()))
        execute_deferred(connection, INSERT, b"1")
        assert status() == STATUS.IDLE  # nothing was sent

    retrying(work)
    assert (statuses_after_commit, warnings) == ([STATUS.IDLE], [])
    assert query(connection, COUNT) == b"1"


@pytest.mark.usefixtures("table")
def test_a_query_in_between_sees_deferred_statements() -> None:
    def by_cursor() -> int:
        with connection.cursor() as cursor:
            cursor.execute(COUNT)
            return int(cursor.fetchone()[0])

    def work() -> tuple[int, int]:
        execute_deferred(connection, INSERT, b"1")
        seen = int(query(connection, COUNT))
        execute_deferred(connection, INSERT, b"2")
        return seen, by_cursor()

    assert retrying(work) == (1, 2)


@pytest.mark.usefixtures("sample")
def test_a_receiver_of_anothers_finds_read_models_as_they_are_then() -> None:
    seen: list[int] = []

    def look(**_: Any) -> None:
        seen.append(Standing.objects.get(pk=TALLY).total)

    with receiver_connected(look):
        execute(Count(TALLY, 3), "one", actor="ann")
        execute(Count(TALLY, 4), "two", actor="ann")
    assert seen == [3, 7]


@pytest.mark.usefixtures("table")
def test_if_a_deferred_statement_fails_nothing_is_committed_and_on_commit_is_not_called() -> None:
    committed: list[int] = []

    def work() -> None:
        transaction.on_commit(lambda: committed.append(1))
        for number in (b"1", b"2", b"1"):
            execute_deferred(connection, INSERT, number)

    with pytest.raises(IntegrityError):
        retrying(work)
    assert query(connection, COUNT) == b"0"
    assert not committed


@pytest.mark.usefixtures("table")
def test_deferred_statements_are_forgotten_when_the_work_fails() -> None:
    def work() -> None:
        execute_deferred(connection, INSERT, b"1")
        raise KeyError

    with pytest.raises(KeyError):
        retrying(work)
    assert query(connection, COUNT) == b"0"
    assert not connection.execute_wrappers


@pytest.mark.usefixtures("table")
def test_a_deferred_constraint_is_an_error_of_the_commit() -> None:
    query(connection, "ALTER TABLE kept ADD COLUMN other int REFERENCES kept DEFERRABLE INITIALLY DEFERRED")
    with pytest.raises(IntegrityError):
        retrying(lambda: execute_deferred(connection, "INSERT INTO kept VALUES (1, 2)"))
    assert query(connection, COUNT) == b"0"


@pytest.mark.usefixtures("table")
def test_within_a_callers_transaction_nothing_is_deferred_nor_committed() -> None:
    with transaction.atomic():
        retrying(lambda: execute_deferred(connection, INSERT, b"1"))
        assert status() == STATUS.INTRANS
        assert query(connection, COUNT) == b"1"
        transaction.set_rollback(True)
    assert query(connection, COUNT) == b"0"


@pytest.mark.usefixtures("table")
def test_within_a_savepoint_an_error_comes_in_time_to_go_back_there() -> None:
    def work() -> None:
        execute_deferred(connection, INSERT, b"1")
        with pytest.raises(IntegrityError), transaction.atomic():
            execute_deferred(connection, INSERT, b"1")
        execute_deferred(connection, INSERT, b"2")

    retrying(work)
    assert query(connection, COUNT) == b"2"


@pytest.mark.usefixtures("table")
def test_a_dry_run_fails_as_the_real_run_would_and_leaves_nothing() -> None:
    def twice() -> None:
        execute_deferred(connection, INSERT, b"1")
        execute_deferred(connection, INSERT, b"1")

    retrying(lambda: execute_deferred(connection, INSERT, b"1"), rehearsal=True)
    assert query(connection, COUNT) == b"0"
    with pytest.raises(IntegrityError):
        retrying(twice, rehearsal=True)


@pytest.mark.usefixtures("table")
def test_a_connection_that_is_lost_meanwhile_is_an_operational_error() -> None:
    def work() -> None:
        kill(int(query(connection, "SELECT pg_backend_pid()::text")))
        execute_deferred(connection, INSERT, b"1")

    with pytest.raises(OperationalError):
        retrying(work)
    connection.close()
    assert query(connection, COUNT) == b"0"


@pytest.mark.usefixtures("sample")
def test_rows_are_prefetched_across_a_batch_and_missing_ones_are_inserted() -> None:
    execute(Count(TALLY, 8), "one", actor="ann")
    execute(Move(TALLY, OTHER, 5), "two", actor="ann")
    execute(Clear(OTHER), "three", actor="ann")
    assert list(Standing.objects.values_list("pk", "total")) == [(TALLY, 3)]
    assert (Asked.objects.count(), Command.objects.count(), Event.objects.count()) == (3, 3, 4)


def test_a_backend_without_deferred_statements_commits_nothing() -> None:
    retrying(lambda: store(connection).send_deferred(commit=True))
    assert status() == STATUS.IDLE


@contextmanager
def receiver_connected(receiver: Callable[..., None]) -> Iterator[None]:
    events_appended.connect(receiver)
    try:
        yield
    finally:
        events_appended.disconnect(receiver)
