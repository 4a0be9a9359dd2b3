"""When an idle runner looks at the log again, and which runners get a hint."""

import threading
from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from eventstore import feed, log
from eventstore.backends import store
from eventstore.backends.base import CannotListen, Listener
from eventstore.backends.postgresql.notify import NotificationListener
from eventstore.models import Event
from eventstore.projecting.runner import wakeup
from eventstore.projecting.runner.wakeup import Poller
from eventstore.service import Stop
from tests.eventstore.sample import Counted
from tests.torture.test_feed_never_skips import another_transaction, append_raw

pytestmark = pytest.mark.django_db(transaction=True)

HINT_TIMEOUT_SECONDS = 600  # until a hint that never comes is a failure; a busy machine takes its time


def append() -> None:
    tally_id = uuid4()
    log.append("tally", tally_id, [Counted(tally_id, 1, 1)], actor="test")


@pytest.fixture
def poller() -> Iterator[Poller]:
    """A runner's view of the tide, which has looked at an empty log."""
    feed.advance()
    poller = Poller(Stop())
    assert poller.poll(), "the first look finds whatever is there"
    yield poller
    poller.close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    feed.advance()
    listener = NotificationListener(connection)
    yield listener
    listener.close()


def test_a_look_at_an_idle_log_is_one_query(poller: Poller, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        assert not poller.poll()


def test_a_look_finds_what_was_appended(poller: Poller) -> None:
    append()
    assert poller.poll()
    assert poller.there.position == feed.tidemark() == Event.objects.latest("position").position
    assert not poller.poll()


@pytest.mark.postgresql
def test_who_had_to_raise_the_mark_watches_closely_from_then_on(poller: Poller) -> None:
    poller.is_fast = False
    append()
    feed.advance()
    poller.poll()
    assert not poller.is_fast
    append()
    poller.poll()
    assert poller.is_fast


@pytest.mark.postgresql
def test_advancing_the_mark_sends_one_hint_for_all_events_below_it(listener: Listener) -> None:
    for _ in range(3):
        append()
    feed.advance()
    feed.advance()
    assert listener.wait(HINT_TIMEOUT_SECONDS)
    assert not listener.wait(0)


@pytest.mark.postgresql
def test_no_hint_is_sent_where_hints_are_off(listener: Listener, settings: Settings) -> None:
    settings.EVENTSTORE_NOTIFY = False
    append()
    feed.advance()
    assert not listener.wait(0)


@pytest.mark.postgresql
def test_a_runner_that_does_not_watch_waits_for_a_hint(poller: Poller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wakeup, "SLOW_POLL_SECONDS", (HINT_TIMEOUT_SECONDS, HINT_TIMEOUT_SECONDS))
    poller.is_fast = False
    assert not poller.poll()
    timer = threading.Timer(0.1, append_and_advance)
    timer.start()
    poller.wait()
    timer.join()
    assert poller.poll()


def append_and_advance() -> None:
    try:
        append()
        feed.advance()
    finally:
        connection.close()


@pytest.mark.postgresql
def test_a_runner_that_can_not_listen_looks_by_itself(poller: Poller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(store()), "listen", refuse)
    poller.is_fast = False
    append()
    poller.wait()
    assert poller.poll()


def refuse(_: object) -> None:
    raise CannotListen


@pytest.mark.postgresql
def test_a_lost_connection_to_listen_on_is_replaced(poller: Poller) -> None:
    poller.is_fast = False
    poller.wait()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND query LIKE 'LISTEN%%'"
        )
        assert cursor.fetchall() == [(True,)]
    poller.wait()
    assert poller.poll(), "who may have missed something looks"
    poller.wait()
    assert poller._listener


@pytest.mark.postgresql
def test_a_writer_that_lingers_is_looked_at_less_and_less(poller: Poller) -> None:
    poller.poll()
    with another_transaction() as slow:
        append_raw(slow, amount=1)
        poller.poll()
        short = poller._pause()
        poller._waiting_since -= 100
        assert short < poller._pause() == wakeup.SLOW_POLL_SECONDS[0]
    assert poller.poll()
    assert poller._pause() == wakeup.FAST_POLL_SECONDS[0]


def test_an_idle_log_is_looked_at_less_and_less(poller: Poller) -> None:
    append()
    poller.poll()
    assert poller._pause() == wakeup.FAST_POLL_SECONDS[0]
    poller._moved_at -= 100
    assert poller._pause() == wakeup.FAST_POLL_SECONDS[1]


def test_what_a_killed_runner_may_have_left_is_looked_for_though_nothing_is_appended(poller: Poller) -> None:
    assert not poller.poll()
    poller._recheck_at = 0
    assert poller.poll()
    assert not poller.poll()
