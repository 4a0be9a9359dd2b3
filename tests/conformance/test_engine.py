"""The engine on top: what people put in comes out again, once, whatever the database does below."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from eventstore import feed, log
from eventstore.errors import PayloadRefused, VersionConflict
from eventstore.execute import CommandRequest, execute, execute_many
from eventstore.integrity.digests import NO_DIGEST, event_digest
from eventstore.messages import MAX_PAYLOAD
from eventstore.models import Command, Event, Stream
from tests.conformance.boxes import Box, Fill, Filled
from tests.eventstore.machine.checks import as_written
from tests.torture.threads import at_once

pytestmark = pytest.mark.django_db
concurrent = pytest.mark.django_db(transaction=True)

ONE, TWO = UUID(int=1), UUID(int=2)


FACTS = [
    Filled(ONE),
    Filled(ONE, text='é 👩‍👩‍👧 \u2028 \\ " \x01 %s', number=2**63 - 1),
    Filled(ONE, number=-(2**63), moment=datetime(2026, 2, 28, 23, 59, 59, 999_999, tzinfo=UTC), day=date(2024, 2, 29)),
    Filled(ONE, price=Decimal("-12345678901234567890.10"), ids=(UUID(int=0), TWO)),
    Filled(ONE, contents={"é": {"": [None, True, {"deep": [-1, 2**63]}]}, "\x01": "\ufffe"}),
    Filled(ONE, text="x" * (MAX_PAYLOAD - 1_000)),
]


def send(text: str, key: str, box: UUID = ONE, **contents: Any) -> Any:
    return execute(Fill(box, text, contents), key, actor="ann é")


def test_facts_are_read_as_they_were_appended() -> None:
    """By stream, by the feed, one by one, in the order in which they were appended."""
    appended = log.append("box", ONE, FACTS, expected_version=0, actor="ann", metadata={"why": {"é": [1]}})
    for records in (list(log.read_stream(ONE)), feed.read(0, to=feed.advance().position)):
        assert [record.event for record in records] == FACTS
        assert [record.position for record in records] == [record.position for record in appended]
        assert [record.version for record in records] == [1, 2, 3, 4, 5, 6]
        assert records[0].metadata == {"actor": "ann", "why": {"é": [1]}}
        assert [record.recorded_at for record in records] == [record.recorded_at for record in appended]


def test_digests_are_computed_again_from_what_is_stored() -> None:
    """So a database that changes a payload, a time or an id by a hair would be found out."""
    log.append("box", ONE, FACTS, actor="ann é 👩", metadata={"big": 2**63, "": None})
    previous = NO_DIGEST
    for stored in Event.objects.order_by("version"):
        previous = event_digest(previous, as_written(stored))
        assert bytes(stored.digest).hex() == previous
    assert bytes(Stream.objects.get().digest).hex() == previous


@pytest.mark.parametrize(
    "contents",
    [{"a": 1.5}, {"a": {"b": [float("nan")]}}, {"a": "\0"}, {"\0": 1}, {"a": "\ud800"}, {"a": "x" * MAX_PAYLOAD}],
)
def test_what_some_database_could_not_keep_is_refused_by_all(contents: dict[str, Any]) -> None:
    """The same on every engine, before anything is written."""
    with pytest.raises(PayloadRefused):
        log.append("box", ONE, [Filled(ONE, contents=contents)], actor="ann")
    with pytest.raises(PayloadRefused):
        execute(Fill(ONE, contents=contents), "one", actor="ann")
    assert (Event.objects.count(), Command.objects.count(), Stream.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize("expected", [0, 1, 3, 2**40])
def test_another_version_than_expected_appends_nothing(expected: int) -> None:
    """And says where the stream is."""
    log.append("box", ONE, FACTS[:2], expected_version=0, actor="ann")
    with pytest.raises(VersionConflict) as conflict:
        log.append("box", ONE, FACTS[2:], expected_version=expected, actor="ann")
    assert (conflict.value.expected, conflict.value.actual) == (expected, 2)
    assert [record.event for record in log.append("box", ONE, FACTS[2:3], expected_version=2, actor="ann")] == FACTS[
        2:3
    ]


def test_a_command_that_is_sent_again_is_answered_to_the_letter() -> None:
    """An acceptance with all that it said, and a refusal with all its reasons."""
    for text in ("yes é", "no"):
        first, again = (send(text, text, é=[1, {"z": None, "a": 2**63 - 1}]) for _ in range(2))
        assert again.replayed
        assert (repr(again.answer), again.refusal) == (repr(first.answer), first.refusal)
        assert (again.positions, again.recorded_at) == (first.positions, first.recorded_at)
    assert Event.objects.count() == 1


def test_heads_hold_what_the_events_say() -> None:
    """Through commands one by one, many at once, and events without a command."""
    send("one", "one")
    execute_many(
        [
            CommandRequest(command=Fill(box, text), key=f"{box}{text}", actor="ann")
            for box in (ONE, TWO)
            for text in "abc"
        ]
    )
    log.append("box", TWO, [Filled(TWO, "last")], expected_version=3, actor="ann")
    assert log.current("box", ONE) == log.load("box", ONE)[0] == Box(("one", "a", "b", "c"))
    assert log.current("box", TWO) == log.load("box", TWO)[0] == Box(("a", "b", "c", "last"))
    assert log.load("box", TWO, version=2) == (Box(("a", "b")), 2)
    assert log.load("box", ONE, at=datetime.now(UTC) - timedelta(days=1)) == (Box(), 0)


def test_a_thousand_commands_are_one_transaction() -> None:
    """Over hundreds of streams, each answered by itself."""
    requests = [CommandRequest(command=Fill(UUID(int=n % 300), str(n)), key=str(n), actor="ann") for n in range(1_000)]
    receipts = execute_many(requests)
    assert [receipt.answer["texts"][-1] for receipt in receipts] == [str(number) for number in range(1_000)]
    assert [receipt.positions for receipt in execute_many(requests)] == [receipt.positions for receipt in receipts]
    assert Event.objects.count() == Command.objects.count() == 1_000


@concurrent
def test_one_command_sent_by_many_at_once_has_one_effect() -> None:
    """All callers get the same receipt, and no caller sees an error."""
    receipts = at_once([partial(send, "same", "same")] * 10)
    assert len({receipt.positions for receipt in receipts}) == 1
    assert Event.objects.count() == Command.objects.count() == 1


@concurrent
def test_many_commands_at_once_on_one_new_stream_all_find_their_place() -> None:
    """Versions are dense, no update is lost, and no caller sees an error."""
    receipts = at_once([partial(send, str(number), str(number)) for number in range(10)])
    assert all(receipt.accepted for receipt in receipts)
    assert [record.version for record in log.read_stream(ONE)] == list(range(1, 11))
    assert log.current("box", ONE) == log.load("box", ONE)[0]
    feed.advance(timeout=10)
    assert [r.event.text for r in feed.read(0)] == list(log.current("box", ONE).texts)
