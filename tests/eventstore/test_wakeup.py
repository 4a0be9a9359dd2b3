"""When an idle runner looks at the log again; and who is told that there is something to read."""

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
from eventstore.projecting.runner.wakeup import Watch
from tests.eventstore.sample import Counted
from tests.torture.test_feed_never_skips import another_transaction, append_raw

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 20  # seconds until a hint that never comes is a failure


def append() -> None:
    tally_id = uuid4()
    log.append("tally", tally_id, [Counted(tally_id, 1, 1)], actor="test")


@pytest.fixture
def watch() -> Iterator[Watch]:
    """A runner's view of the tide, which has looked at an empty log."""
    feed.advance()
    watch = Watch(threading.Event())
    assert watch.look(), "the first look finds whatever is there"
    yield watch
    watch.close()


@pytest.fixture
def ear() -> Iterator[Listener]:
    feed.advance()
    ear = NotificationListener(connection)
    yield ear
    ear.close()


def test_a_look_at_an_idle_log_is_one_query(watch: Watch, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        assert not watch.look()


def test_a_look_finds_what_was_appended(watch: Watch) -> None:
    append()
    assert watch.look()
    assert watch.mark == feed.tidemark() == Event.objects.latest("position").position
    assert not watch.look()


@pytest.mark.postgresql
def test_who_had_to_raise_the_mark_watches_closely_from_then_on(watch: Watch) -> None:
    watch.closely = False
    append()
    feed.advance()
    watch.look()
    assert not watch.closely
    append()
    watch.look()
    assert watch.closely


@pytest.mark.postgresql
def test_raising_the_mark_is_told_once_for_all_events_below_it(ear: Listener) -> None:
    for _ in range(3):
        append()
    feed.advance()
    feed.advance()
    assert ear.wait(PATIENCE)
    assert not ear.wait(0)


@pytest.mark.postgresql
def test_nobody_is_told_where_that_is_not_wanted(ear: Listener, settings: Settings) -> None:
    settings.EVENTSTORE_NOTIFY = False
    append()
    feed.advance()
    assert not ear.wait(0)


@pytest.mark.postgresql
def test_a_runner_that_does_not_watch_waits_to_be_told(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wakeup, "OTHERS_SECONDS", (PATIENCE, PATIENCE))
    watch.closely = False
    assert not watch.look()
    teller = threading.Timer(0.1, tell)
    teller.start()
    watch.wait()
    teller.join()
    assert watch.look()


def tell() -> None:
    try:
        append()
        feed.advance()
    finally:
        connection.close()


@pytest.mark.postgresql
def test_a_runner_that_can_not_listen_looks_by_itself(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(store()), "listen", refuse)
    watch.closely = False
    append()
    watch.wait()
    assert watch.look()


def refuse(_: object) -> None:
    raise CannotListen


@pytest.mark.postgresql
def test_a_lost_connection_to_listen_on_is_replaced(watch: Watch) -> None:
    watch.closely = False
    watch.wait()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND query LIKE 'LISTEN%%'"
        )
        assert cursor.fetchall() == [(True,)]
    watch.wait()
    assert watch.look(), "who may have missed something looks"
    watch.wait()
    assert watch._ear


@pytest.mark.postgresql
def test_a_writer_that_lingers_is_looked_at_less_and_less(watch: Watch) -> None:
    watch.look()
    with another_transaction() as slow:
        append_raw(slow, amount=1)
        watch.look()
        short = watch._pause()
        watch._waits_since -= 100
        assert short < watch._pause() == wakeup.OTHERS_SECONDS[0]
    assert watch.look()
    assert watch._pause() == wakeup.WATCHER_SECONDS[0]


def test_an_idle_log_is_looked_at_less_and_less(watch: Watch) -> None:
    append()
    watch.look()
    assert watch._pause() == wakeup.WATCHER_SECONDS[0]
    watch._moved_at -= 100
    assert watch._pause() == wakeup.WATCHER_SECONDS[1]


def test_what_a_killed_runner_may_have_left_is_looked_for_though_nothing_is_appended(watch: Watch) -> None:
    assert not watch.look()
    watch._anyway_at = 0
    assert watch.look()
    assert not watch.look()
