"""`manage.py verify` reads each event once and does little for it: counted, as no clock tells on a busy machine."""

import sys
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from eventstore.execute import CommandRequest, execute_many
from eventstore.integrity import checks
from eventstore.integrity.checks import check_answers
from eventstore.integrity.verify import Code, Report, states, verify
from eventstore.models import Stream
from tests.eventstore.sample import Count

pytestmark = pytest.mark.django_db

STREAMS = [UUID(int=number) for number in range(1, 6)]
AGAIN = "(stream_id, version) >"  # of the statement that reads the events of streams again
MAX_CALLS = 130  # of functions, C ones as well, for an event with its command; it was 165 when events were read twice


@pytest.fixture(autouse=True)
def checked() -> Iterator[None]:
    """A project that checks its answers, forgotten after the test."""
    before = dict(checks.answer_checks)
    check_answers(Count)(lambda _command, _events: ())
    yield
    checks.answer_checks.clear()
    checks.answer_checks.update(before)


def record(number: int, begin: int = 0) -> None:
    execute_many(
        [
            CommandRequest(command=Count(STREAMS[each % 5], -1 if each // 5 % 2 else 1), key=f"key {each}", actor="ann")
            for each in range(begin, begin + number)
        ]
    )


def calls() -> int:
    """How many functions are called by a run."""
    made = 0

    def note(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal made
        made += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        verify()
    finally:
        sys.setprofile(before)
    return made


def watched() -> tuple[Report, list[str]]:
    """A run, and its statements."""
    with CaptureQueriesContext(connection) as queries:
        report = verify()
    return report, [query["sql"] for query in queries]


def test_each_event_costs_few_calls() -> None:
    record(100)
    verify()  # what is done once in a process
    before = calls()
    record(400, begin=100)
    each = (calls() - before) / 400
    assert each < MAX_CALLS


def test_more_events_take_no_more_statements_and_none_is_read_again() -> None:
    record(50)
    few = watched()[1]
    record(200, begin=50)
    report, many = watched()
    assert report.faults.named == []
    assert report.folded == 250
    assert len(many) == len(few)
    assert not [statement for statement in many if AGAIN in statement]


def test_streams_whose_states_memory_does_not_hold_are_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(states, "MAX_STATES", 2)
    record(50)
    report, statements = watched()
    assert (report.faults.named, report.folded) == ([], 50)
    assert [statement for statement in statements if AGAIN in statement]
    for stream in Stream.objects.all():
        Stream.objects.filter(pk=stream.pk).update(state=str(stream.state).replace('"counts":', '"counts":1'))
    assert [fault.code for fault in verify().faults.named] == [Code.STATE] * 5
