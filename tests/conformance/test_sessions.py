"""Several sessions: drawn positions and their writers, blocked writers, and one snapshot for a whole transaction."""

from functools import partial

import pytest
from django.db import transaction

from eventstore import feed
from eventstore.models import Event
from tests.conformance.examples import ONE, THREE, TWO, backend, command, event, opened, write
from tests.conformance.sessions import other_session, run_and_commit, without_waiting

pytestmark = pytest.mark.django_db(transaction=True)


def drawn() -> tuple[int, int]:
    return backend.last_drawn()


def test_nothing_is_drawn_on_an_empty_log_once_and_for_all() -> None:
    """A query draws no position."""
    assert drawn() == drawn()


def test_what_was_drawn_last_is_the_last_that_was_written() -> None:
    """A position and a number, each of its own sequence."""
    first = write(event(ONE), command("one"))
    assert drawn() == (first.positions[-1], first.numbers[-1])
    second = write(event(TWO, 1), event(TWO, 2))
    assert drawn() == (second.positions[-1], first.numbers[-1])


def test_writers_are_those_who_hold_what_is_not_committed() -> None:
    """From the moment they draw to the end of their transaction; or there are none, as what is read is all there is."""
    with other_session() as other:
        other.begin()
        assert not backend.writers()
        other(partial(write, event(ONE)))
        hidden = drawn()[0] > max(Event.objects.values_list("position", flat=True), default=0)
        assert bool(backend.writers()) == hidden
        other.commit()
        assert not backend.writers()


def test_a_writer_is_the_same_each_time_it_is_looked_at_and_another_is_another() -> None:
    """The mark waits for those that it saw, not for those that come later."""
    with other_session() as one, other_session() as other:
        one.begin()
        one(partial(write, event(ONE)))
        before = backend.writers()
        assert backend.writers() == before
        one.commit()
        other.begin()
        other(partial(write, event(TWO)))
        assert not before & backend.writers()
        other.commit()


def test_who_only_reads_or_locks_is_no_writer() -> None:
    """Long reports, and commands that still decide, do not hold the mark."""
    write(event(ONE))
    with other_session() as other:
        other.begin()
        other(partial(opened, ONE))
        assert not backend.writers()
        other.commit()


def test_one_does_not_wait_for_oneself() -> None:
    """The mark may be raised in the transaction that wrote."""
    with transaction.atomic():
        write(event(ONE))
        assert not backend.writers()


def mark() -> int:
    return feed.advance(timeout=0).position


def test_the_mark_is_never_beyond_what_is_committed() -> None:
    """Neither an open writer nor a rollback lets the mark pass uncommitted events; in the end none is missing."""
    (first,) = write(event(ONE)).positions
    assert mark() == first
    with other_session() as other:
        other.begin()
        (hidden,) = other(partial(write, event(TWO))).positions
        assert first <= mark() < hidden
        other.roll_back()
        (last,) = write(event(THREE)).positions
        assert mark() == last
    assert list(Event.objects.order_by("position").values_list("position", flat=True)) == [first, last]


def test_while_writers_are_blocked_no_position_is_drawn() -> None:
    """Writers wait to the end of the transaction that blocks them; then they go on."""
    with other_session() as other:
        with transaction.atomic():
            backend.block_writers()
            before = drawn()
            assert not without_waiting(other, partial(write, event(ONE)))
            assert drawn() == before
        assert without_waiting(other, partial(write, event(ONE)))


def test_who_blocks_writers_waits_for_those_that_are_at_it() -> None:
    """Once writers are blocked, every drawn position is committed. A lock timeout is a transient error."""
    with other_session() as writer, other_session() as blocker:
        writer.begin()
        writer(partial(write, event(ONE)))
        assert not without_waiting(blocker, partial(backend.block_writers))
        writer.commit()
        assert without_waiting(blocker, partial(backend.block_writers))


def test_who_blocks_writers_may_write() -> None:
    """A rebuild writes its rows, and its bookkeeping."""
    with transaction.atomic():
        backend.block_writers()
        write(event(ONE))
    assert Event.objects.count() == 1


def test_who_sees_one_moment_sees_nothing_that_comes_later() -> None:
    """All queries of the transaction see the snapshot of the first."""
    write(event(ONE))
    with other_session() as other, transaction.atomic():
        backend.use_one_snapshot()
        assert Event.objects.count() == 1
        came = without_waiting(other, partial(write, event(TWO)))
        assert Event.objects.count() == 1
    assert Event.objects.count() == (2 if came else 1)


def test_the_next_transaction_sees_what_has_come() -> None:
    """The snapshot holds for one transaction alone."""

    def look() -> int:
        backend.use_one_snapshot()
        return Event.objects.count()

    assert run_and_commit(look) == 0
    write(event(ONE))
    assert run_and_commit(look) == 1
