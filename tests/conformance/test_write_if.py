"""`write_if`: events are appended to a stream that still ends at the remembered event, or nothing is written."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import Error, transaction

from eventstore.backends.rows import EventRow, Written
from eventstore.models import Event, Stream
from tests.conformance.examples import NOW, ONE, TWO, backend, digest, event, event_ids, head, opened, write
from tests.conformance.sessions import other_session, run_and_commit, without_waiting
from tests.torture.threads import at_once

pytestmark = pytest.mark.django_db
concurrent = pytest.mark.django_db(transaction=True)


def write_after(remembered: str, *events: EventRow) -> Written | None:
    return backend.write_if(events[0].stream_id, remembered, events, [head(events[-1])])


def test_where_the_stream_ends_as_remembered_events_and_head_are_written() -> None:
    """In the order of the rows, at positions above all that is there; the head stands at the last of them."""
    first, other = event(ONE, 1), event(TWO, 1)
    before = write(first, other).positions
    rows = [event(ONE, 2, data={"é": 1}), event(ONE, 3)]
    written = write_after(first.digest, *rows)
    assert written
    assert (len(written.positions), written.numbers) == (2, ())
    assert event_ids() == [row.event_id for row in (first, other, *rows)]
    assert list(Event.objects.order_by("position").values_list("position", flat=True)) == [*before, *written.positions]
    found = opened(ONE, TWO).heads
    assert (found[ONE].version, found[ONE].digest, found[TWO].version) == (3, rows[-1].digest, 1)


@pytest.mark.parametrize("remembered", ["", digest("something else")])
def test_where_the_stream_ends_otherwise_nothing_is_written(remembered: str) -> None:
    """Writes neither events nor head; the end of another stream, or an earlier one, does not match either."""
    rows = [event(ONE, 1), event(ONE, 2), event(TWO, 1)]
    write(*rows)
    for wrong in (remembered, rows[0].digest, rows[2].digest):
        assert write_after(wrong, event(ONE, 3)) is None
    assert event_ids() == [row.event_id for row in rows]
    assert opened(ONE).heads[ONE].version == 2


def test_a_stream_that_is_not_there_does_not_end_in_any_way() -> None:
    """After a restore, what a process remembers may never have been."""
    assert write_after(digest("lost"), event(ONE, 2)) is None
    assert not Event.objects.exists()


@concurrent
def test_of_those_who_remember_the_same_end_one_writes() -> None:
    """The others write nothing, or are refused with an error that is transient."""
    first = event(ONE, 1)
    write(first)

    def attempt() -> Written | None:
        try:
            return run_and_commit(partial(write_after, first.digest, event(ONE, 2)))
        except Error as error:
            if not backend.is_transient(error):
                raise
            return None

    assert len([written for written in at_once([attempt] * 8) if written]) == 1
    assert opened(ONE).heads[ONE].version == 2
    assert Event.objects.count() == 2


@concurrent
def test_who_has_opened_a_stream_is_alone_with_it() -> None:
    """A writer that trusts a remembered end has to wait."""
    first = event(ONE, 1)
    write(first)
    with other_session() as other:
        with transaction.atomic():
            opened(ONE)
            assert not without_waiting(other, partial(write_after, first.digest, event(ONE, 2)))
        assert without_waiting(other, partial(write_after, first.digest, event(ONE, 2)))
    assert Event.objects.count() == 2


@concurrent
def test_a_backend_that_writes_at_once_needs_no_transaction_for_it() -> None:
    """A backend that claims to write at once has committed when it returns."""
    if not backend.writes_at_once:
        return
    first = event(ONE, 1)
    write(first)
    with other_session() as other:
        assert write_after(first.digest, event(ONE, 2))
        assert other(lambda: opened(ONE).heads[ONE].version) == 2


def test_nothing_is_written_into_closed_time() -> None:
    """A process remembers how a stream ended, not that its time was closed since."""
    first = event(ONE, 1)
    write(first)
    Stream.objects.update(closed_until=NOW + timedelta(seconds=1))
    assert write_after(first.digest, event(ONE, 2)) is None
    assert write_after(first.digest, event(ONE, 2, recorded_at=NOW + timedelta(seconds=1)))
    assert [row.version for row in backend.events("position > %s ORDER BY position", [0])] == [1, 2]


def test_what_is_written_keeps_the_closed_time() -> None:
    """Moving a head leaves the rest of it alone."""
    write(event(ONE, 1))
    Stream.objects.update(closed_until=NOW)
    write(event(ONE, 2))
    assert opened(ONE).heads[ONE].closed_until == NOW
    assert opened(ONE).heads[ONE].not_before == NOW
