"""Appending with an expected version and without receivers is one statement that trusts the remembered end."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from msgspec import structs

from eventstore import log
from eventstore.errors import VersionConflict
from eventstore.integrity.digests import NO_DIGEST
from eventstore.log import optimistic
from eventstore.models import Event, Stream
from eventstore.projecting import projections, realtime
from eventstore.signals import events_appended, events_appending
from tests.eventstore.sample import Counted, PersonNoted, Tally

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


@pytest.fixture(autouse=True)
def no_receivers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for signal in (events_appending, events_appended, events_appended.projections):
        monkeypatch.setattr(signal, "receivers", [])
    optimistic._known.clear()
    yield
    optimistic._known.clear()


@pytest.fixture
def tally() -> UUID:
    """A stream with one event, which this process remembers."""
    stream_id = uuid4()
    count(stream_id, 0)
    return stream_id


def count(stream_id: UUID, expected_version: int, events: int = 1) -> list[int]:
    counted = [Counted(stream_id, 1, expected_version + number + 1) for number in range(events)]
    records = log.append("tally", stream_id, counted, expected_version=expected_version, actor="ann")
    return [record.version for record in records]


def statements(stream_id: UUID, expected_version: int) -> int:
    with CaptureQueriesContext(connection) as queries:
        count(stream_id, expected_version)
    return len(queries)


def test_what_is_remembered_is_appended_to_in_one_statement(tally: UUID) -> None:
    assert statements(tally, 1) == 1
    assert statements(tally, 2) == 1
    assert [event.version for event in Event.objects.order_by("position")] == [1, 2, 3]


def test_what_is_not_remembered_is_opened_first(tally: UUID) -> None:
    optimistic._known.clear()
    assert statements(tally, 1) > 1


def test_head_state_and_digests_are_the_same_either_way(tally: UUID) -> None:
    count(tally, 1, events=3)
    optimistic._known.clear()
    count(tally, 4)
    head = Stream.objects.get()
    assert (head.version, log.current("tally", tally)) == (5, log.load("tally", tally)[0])
    assert log.current("tally", tally) == Tally(5, 5)
    digests = [bytes(event.digest).hex() for event in Event.objects.order_by("version")]
    assert digests[-1] == bytes(head.digest).hex()
    assert len({NO_DIGEST, *digests}) == 6


def test_a_stream_that_moved_on_elsewhere_is_a_conflict(tally: UUID) -> None:
    remembered = dict(optimistic._known)
    count(tally, 1)
    optimistic._known.update(remembered)  # as another process would still have it
    with pytest.raises(VersionConflict, match="is at version 2, not at 1"):
        count(tally, 1)
    assert Event.objects.count() == 2


def test_a_memory_of_another_history_is_not_believed(tally: UUID) -> None:
    """After a restore, the stream has the same version, but another event."""
    known = optimistic._known[tally]
    other = optimistic.RememberedEnd(structs.replace(known.head, digest="ab" * 32), Tally(99), known.now, known.seen)
    optimistic._known[tally] = other
    count(tally, 1)
    assert log.current("tally", tally) == log.load("tally", tally)[0] == Tally(2, 2)


def test_times_come_from_the_databases_clock_and_never_run_backwards(tally: UUID) -> None:
    known = optimistic._known[tally]
    early = known.now - timedelta(days=1)
    optimistic._known[tally] = optimistic.RememberedEnd(known.head, known.state, early, known.seen)
    assert statements(tally, 1) == 1
    first, second = Event.objects.order_by("version")
    assert second.recorded_at == first.recorded_at


def test_a_clock_that_was_not_looked_at_for_long_is_looked_at_again(tally: UUID) -> None:
    known = optimistic._known[tally]
    long_ago = known.seen - optimistic.FRESH_SECONDS - 1
    optimistic._known[tally] = optimistic.RememberedEnd(known.head, known.state, known.now, long_ago)
    assert statements(tally, 1) > 1
    assert statements(tally, 2) == 1


def test_with_a_receiver_all_is_one_transaction(tally: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(events_appended, "receivers", [])
    events_appended.connect(refuse)
    with pytest.raises(RuntimeError):
        count(tally, 1)
    assert Event.objects.count() == 1


def test_real_time_projections_of_events_need_a_transaction_and_delayed_ones_do_not(
    tally: UUID, sample: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    declared = dict(projections)
    events_appending.connect(realtime.prefetch)
    monkeypatch.setattr(realtime, "projections", {name: each for name, each in declared.items() if each.delayed})
    assert statements(tally, 1) == 1
    monkeypatch.setattr(realtime, "projections", declared)
    assert statements(tally, 2) > 1


def test_within_a_transaction_of_the_callers_it_belongs_to_that(tally: UUID) -> None:
    with transaction.atomic():
        count(tally, 1)
        transaction.set_rollback(True)
    assert count(tally, 1) == [2]
    assert Event.objects.count() == 2


def test_personal_data_goes_together_with_its_key() -> None:
    person = uuid4()
    noted = PersonNoted(person, "Ann")
    log.append("person", person, [noted], expected_version=0, actor="ann")
    with CaptureQueriesContext(connection) as queries:
        log.append("person", person, [noted], expected_version=1, actor="ann")
    assert len(queries) > 1
