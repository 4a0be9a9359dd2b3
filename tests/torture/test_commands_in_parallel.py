"""Concurrent commands: one effect for one key, no lost update, no deadlock that a caller sees."""

from functools import partial
from uuid import UUID

import psycopg
import pytest
from django.db import connection

from eventstore import log
from eventstore.backends import retries
from eventstore.errors import RetriesExhausted, VersionConflict
from eventstore.execute import Receipt, execute
from eventstore.models import Command, Event, Stream
from tests.eventstore.sample import Count, Counted, Move
from tests.torture.test_feed_never_skips import another_transaction
from tests.torture.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

TALLY, OTHER = UUID(int=1), UUID(int=2)


def count(amount: int, key: str) -> Receipt:
    return execute(Count(TALLY, amount), key, actor="ann")


def total(tally_id: UUID) -> int:
    return int(log.load("tally", tally_id)[0].total)


def test_one_key_sent_twenty_times_has_one_effect_and_one_answer() -> None:
    receipts = at_once([partial(count, 3, "one")] * 20)
    assert {(r.command_id, r.accepted, r.positions, r.recorded_at, str(r.answer)) for r in receipts} == {
        (receipts[0].command_id, True, receipts[0].positions, receipts[0].recorded_at, "{'total': 3}")
    }
    assert [receipt.replayed for receipt in receipts].count(False) == 1
    assert Event.objects.count() == Command.objects.count() == 1


def test_a_new_stream_that_all_begin_at_once_loses_no_update() -> None:
    receipts = at_once([partial(count, 1, str(number)) for number in range(20)])
    assert all(receipt.accepted for receipt in receipts)
    assert total(TALLY) == 20
    versions = Event.objects.order_by("version").values_list("version", flat=True)
    assert list(versions) == list(range(1, 21))


def test_a_limit_holds_however_many_try_at_once() -> None:
    receipts = at_once([partial(count, 10, str(number)) for number in range(20)])
    assert [receipt.accepted for receipt in receipts].count(True) == 10
    assert total(TALLY) == 100


def test_moves_there_and_back_neither_fail_nor_lose_anything() -> None:
    """Locking the heads in the order in which the command names them would deadlock here."""
    count(50, "first")
    execute(Count(OTHER, 50), "second", actor="ann")
    there = [partial(execute, Move(TALLY, OTHER, 1), f"there {n}", actor="ann") for n in range(20)]
    back = [partial(execute, Move(OTHER, TALLY, 1), f"back {n}", actor="ann") for n in range(20)]
    receipts = at_once([*there, *back])
    assert all(receipt.accepted for receipt in receipts)
    assert (total(TALLY), total(OTHER)) == (50, 50)


def test_of_those_who_expect_one_version_one_appends() -> None:
    def append() -> bool:
        try:
            log.append("tally", TALLY, [Counted(TALLY, 1, 1)], expected_version=0, actor="test")
        except VersionConflict:
            return False
        return True

    assert at_once([append] * 10).count(True) == 1


@pytest.mark.postgresql
def test_a_deadlock_is_retried_without_an_error_for_the_caller() -> None:
    """Another session locks the heads in the other order, and PostgreSQL ends one of the two, ours in the end."""
    count(100, "first")
    execute(Count(OTHER, 5), "second", actor="ann")

    def lock(stream_id: UUID) -> None:
        other.execute("SELECT FROM eventstore_stream WHERE stream_id = %s FOR UPDATE", [stream_id])

    def the_other_way_round() -> bool:
        wait_until_a_session_is_blocked()
        try:
            lock(TALLY)
        except psycopg.errors.DeadlockDetected:
            other.rollback()
            return False
        other.commit()
        return True

    def move() -> bool:
        return execute(Move(TALLY, OTHER, 1), f"move {moves}", actor="ann").accepted

    moves, ours_was_ended = 0, False
    with another_transaction() as other:
        while not ours_was_ended:
            moves += 1
            lock(OTHER)
            accepted, ours_was_ended = at_once([move, the_other_way_round])
            assert accepted
    assert (total(TALLY), total(OTHER)) == (100 - moves, 5 + moves)


WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def wait_until_a_session_is_blocked() -> None:
    with connection.cursor() as cursor:
        waiting = 0
        while not waiting:
            cursor.execute(WAITING)
            (waiting,) = cursor.fetchone()


@pytest.mark.postgresql
def test_a_database_that_never_lets_it_through_is_an_error_that_stores_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    count(5, "first")
    monkeypatch.setattr(retries, "FIRST_PAUSE", 0)
    with another_transaction() as other, connection.cursor() as cursor:
        other.execute("SELECT FROM eventstore_stream WHERE stream_id = %s FOR UPDATE", [TALLY])
        cursor.execute("SET lock_timeout = '1ms'")
        with pytest.raises(RetriesExhausted):
            count(5, "second")
        cursor.execute("RESET lock_timeout")
    assert count(5, "second").accepted
    assert Stream.objects.get().version == 2
