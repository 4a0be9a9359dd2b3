"""One trace from a command to what is done with its events later; only what is recorded leaves a mark in the log."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from opentelemetry import context, trace
from opentelemetry.trace import StatusCode

from eventstore import feed, log
from eventstore.errors import ArgumentRefused
from eventstore.execute import CommandRequest, Receipt, execute, execute_many, execute_request
from eventstore.models import Command, Event, Parked
from eventstore.projecting import installation
from eventstore.projecting.runner import Runner
from eventstore.telemetry import log_ids, observers, parsed
from eventstore.telemetry.tracing import _within
from tests.eventstore import sample_reactions
from tests.eventstore.relay.fakes import Fake, relay_to
from tests.eventstore.sample import Count, Counted, NotePerson
from tests.eventstore.sample_projections import UNLUCKY
from tests.eventstore.telemetry.spans import CALLER, TRACE, Spans, context_of, parent_id, trace_id, traceparent_of
from tests.eventstore.verify.runs import say

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sample")]

TALLY, OTHER = UUID(int=1), UUID(int=2)
COMMAND = "command tally.count"


def count(amount: int = 1, tally: UUID = TALLY, **options: Any) -> Receipt:
    return execute(Count(tally, amount), uuid4(), actor="ann", **options)


def request(amount: int = 1, tally: UUID = TALLY, **options: Any) -> CommandRequest:
    return CommandRequest(command=Count(tally, amount), key=str(uuid4()), actor="ann", **options)


def traceparents() -> list[str | None]:
    return [
        metadata.get("traceparent")
        for metadata in Event.objects.order_by("position").values_list("metadata", flat=True)
    ]


def test_events_name_the_span_of_their_command(spans: Spans) -> None:
    receipt = count()
    span = spans.one(COMMAND)
    assert traceparents() == [traceparent_of(span)]
    assert Command.objects.get().metadata["traceparent"] == traceparent_of(span)
    assert span.attributes is not None
    assert span.attributes["tidemark.command.id"] == str(receipt.command_id)
    assert span.attributes["tidemark.outcome"] == "accepted"
    (event,) = span.events
    assert event.name == "tally.counted"
    assert event.attributes is not None
    assert event.attributes["tidemark.position"] == receipt.position


def test_statements_and_projections_are_within_it(spans: Spans) -> None:
    count()
    command = spans.one(COMMAND)
    inner = [span for span in spans.kept.get_finished_spans() if span is not command]
    assert {trace_id(span) for span in inner} == {trace_id(command)}
    assert spans.named("project")
    statements = [span for span in inner if span.attributes and "db.query.text" in span.attributes]
    assert any("eventstore_event" in str(span.attributes and span.attributes["db.query.text"]) for span in statements)


def test_what_is_quick_has_no_span_of_its_own(spans: Spans, monkeypatch: pytest.MonkeyPatch) -> None:
    """A span takes longer than most statements do."""
    (observer,) = observers()
    monkeypatch.setattr(observer, "_slow_nanoseconds", float("inf"))
    count()
    assert spans.names == {COMMAND}
    assert traceparents() == [traceparent_of(spans.one(COMMAND))]


def test_a_span_tells_no_values(spans: Spans) -> None:
    execute(NotePerson(UUID(int=7), "Ada Lovelace"), "a very private key", actor="ann")
    assert "Lovelace" not in spans.text
    assert "private key" not in spans.text


def test_an_error_is_told_by_its_class_alone(spans: Spans) -> None:
    def fail() -> None:
        raise ArithmeticError("Ada owes 10.50")

    with pytest.raises(ArithmeticError):
        count(in_transaction=fail)
    span = spans.one(COMMAND)
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, "ArithmeticError")
    assert "10.50" not in spans.text


@pytest.mark.parametrize("flags", ["00", "02"])
def test_what_is_not_recorded_leaves_nothing(spans: Spans, flags: str) -> None:
    caller = parsed(CALLER[:-2] + flags)
    assert caller
    token = context.attach(_within(caller))
    try:
        assert trace.get_current_span().get_span_context().is_valid
        count()
    finally:
        context.detach(token)
    assert spans.names == set()
    assert traceparents() == [None]


def test_a_refusal_is_told_by_its_code(spans: Spans) -> None:
    count(1_000)
    span = spans.one(COMMAND)
    assert span.attributes is not None
    assert (span.attributes["tidemark.outcome"], span.attributes["tidemark.refusal"]) == ("refused", "OUT_OF_RANGE")
    assert span.status.status_code == StatusCode.UNSET


def test_a_replay_keeps_the_trace_of_the_first_time(spans: Spans) -> None:
    again = request()
    execute_request(again)
    first = traceparents()
    execute_request(again)
    assert traceparents() == first
    assert [span.attributes and span.attributes["tidemark.outcome"] for span in spans.named(COMMAND)] == [
        "accepted",
        "replayed",
    ]


def test_a_batch_is_one_span(spans: Spans) -> None:
    execute_many([request(), request(), request(tally=OTHER)])
    assert set(traceparents()) == {traceparent_of(spans.one("commands"))}


def test_appended_events_name_the_span_around_them(spans: Spans) -> None:
    log.append("tally", TALLY, [Counted(TALLY, 1, 1)], actor="ann")
    assert traceparents() == [None], "nobody traces"
    execute(Count(OTHER, 1), "a", actor="ann", in_transaction=append)
    assert traceparents()[-1] == traceparent_of(spans.one(COMMAND))


def append() -> None:
    log.append("tally", UUID(int=3), [Counted(UUID(int=3), 1, 1)], actor="ann")


def test_a_runner_joins_the_trace_of_one_command(spans: Spans) -> None:
    count()
    Runner(["lines"]).catch_up()
    command, later = spans.one(COMMAND), spans.one("project lines")
    assert trace_id(later) == trace_id(command)
    assert parent_id(later) == traceparent_of(command).split("-")[2]


def test_a_batch_of_several_joins_each_and_links_all(spans: Spans) -> None:
    count()
    count()
    observed = spans.named(COMMAND)
    Runner(["lines"]).catch_up()
    whole, own = spans.one("project lines (batch)"), spans.named("project lines")
    assert {trace_id(span) for span in own} == {trace_id(span) for span in observed}
    assert {link.context.span_id for link in whole.links} == {context_of(span).span_id for span in own}
    assert trace_id(whole) not in {trace_id(span) for span in own}
    assert {link.context.trace_id for span in own for link in span.links} == {context_of(whole).trace_id}


def test_events_of_no_trace_make_no_spans(spans: Spans) -> None:
    log.append("tally", TALLY, [Counted(TALLY, 1, 1)], actor="ann", metadata={"traceparent": "nonsense"})
    Runner(["lines"]).catch_up()
    assert spans.names == set()


def test_an_event_that_fails_is_an_error_of_its_trace(spans: Spans) -> None:
    count(UNLUCKY)
    Runner(["lines"]).catch_up()
    assert Parked.objects.get()
    assert spans.named("project lines")[0].status.status_code == StatusCode.ERROR


def test_a_reaction_goes_on_with_the_trace(spans: Spans) -> None:
    sample_reactions.declare()
    installation.install(using="default")
    count()
    count()
    Runner(["echoes"]).catch_up()
    first, second, *echoes = traceparents()
    assert first != second
    assert echoes == [first, second]


def test_a_delivery_joins_it_and_the_envelope_names_it(spans: Spans) -> None:
    relay_to(fake := Fake())
    count()
    log.append("tally", OTHER, [Counted(OTHER, 1, 1)], actor="ann")
    Runner(["relay-bus"]).catch_up()
    command, delivered = spans.one(COMMAND), spans.one("deliver bus")
    assert trace_id(delivered) == trace_id(command)
    traced, untraced = fake.envelopes
    assert traced["traceparent"] == traceparent_of(command)
    assert fake.kept[0].trace_headers == {"traceparent": traced["traceparent"]}
    assert "traceparent" not in untraced
    assert fake.kept[1].trace_headers == {}


def test_the_log_tells_the_ids_of_command_and_trace(spans: Spans) -> None:
    told: dict[str, str] = {}
    correlation = uuid4()
    receipt = count(in_transaction=lambda: told.update(log_ids()), correlation_id=correlation)
    span = spans.one(COMMAND)
    assert told == {
        "command": "tally.count",
        "command_id": str(receipt.command_id),
        "correlation_id": str(correlation),
        "trace_id": trace_id(span),
        "span_id": traceparent_of(span).split("-")[2],
    }
    assert log_ids() == {}


def test_digests_cover_the_trace(spans: Spans) -> None:
    count()
    feed.advance()
    assert say()[0] == 0


def test_a_trace_may_be_given(spans: Spans) -> None:
    execute_request(request(traceparent=CALLER))
    assert traceparents() == [CALLER]
    with pytest.raises(ArgumentRefused, match="names no trace"):
        request(traceparent=f"00-{TRACE}")
