"""The process that holds the tidemark back is named with its id; the watcher itself waits for no lock."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import InternalError, connection, transaction
from django.db.models.functions import Now

from eventstore import feed, models
from eventstore.checks.watch import Code, Limits, Problem, problems, timeouts
from eventstore.checks.watch.timeouts import statement_timeout
from eventstore.execute import execute
from tests.eventstore.sample import Count

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("sample", "runner"),
]

AT_ONCE = Limits(held=0)


@pytest.fixture
def runner(sample: None) -> None:
    """A runner that is registered for all delayed projections."""
    models.Runner(
        runner_id=uuid4(), name="here:7", projections=["grand", "lines"], started_at=Now(), seen_at=Now()
    ).save()


@contextmanager
def other_session(**session: str) -> Iterator[psycopg.Connection]:
    """Another program, whose transaction is committed at the end of the block."""
    settings = connection.get_connection_params()
    own: dict[str, Any] = {
        name: settings[name] for name in ("host", "port", "user", "password", "dbname") if name in settings
    }
    own |= {"application_name": "somebody", **session}
    with psycopg.connect(**own) as other:
        yield other


def append_raw(other: psycopg.Connection) -> None:
    """Append an event in another transaction, past the engine but through the database's own guards."""
    other.execute(
        """
        INSERT INTO eventstore_event (event_id, category, stream_id, version, type, schema_version, data, metadata,
            recorded_at, slot, digest)
        VALUES (%s, 'tally', %s, 1, 'tally.counted', 1, %s::jsonb, '{}', now(), 0, '')
        """,
        [uuid4(), uuid4(), f'{{"tally_id": "{uuid4()}", "amount": 1, "total": 1}}'],
    )


def codes(limits: Limits | None = None) -> list[str]:
    return [str(problem.code) for problem in problems(limits)]


def only(limits: Limits = AT_ONCE) -> Problem:
    (problem,) = problems(limits)
    return problem


def test_an_open_writer_is_named_until_it_commits() -> None:
    with other_session() as slow:
        append_raw(slow)
        feed.advance(timeout=0)
        assert codes() == [], "every writer takes its time"
        problem = only()
        assert problem.code == Code.MARK_BLOCKED
        assert problem.subject == str(slow.info.backend_pid)
        assert f"Process {slow.info.backend_pid} (tidemark, somebody, idle in transaction, open for" in problem.sentence
        assert f"pg_terminate_backend({slow.info.backend_pid})" in problem.advice
        assert str(problem.details["query"]).strip().startswith("INSERT INTO eventstore_event")
    assert [problem.code for problem in problems(AT_ONCE)] == [Code.MARK_NOT_RAISED]
    feed.advance()
    assert codes(AT_ONCE) == []


def test_a_writer_of_another_role_is_named_although_its_start_is_hidden() -> None:
    with other_session(user="postgres") as stranger:
        append_raw(stranger)
        assert codes(AT_ONCE) == [], "nothing is held back by it that could be read otherwise"
        execute(Count(UUID(int=1), 1), "one", actor="ann")
        feed.advance(timeout=0)
        problem = only()
        assert (problem.code, problem.details["open_for"]) == (Code.MARK_BLOCKED, None)
        assert f"Process {stranger.info.backend_pid} (postgres, somebody) holds the tidemark" in problem.sentence
        stranger.rollback()


def test_a_prepared_transaction_is_named_by_its_name() -> None:
    with other_session() as program:
        append_raw(program)
        program.execute("PREPARE TRANSACTION 'forgotten'")
    try:
        problem = only()
        assert (problem.code, problem.subject) == (Code.MARK_BLOCKED, "forgotten")
        assert problem.sentence.startswith("The prepared transaction forgotten (tidemark, open for ")
        assert "ROLLBACK PREPARED" in problem.advice
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ROLLBACK PREPARED 'forgotten'")


def test_a_mark_that_no_runner_advances_is_a_problem() -> None:
    execute(Count(UUID(int=1), 1), "one", actor="ann")
    assert codes() == [], "a runner may be about to"
    problem = only()
    assert problem.code == Code.MARK_NOT_RAISED
    assert problem.advice == "here:7 should: read the log there, and start it anew."
    models.Runner.objects.all().delete()
    assert codes(AT_ONCE) == ["mark_not_raised", "not_served"]
    feed.advance()
    assert codes(AT_ONCE) == ["not_served"]


def test_a_refused_command_has_to_be_readable_too() -> None:
    execute(Count(UUID(int=1), 1_000), "too much", actor="ann")
    assert codes(AT_ONCE) == ["mark_not_raised"]


def test_positions_that_were_drawn_in_vain_are_no_problem() -> None:
    with other_session() as program:
        append_raw(program)
        program.rollback()
    assert codes(AT_ONCE) == []


def test_who_has_locked_the_mark_itself_is_named() -> None:
    with ThreadPoolExecutor(1) as threads, other_session() as raising, other_session() as idle:
        idle.execute("SELECT * FROM eventstore_tidemark FOR UPDATE")
        update = threads.submit(raising.execute, "UPDATE eventstore_tidemark SET position = position")
        _wait_until_it_waits(raising)
        problem = only()
        assert (problem.code, problem.subject) == (Code.MARK_BLOCKED, str(idle.info.backend_pid))
        assert "has locked the tidemark, so nobody can raise it." in problem.sentence
        idle.rollback()
        update.result()
        raising.rollback()
    assert codes(AT_ONCE) == []


def _wait_until_it_waits(session: psycopg.Connection) -> None:
    with connection.cursor() as cursor:
        waits = False
        while not waits:
            cursor.execute(
                "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pid = %s)", [session.info.backend_pid]
            )
            (waits,) = cursor.fetchone()


def test_it_does_not_wait_for_what_is_locked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeouts, "STATEMENT_TIMEOUT_SECONDS", 0.1)
    models.Projection.objects.filter(name="standings").update(is_live=False)
    with other_session() as careless:
        careless.execute("LOCK TABLE eventstore_tidemark, eventstore_runner")
        found = problems()
        careless.rollback()
    assert [(problem.code, problem.subject) for problem in found] == [
        (Code.UNREADABLE, "mark"),
        (Code.UNREADABLE, "absence"),
        (Code.UNREADABLE, "projections"),
    ]
    assert "canceling statement due to statement timeout" in found[0].sentence


def test_who_has_the_checkpoints_locked_is_named_when_a_projection_lags() -> None:
    execute(Count(UUID(int=1), 1), "one", actor="ann")
    feed.advance()
    with other_session() as idle:
        idle.execute("SELECT * FROM eventstore_checkpoint FOR UPDATE")
        found = problems(Limits(held=0, lag=0))
        pid = idle.info.backend_pid
        idle.rollback()
    assert [problem.subject for problem in found] == ["grand", "lines"]
    assert all(f"may be locked: Process {pid} (tidemark, somebody" in problem.advice for problem in found)


def test_it_reads_only() -> None:
    with pytest.raises(InternalError, match="read-only"), statement_timeout():
        models.Runner.objects.all().delete()
    models.Runner.objects.all().delete()


def test_a_transaction_around_it_is_left_as_it_was() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        problems()
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)
        models.Runner.objects.all().delete()
