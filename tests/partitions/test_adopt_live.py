"""`adopt` beside writers, and killed after any of its statements: nothing is lost, nothing is there twice."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from threading import Event as Flag
from typing import Any
from uuid import UUID, uuid5

import pytest
from django.db import connection, connections

from eventstore.execute import execute
from eventstore.integrity.verify import Scope, verify
from eventstore.models import Command, Event
from eventstore.partitions import CannotPartition, adopt, is_partitioned, partitions
from eventstore.partitions.adopt import begun
from eventstore.partitions.stores import EVENTS, STORES
from tests.eventstore.sample import Count
from tests.partitions.conftest import copied_database

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sample")]
WRITERS, KEYS = 4, 30


@pytest.fixture
def plain(transactional_db: None, sample: None) -> Iterator[None]:
    """A database that the test partitions by itself."""
    with copied_database("plain"):
        yield


class Killed(BaseException):
    """What a killed process does from then on: nothing."""


@contextmanager
def killed_after(statements: int) -> Iterator[None]:
    """Within the block, no statement after so many reaches the database; at its end the session is gone."""
    left = [statements]

    def execute(run: Callable[..., Any], *arguments: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise Killed
        return run(*arguments)

    try:
        with connection.execute_wrapper(execute):
            yield
    except Killed:
        connection.connection.close()
        connection.close()


def stream(number: int) -> UUID:
    return uuid5(UUID(int=0), str(number))


def test_killed_after_any_statement_it_goes_on_and_so_does_the_site(plain: None) -> None:
    """Each run is killed a little later than the one before, until one comes to its end."""
    kills = 0
    while not is_partitioned(connection) or partitions(connection, EVENTS)[-2].first == 0:
        with killed_after(kills):
            adopt(connection, size=1_000)
        execute(Count(stream(kills % 5), 1), f"{kills}", actor="ann")
        assert execute(Count(stream(kills % 5), 1), f"{kills}", actor="ann").replayed
        kills += 1
    assert kills > 20
    adopt(connection, size=1_000)
    assert Command.objects.count() == Event.objects.count() == kills
    assert all(begun(connection, store) is None for store in STORES)
    assert verify(Scope()).faults.named == []


def test_writers_go_on_and_none_is_heard_twice(plain: None) -> None:
    """Each key is used by all writers at once, before, while and after the tables change places."""
    may_end = Flag()

    def write(writer: int) -> int:
        used = 0
        try:
            while used < KEYS or not may_end.is_set():
                execute(Count(stream(used), 1), f"{used}", actor="ann")
                used += 1
        finally:
            connections.close_all()
        return used

    with ThreadPoolExecutor(WRITERS) as pool:
        writers = [pool.submit(write, number) for number in range(WRITERS)]
        try:
            adopt(connection, size=1_000)
        finally:
            may_end.set()
        most = max(writer.result() for writer in writers)
    assert Command.objects.count() == Event.objects.count() == most
    assert set(Event.objects.values_list("version", flat=True)) == {1}
    assert verify(Scope()).faults.named == []


def test_the_exchange_looks_through_no_row(plain: None) -> None:
    """PostgreSQL says so itself: the constraint that was validated before is enough."""
    said: list[str] = []
    with connection.cursor() as cursor:
        cursor.execute("SET client_min_messages = debug1")
    connection.connection.add_notice_handler(lambda notice: said.append(str(notice.message_primary)))
    adopt(connection, size=1_000)
    for store in STORES:
        part = partitions(connection, store)[0].name
        assert any(part in text and "implied by existing constraints" in text for text in said)


def test_a_lock_that_is_never_free_leaves_all_as_it_was(plain: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Above all, no constraint stays that would keep rows out later."""
    monkeypatch.setattr(import_module("eventstore.partitions.adopt"), "_exchange", _unavailable)
    with pytest.raises(CannotPartition):
        adopt(connection, size=1_000)
    assert begun(connection, EVENTS) is None
    assert not is_partitioned(connection)
    execute(Count(stream(1), 1), "1", actor="ann")


def _unavailable(*_: Any) -> None:
    raise CannotPartition("No lock.")
