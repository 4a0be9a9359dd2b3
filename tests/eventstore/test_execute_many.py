"""Many commands in one transaction: as if one by one, but all at once."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from eventstore import log
from eventstore.errors import BackwardsInTime
from eventstore.execute import BatchRefused, CommandRequest, execute, execute_many
from eventstore.models import Command, Event, Stream
from tests.eventstore.sample import Count, Move

pytestmark = pytest.mark.django_db

TALLY, OTHER = UUID(int=1), UUID(int=2)


def count(amount: int, key: str, tally_id: UUID = TALLY, **more: Any) -> CommandRequest:
    return CommandRequest(command=Count(tally_id, amount), key=key, actor="ann", **more)


def total(tally_id: UUID) -> int:
    return int(log.load("tally", tally_id)[0].total)


def test_each_command_sees_what_those_before_it_have_done() -> None:
    receipts = execute_many([count(60, "one"), count(30, "two"), count(30, "three"), count(-90, "four")])
    assert [receipt.accepted for receipt in receipts] == [True, True, False, True]
    assert [receipt.answer.get("total") for receipt in receipts] == [60, 90, None, 0]
    assert total(TALLY) == 0
    assert Stream.objects.get().version == 3


def test_each_receipt_has_the_positions_of_its_own_events() -> None:
    move = CommandRequest(command=Move(TALLY, OTHER, 1), key="move", actor="ann")
    receipts = execute_many([count(5, "one"), count(999, "no"), move])
    first = receipts[0].position
    assert [receipt.positions for receipt in receipts] == [(first,), (), (first + 1, first + 2)]
    stored = dict(Command.objects.values_list("key", "positions"))
    assert stored == {"one": [first], "no": [], "move": [first + 1, first + 2]}
    by_command = {record.position: record.command_id for record in log.read_stream(OTHER)}
    assert by_command == {first + 2: receipts[2].command_id}


def test_an_atomic_batch_with_a_refusal_stores_nothing_and_names_it() -> None:
    with pytest.raises(BatchRefused) as refused:
        execute_many([count(5, "one"), count(999, "two"), count(5, "three")], atomic=True)
    assert (refused.value.index, refused.value.refusal.code) == (1, "OUT_OF_RANGE")
    assert not Event.objects.exists()
    assert not Command.objects.exists()


def test_what_was_executed_before_is_answered_as_it_was() -> None:
    first = execute(Count(TALLY, 5), "one", actor="ann")
    again, new = execute_many([count(5, "one"), count(5, "two")])
    assert again.replayed
    assert again.positions == first.positions
    assert not new.replayed
    assert total(TALLY) == 10


def test_one_key_twice_in_a_batch_has_one_effect() -> None:
    receipts = execute_many([count(5, "one"), count(5, "one"), count(6, "one")])
    assert receipts[0].positions == receipts[1].positions
    assert receipts[2].refusal is not None
    assert receipts[2].refusal.code == "IDEMPOTENCY_KEY_REUSED"
    assert Command.objects.count() == 1
    assert total(TALLY) == 5


def test_a_hundred_commands_take_no_more_queries_than_one_for_each_stream() -> None:
    execute_many([count(1, "first"), count(1, "second", OTHER)])
    with CaptureQueriesContext(connection) as few:
        execute_many([count(1, "one"), count(1, "another", OTHER)])
    with CaptureQueriesContext(connection) as many:
        execute_many([count(0, f"many {number}", tally) for number in range(50) for tally in (TALLY, OTHER)])
    assert len(many) <= len(few) * (1 if connection.vendor == "postgresql" else 3)


def test_imported_history_goes_forward_within_a_batch_too() -> None:
    early, late = datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 1, 2, tzinfo=UTC)
    execute_many([count(1, "one", recorded_at=early), count(1, "two", recorded_at=late)])
    assert [record.recorded_at for record in log.read_stream(TALLY)] == [early, late]
    later = [late + timedelta(days=2), late + timedelta(days=1)]
    with pytest.raises(BackwardsInTime):
        execute_many([count(1, str(moment), OTHER, recorded_at=moment) for moment in later])
    assert not log.current("tally", OTHER).total


def test_an_empty_batch_is_nothing() -> None:
    assert execute_many([]) == []


def test_a_batch_has_a_limit_and_takes_no_dry_runs() -> None:
    with pytest.raises(ValueError, match="1,000"):
        execute_many([count(1, str(number)) for number in range(1_001)])
    with pytest.raises(ValueError, match="one command"):
        execute_many([count(1, "one", dry_run=True)])
