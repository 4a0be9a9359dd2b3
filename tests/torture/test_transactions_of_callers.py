"""Commands within a transaction of the caller's: what can't be tried again from inside is said at once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError, connection, connections, transaction

from eventstore import log
from eventstore.backends import retries
from eventstore.errors import RetriesExhausted, TransactionRefused
from eventstore.execute import CommandRequest, execute, execute_many, retrying
from tests.eventstore.machine.crashes import busy, lost
from tests.eventstore.sample import Count

pytestmark = pytest.mark.django_db(transaction=True)


def count(tally_id: UUID) -> None:
    execute(Count(tally_id, 1), uuid4(), actor="ann")


def both(first: UUID, second: UUID, meeting: threading.Barrier) -> str:
    """Count in two streams within one transaction; both have the first one locked when they meet."""
    try:
        with transaction.atomic():
            count(first)
            meeting.wait(timeout=30)
            count(second)
    except TransactionRefused as refused:
        return str(refused)
    finally:
        connections.close_all()
    return "done"


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The pauses between attempts."""
    paused: list[Any] = []
    monkeypatch.setattr("eventstore.backends.retries.time.sleep", paused.append)
    return paused


@pytest.mark.postgresql
def test_two_commands_in_opposite_order_in_two_transactions_end_at_once(attempts: list[Any]) -> None:
    """They tried again for 14 seconds, with their locks held, so that neither could go on."""
    one, other, meeting = uuid4(), uuid4(), threading.Barrier(2)
    for stream in (one, other):
        count(stream)
    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(both, (one, other), (other, one), (meeting, meeting)))
    (refused,) = (text for text in said if text != "done")
    assert "deadlock" in refused
    assert "Roll it back and run it again as a whole" in refused
    assert "execute_many" in refused
    assert attempts == []
    assert [log.load("tally", stream)[1] for stream in (one, other)] == [2, 2]


@pytest.mark.postgresql
def test_the_same_two_commands_in_one_call_never_meet() -> None:
    one, other, meeting = uuid4(), uuid4(), threading.Barrier(2)

    def together(*streams: UUID) -> int:
        try:
            meeting.wait(timeout=30)
            requests = [CommandRequest(command=Count(s, 1), key=str(uuid4()), actor="ann") for s in streams]
            return len(execute_many(requests))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(together, (one, other), (other, one))) == [2, 2]


@pytest.mark.postgresql
def test_a_lost_race_within_a_transaction_is_run_again(attempts: list[Any]) -> None:
    """The winner has committed, so the second attempt sees it."""
    stream, meeting = uuid4(), threading.Barrier(2)

    def race() -> bool:
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SELECT 1")
                meeting.wait(timeout=30)
                return execute(Count(stream, 1), "the same", actor="ann").accepted
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.submit(race), pool.submit(race)
        assert [first.result(), second.result()] == [True, True]
    assert log.load("tally", stream)[1] == 1


def fail_once(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The first attempt is refused by the database, as by a deadlock."""
    error, tried = _deadlock(), list[int]()
    once = retries._attempt

    def attempt(work: Any, database: str, committed: list[bool], *, rehearsal: bool) -> Any:
        return once(lambda: _refused_first(work, tried, error), database, committed, rehearsal=rehearsal)

    monkeypatch.setattr(retries, "_attempt", attempt)
    return tried


def _refused_first(work: Any, tried: list[int], error: Exception) -> Any:
    tried.append(1)
    if len(tried) == 2:
        raise error
    return work()


def _deadlock() -> Exception:

    error = OperationalError("deadlock detected")
    error.__cause__ = busy() if connection.vendor == "sqlite" else lost()
    return error


def test_a_call_within_the_engine_s_own_transaction_lets_that_one_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    stream, runs = uuid4(), list[int]()
    fail_once(monkeypatch)

    def work() -> None:
        runs.append(1)
        count(stream)

    retrying(work)
    assert len(runs) == 2
    assert log.load("tally", stream)[1] == 1


def test_a_transaction_that_is_refused_is_one_of_the_retries_that_are_exhausted() -> None:
    """So a page that is too busy says so, in this case too."""
    assert issubclass(TransactionRefused, RetriesExhausted)


def test_within_a_transaction_of_the_caller_s_it_is_raised_at_once(
    monkeypatch: pytest.MonkeyPatch, attempts: list[Any]
) -> None:
    tried = fail_once(monkeypatch)
    tried.append(0)
    says = "within a transaction of the caller's: deadlock detected"
    with pytest.raises(TransactionRefused, match=says), transaction.atomic():
        count(uuid4())
    assert attempts == []
