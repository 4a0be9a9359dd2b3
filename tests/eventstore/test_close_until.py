"""`log.close_until`: nothing is recorded in closed time any more, by whatever way, even if the clock is set back."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from eventstore import log
from eventstore.errors import BackwardsInTime
from eventstore.execute import CommandRequest, execute, execute_many
from eventstore.log import optimistic
from eventstore.models import Event, Stream
from eventstore.signals import events_appended, events_appending
from tests.conformance.sessions import other_session, run_and_commit, several_writers, without_waiting
from tests.eventstore.sample import Count, Counted, Move, Tally

pytestmark = pytest.mark.django_db

TALLY, OTHER, UNTOUCHED = UUID(int=1), UUID(int=2), UUID(int=3)


@pytest.fixture
def closed() -> datetime:
    """The end of TALLY's closed time; it lies ahead, as after a clock that was set back by an hour."""
    for number, tally in enumerate((TALLY, OTHER)):
        execute(Count(tally, 1), f"first {number}", actor="ann")
    end = timezone.now() + timedelta(hours=1)
    log.close_until({TALLY: end})
    return end


def times(stream_id: UUID) -> list[datetime]:
    return [record.recorded_at for record in log.read_stream(stream_id)]


def test_a_command_is_decided_and_recorded_at_its_end(closed: datetime) -> None:
    receipt = execute(Count(TALLY, 1), "late", actor="ann")
    assert receipt.recorded_at == times(TALLY)[-1] == closed
    assert times(TALLY)[0] < closed


def test_a_command_over_two_streams_has_one_time_that_suits_both(closed: datetime) -> None:
    receipt = execute(Move(OTHER, TALLY, 1), "move", actor="ann")
    assert receipt.recorded_at == times(TALLY)[-1] == times(OTHER)[-1] == closed


def test_other_streams_go_by_the_clock(closed: datetime) -> None:
    assert execute(Count(OTHER, 1), "now", actor="ann").recorded_at < closed  # type: ignore[operator]


@pytest.mark.parametrize("atomic", [True, False])
def test_so_are_the_commands_of_a_batch_each_at_the_time_of_its_events(closed: datetime, atomic: bool) -> None:
    commands = [Count(OTHER, 1), Move(OTHER, TALLY, 1), Count(OTHER, 1), Count(UNTOUCHED, 1)]
    requests = [CommandRequest(command=one, key=str(number), actor="ann") for number, one in enumerate(commands)]
    receipts = execute_many(requests, atomic=atomic)
    recorded = dict(Event.objects.values_list("position", "recorded_at"))
    for receipt in receipts:
        assert {recorded[position] for position in receipt.positions} == {receipt.recorded_at}
    assert [receipt.recorded_at == closed for receipt in receipts] == [False, True, True, False]


@pytest.mark.parametrize("expected", [None, 1])
def test_an_append_is_recorded_at_its_end(closed: datetime, expected: int | None) -> None:
    log.append("tally", TALLY, [Counted(TALLY, 1, 2)], expected_version=expected, actor="ann")
    assert times(TALLY)[-1] == closed


def test_imported_history_is_refused_there_and_taken_after_it(closed: datetime) -> None:
    with pytest.raises(BackwardsInTime, match="closed"):
        execute(Count(TALLY, 1), "early", actor="ann", recorded_at=closed - timedelta(microseconds=1))
    with pytest.raises(BackwardsInTime, match="closed"):
        execute(Move(OTHER, TALLY, 1), "early", actor="ann", recorded_at=closed - timedelta(minutes=1))
    assert len(times(TALLY)) == 1
    assert execute(Count(TALLY, 1), "right", actor="ann", recorded_at=closed).recorded_at == closed


def test_closed_time_is_never_opened_again(closed: datetime) -> None:
    log.close_until({TALLY: closed - timedelta(days=1)})
    assert Stream.objects.get(stream_id=TALLY).closed_until == closed
    log.close_until({TALLY: closed + timedelta(days=1), OTHER: closed})
    found = dict(Stream.objects.values_list("stream_id", "closed_until"))
    assert found == {TALLY: closed + timedelta(days=1), OTHER: closed}


def test_it_outlives_what_is_recorded_later_and_a_head_that_is_folded_anew(closed: datetime) -> None:
    execute(Count(TALLY, 1), "later", actor="ann", recorded_at=closed)
    Stream.objects.filter(stream_id=TALLY).update(fingerprint="old", recorded_at=closed - timedelta(days=1))
    assert execute(Count(TALLY, 1), "last", actor="ann").recorded_at == closed
    assert Stream.objects.get(stream_id=TALLY).closed_until == closed


def test_a_time_that_lies_behind_changes_nothing() -> None:
    execute(Count(TALLY, 1), "first", actor="ann")
    end = datetime(2020, 1, 1, tzinfo=UTC)
    log.close_until({TALLY: end, UNTOUCHED: end})
    assert execute(Count(TALLY, 1), "next", actor="ann").recorded_at == times(TALLY)[-1] > end
    assert not Stream.objects.filter(stream_id=UNTOUCHED).exists()


@several_writers
@pytest.mark.django_db(transaction=True)
def test_it_waits_for_commands_that_may_have_read_an_earlier_time() -> None:
    execute(Count(TALLY, 1), "first", actor="ann")
    end = timezone.now() + timedelta(hours=1)
    with other_session() as other:
        with transaction.atomic():
            execute(Count(TALLY, 1), "open", actor="ann")
            assert not without_waiting(other, lambda: log.close_until({TALLY: end}))
        run_and_commit(lambda: log.close_until({TALLY: end}))
    assert execute(Count(TALLY, 1), "late", actor="ann").recorded_at == end


@pytest.fixture
def no_receivers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for signal in (events_appending, events_appended, events_appended.projections):
        monkeypatch.setattr(signal, "receivers", [])
    optimistic._known.clear()
    yield
    optimistic._known.clear()


@pytest.mark.django_db(transaction=True)
def test_an_append_that_trusts_a_remembered_end_is_no_way_around_it(no_receivers: Any) -> None:
    stream_id = uuid4()
    for version in range(2):
        log.append("tally", stream_id, [Counted(stream_id, 1, version + 1)], expected_version=version, actor="ann")
    end = timezone.now() + timedelta(hours=1)
    log.close_until({stream_id: end})
    log.append("tally", stream_id, [Counted(stream_id, 1, 3)], expected_version=2, actor="ann")
    assert times(stream_id)[-1] == end
    assert log.current("tally", stream_id) == Tally(3, 3)
