"""One command, one transaction: events, heads, answer and read models, or nothing."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from eventstore import log
from eventstore.decider import Refused
from eventstore.errors import BackwardsInTime, PayloadRefused
from eventstore.execute import command_id_of, execute
from eventstore.models import Command, Event, Stream
from eventstore.signals import commands_recorded, events_appended
from tests.eventstore.sample import Clear, Count, Counted, Describe, Move

pytestmark = pytest.mark.django_db

TALLY, OTHER = UUID(int=1), UUID(int=2)


def total(tally_id: UUID) -> int:
    return int(log.load("tally", tally_id)[0].total)


def test_an_accepted_command_leaves_events_a_head_and_its_answer() -> None:
    receipt = execute(Count(TALLY, 3), "one", actor="ann")
    assert receipt.accepted
    assert receipt.answer == {"total": 3}
    event, stream, command = Event.objects.get(), Stream.objects.get(), Command.objects.get()
    assert (event.type, event.version, event.stream_id) == ("tally.counted", 1, TALLY)
    assert (stream.version, stream.position) == (1, event.position)
    assert (command.accepted, command.response, command.positions) == (True, {"total": 3}, [event.position])
    assert receipt.position == event.position


def test_an_event_says_who_caused_it_and_by_which_command() -> None:
    receipt = execute(Count(TALLY, 3), "one", actor="ann", causation_id=OTHER)
    (record,) = log.read_stream(TALLY)
    assert record.command_id == receipt.command_id
    assert record.metadata["actor"] == "ann"
    assert record.metadata["causation_id"] == str(OTHER)
    assert record.metadata["correlation_id"] == str(receipt.command_id)


def test_the_same_command_again_has_one_effect_and_the_same_receipt() -> None:
    first = execute(Count(TALLY, 3), "one", actor="ann")
    again = execute(Count(TALLY, 3), "one", actor="ann")
    assert again.replayed
    assert (again.command_id, again.answer, again.positions) == (first.command_id, first.answer, first.positions)
    assert again.recorded_at == first.recorded_at
    assert total(TALLY) == 3


def test_a_replay_does_not_differ_by_a_byte() -> None:
    """Databases keep the keys of JSON in an order of their own."""
    first, again = (execute(Describe(TALLY), "one", actor="ann") for _ in range(2))
    assert again.replayed
    assert json.dumps(again.answer) == json.dumps(first.answer)


def test_a_refusal_is_stored_and_never_turns_into_a_yes() -> None:
    refused = execute(Count(TALLY, -1), "one", actor="ann")
    execute(Count(TALLY, 5), "two", actor="ann")
    again = execute(Count(TALLY, -1), "one", actor="ann")
    assert refused.refusal is not None
    assert refused.refusal.code == "OUT_OF_RANGE"
    assert again.refusal == refused.refusal
    assert again.replayed
    assert Command.objects.filter(accepted=False).count() == 1
    assert total(TALLY) == 5


def test_the_same_key_with_another_request_is_refused_and_not_stored() -> None:
    execute(Count(TALLY, 3), "one", actor="ann")
    reused = execute(Count(TALLY, 4), "one", actor="ann")
    assert reused.refusal is not None
    assert reused.refusal.code == "IDEMPOTENCY_KEY_REUSED"
    assert Command.objects.count() == 1


def test_a_fingerprint_source_identifies_a_request_whose_command_differs_each_time() -> None:
    first = execute(Count(TALLY, 3), "one", actor="ann", fingerprint="count three")
    again = execute(Count(OTHER, 3), "one", actor="ann", fingerprint="count three")
    assert again.replayed
    assert again.command_id == first.command_id


def test_keys_belong_to_their_actor() -> None:
    execute(Count(TALLY, 3), "one", actor="ann")
    assert not execute(Count(TALLY, 3), "one", actor="bob").replayed
    assert total(TALLY) == 6
    assert command_id_of("ann", "one") != command_id_of("bob", "one")


def test_a_command_over_two_streams_moves_both_heads() -> None:
    execute(Count(TALLY, 3), "one", actor="ann")
    assert execute(Move(TALLY, OTHER, 2), "two", actor="ann").accepted
    assert (total(TALLY), total(OTHER)) == (1, 2)
    assert dict(Stream.objects.values_list("stream_id", "version")) == {TALLY: 2, OTHER: 1}


def test_a_command_without_effect_is_stored_all_the_same() -> None:
    receipt = execute(Clear(TALLY), "one", actor="ann")
    assert receipt.accepted
    assert receipt.position == 0
    assert not Event.objects.exists()
    assert execute(Clear(TALLY), "one", actor="ann").replayed


def test_an_id_of_another_category_names_nothing() -> None:
    log.append("tally", TALLY, [Counted(TALLY, 1, 1)], actor="test")
    Stream.objects.filter(stream_id=TALLY).update(category="box")
    assert execute(Clear(TALLY), "one", actor="ann").answer == {"total": 0}


def test_a_dry_run_returns_the_receipt_and_stores_nothing() -> None:
    dry = execute(Count(TALLY, 3), "one", actor="ann", dry_run=True)
    assert dry.answer == {"total": 3}
    assert dry.dry_run
    assert not Event.objects.exists()
    assert not Command.objects.exists()
    assert not execute(Count(TALLY, 3), "one", actor="ann").replayed


def test_a_dry_run_returns_a_refusal_too() -> None:
    dry = execute(Count(TALLY, -3), "one", actor="ann", dry_run=True)
    assert dry.refusal is not None
    assert not Command.objects.exists()


def test_in_transaction_commits_with_the_events() -> None:
    execute(Count(TALLY, 3), "one", actor="ann", in_transaction=lambda: Group.objects.create(name="in_transaction"))
    assert Group.objects.filter(name="in_transaction").exists()


def test_a_refusal_from_in_transaction_rolls_back_the_events_and_is_stored() -> None:
    def refuse() -> None:
        Group.objects.create(name="in_transaction")
        raise Refused("TAKEN", "Taken.")

    receipt = execute(Count(TALLY, 3), "one", actor="ann", in_transaction=refuse)
    assert receipt.refusal is not None
    assert receipt.refusal.code == "TAKEN"
    assert not Event.objects.exists()
    assert not Group.objects.filter(name="in_transaction").exists()
    assert Command.objects.get().response["code"] == "TAKEN"


def test_a_failure_of_in_transaction_stores_nothing_and_leaves_the_key_free() -> None:
    with pytest.raises(ZeroDivisionError):
        execute(Count(TALLY, 3), "one", actor="ann", in_transaction=lambda: 1 // 0)
    assert not Event.objects.exists()
    assert not Command.objects.exists()
    assert execute(Count(TALLY, 3), "one", actor="ann").accepted


@pytest.fixture(params=[events_appended, commands_recorded], ids=["events_appended", "commands_recorded"])
def failing_receiver(request: pytest.FixtureRequest) -> Iterator[None]:
    def fail(**_: Any) -> None:
        raise ZeroDivisionError

    request.param.connect(fail)
    yield
    request.param.disconnect(fail)


def test_a_receiver_that_fails_undoes_the_command(failing_receiver: None) -> None:
    with pytest.raises(ZeroDivisionError):
        execute(Count(TALLY, 3), "one", actor="ann")
    assert not Event.objects.exists()
    assert not Stream.objects.exists()
    assert not Command.objects.exists()


def test_what_can_t_be_stored_is_an_error_and_stores_nothing() -> None:
    with pytest.raises(PayloadRefused):
        execute(Count(TALLY, 1.5), "one", actor="ann")  # type: ignore[arg-type]
    assert not Command.objects.exists()


def test_a_head_of_an_old_shape_is_folded_again() -> None:
    execute(Count(TALLY, 3), "one", actor="ann")
    Stream.objects.update(fingerprint="0:old", state='{"nonsense": true}')
    assert execute(Count(TALLY, 4), "two", actor="ann").answer == {"total": 7}
    assert Stream.objects.get().fingerprint != "0:old"


def test_a_command_costs_the_same_number_of_queries_whatever_the_history(
    django_assert_num_queries: Any,
) -> None:
    execute(Count(TALLY, 1), "first", actor="ann")
    with CaptureQueriesContext(connection) as young:
        execute(Count(TALLY, 1), "young", actor="ann")
    for number in range(30):
        execute(Count(TALLY, 1), str(number), actor="ann")
    with django_assert_num_queries(len(young)):
        execute(Count(TALLY, 1), "old", actor="ann")


def test_imported_history_has_its_own_time_and_says_so() -> None:
    long_ago = datetime(2020, 1, 31, 12, tzinfo=UTC)
    execute(Count(TALLY, 3), "one", actor="ann", recorded_at=long_ago)
    (record,) = log.read_stream(TALLY)
    assert record.recorded_at == long_ago
    assert record.metadata["imported"] is True


def test_imported_history_never_goes_back() -> None:
    now = datetime.now(UTC)
    execute(Count(TALLY, 3), "one", actor="ann", recorded_at=now)
    with pytest.raises(BackwardsInTime):
        execute(Count(OTHER, 3), "two", actor="ann", recorded_at=now - timedelta(seconds=1))
    assert Command.objects.count() == 1


def test_the_effective_time_is_stored_apart_from_the_recorded_time() -> None:
    earlier = datetime(2020, 1, 31, 12, tzinfo=UTC)
    execute(Count(TALLY, 3), "one", actor="ann", effective_at=earlier)
    (record,) = log.read_stream(TALLY)
    assert record.effective_at == earlier
    assert record.recorded_at > earlier


def test_the_times_of_a_stream_never_run_backwards() -> None:
    ahead = datetime.now(UTC) + timedelta(days=1)
    execute(Count(TALLY, 1), "one", actor="ann", recorded_at=ahead)
    execute(Count(TALLY, 1), "two", actor="ann")
    times = [record.recorded_at for record in log.read_stream(TALLY)]
    assert times == sorted(times)
