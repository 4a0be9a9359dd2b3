"""Appending without a command, and reading a stream."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from eventstore import log
from eventstore.errors import CategoryConflict, VersionConflict
from eventstore.log import streams
from eventstore.log.slots import slot_of
from eventstore.models import Event
from tests.crash_points import Crash, crashing
from tests.eventstore.machine.crashes import lose_race
from tests.eventstore.sample import Counted, PersonNoted, Tally

pytestmark = pytest.mark.django_db

TALLY = UUID(int=1)


def counted(total: int) -> Counted:
    return Counted(TALLY, 1, total)


def test_versions_are_dense_and_positions_rise() -> None:
    records = log.append("tally", TALLY, [counted(1), counted(2), counted(3)], expected_version=0, actor="test")
    assert [record.version for record in records] == [1, 2, 3]
    assert [record.position for record in records] == sorted(record.position for record in records)
    assert [record.event for record in log.read_stream(TALLY)] == [counted(1), counted(2), counted(3)]


def test_another_version_than_expected_is_a_typed_conflict_and_appends_nothing() -> None:
    log.append("tally", TALLY, [counted(1)], expected_version=0, actor="test")
    with pytest.raises(VersionConflict, match="at version 1, not at 0") as conflict:
        log.append("tally", TALLY, [counted(2)], expected_version=0, actor="test")
    assert (conflict.value.expected, conflict.value.actual) == (0, 1)
    assert Event.objects.count() == 1


def test_without_an_expected_version_events_go_to_the_end() -> None:
    log.append("tally", TALLY, [counted(1)], actor="test")
    (record,) = log.append("tally", TALLY, [counted(2)], actor="test")
    assert record.version == 2


def test_an_id_belongs_to_one_category() -> None:
    log.append("tally", TALLY, [counted(1)], actor="test")
    with pytest.raises(CategoryConflict):
        log.append("person", TALLY, [PersonNoted(TALLY, "Ann")], actor="test")


def test_a_stream_is_read_in_part() -> None:
    log.append("tally", TALLY, [counted(n) for n in range(1, 6)], actor="test")
    assert [record.version for record in log.read_stream(TALLY, after=1, to=3)] == [2, 3]


def test_a_long_stream_is_read_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "PAGE", 2)
    log.append("tally", TALLY, [counted(n) for n in range(1, 6)], actor="test")
    assert [record.version for record in log.read_stream(TALLY)] == [1, 2, 3, 4, 5]


def test_a_stream_is_loaded_as_of_a_version_or_a_time() -> None:
    log.append("tally", TALLY, [counted(1), counted(2)], actor="test")
    now = datetime.now(UTC)
    assert log.load("tally", TALLY) == (Tally(total=2, counts=2), 2)
    assert log.load("tally", TALLY, version=1) == (Tally(total=1, counts=1), 1)
    assert log.load("tally", TALLY, at=now + timedelta(hours=1)) == (Tally(total=2, counts=2), 2)
    assert log.load("tally", TALLY, at=now - timedelta(hours=1)) == (Tally(), 0)


def test_the_slot_of_a_stream_never_changes() -> None:
    """The slot is stored with each event: another number would part a stream's events."""
    assert [slot_of(UUID(int=number)) for number in (0, 1, 2**127)] == [21, 3, 33]
    assert {slot_of(uuid4()) for _ in range(2_000)} == set(range(64))


@pytest.mark.django_db(transaction=True)
def test_what_goes_wrong_after_the_commit_appends_nothing_twice() -> None:
    """Even if it looks like a lost race, which before the commit would be run again."""
    stream_id = uuid4()
    with pytest.raises(Crash), crashing("told after commit", lose_race):
        log.append("tally", stream_id, [Counted(stream_id, 1, 1)], actor="ann")
    assert Event.objects.filter(stream_id=stream_id).count() == 1
