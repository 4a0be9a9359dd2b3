"""Whether what is in the database is what the model says, in all three stores."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from eventstore import feed, log
from eventstore.backends import store
from eventstore.backends.rows import EventRow
from eventstore.execution.requests import command_id_of
from eventstore.integrity.digests import NO_DIGEST, event_digest
from eventstore.log import Recorded, codec
from eventstore.messages import canonical
from eventstore.models import Checkpoint, Command, Event, Parked, Stream
from tests.eventstore.machine.model import Fact, Model
from tests.eventstore.sample import Counted, Reset
from tests.eventstore.sample_projections import Asked, Grand, Line, Standing

ENVELOPE = ("event_id", "category", "stream_id", "version", "type", "schema_version", "recorded_at", "slot")


def everything_agrees(model: Model) -> None:
    """Events, heads, commands, and read models as far as they have read."""
    events_agree(model)
    digests_chain_and_heads_agree(model)
    commands_agree(model)
    real_time_read_models_agree(model)
    delayed_read_models_agree(model)


def events_agree(model: Model) -> None:
    """The log has each event once, in order, at its receipt's position, with dense versions and command ids."""
    rows = store().events("position > %s ORDER BY position", [0])
    records = codec.recorded(rows)
    facts = model.log()
    assert [(r.position, r.category, r.stream_id, r.version, r.event) for r in records] == [
        (f.position, f.category, f.stream_id, f.version, f.event) for f in facts
    ]
    caused = [fact.caused_by and command_id_of(*fact.caused_by) for fact in facts]
    assert [record.command_id for record in records] == caused
    assert len({record.event_id for record in records}) == len(records)


def digests_chain_and_heads_agree(model: Model) -> None:
    """Heads stand at the last event of their streams, and hold what a fold of these gives."""
    last: dict[UUID, Event] = {}
    for event in Event.objects.order_by("position"):
        before = last.get(event.stream_id)
        assert digest(event) == event_digest(digest(before) if before else NO_DIGEST, as_written(event))
        assert before is None or before.recorded_at <= event.recorded_at
        last[event.stream_id] = event
    heads = {head.stream_id: head for head in Stream.objects.all()}
    assert set(heads) == set(last) == {fact.stream_id for fact in model.facts.values()}
    totals = model.totals()
    for stream_id, head in heads.items():
        at = last[stream_id]
        assert (head.version, head.position, digest(head)) == (at.version, at.position, digest(at))
        state = log.current(head.category, stream_id)
        assert head.category != "tally" or state.total == totals.get(stream_id, 0)
        assert head.category == "projection" or state == log.load(head.category, stream_id)[0]


def digest(row: Event | Stream) -> str:
    return bytes(row.digest).hex()


def as_written(event: Event) -> EventRow:
    envelope = {name: getattr(event, name) for name in ENVELOPE}
    data, metadata = msgspec.Raw(canonical(event.data)), msgspec.Raw(canonical(event.metadata))
    return EventRow(**envelope, data=data, metadata=metadata, command_id=None)


def commands_agree(model: Model) -> None:
    """Every command once, in the order in which they were sent, with its answer."""
    stored = Command.objects.order_by("number")
    assert [(c.actor, c.key, c.accepted, c.positions) for c in stored] == [
        (*key, expected.refusal is None, list(expected.positions)) for key, expected in model.commands.items()
    ]
    for command, expected in zip(stored, model.commands.values(), strict=True):
        assert command.response == expected.answer if command.accepted else command.response["code"] == expected.refusal


def real_time_read_models_agree(model: Model) -> None:
    """Real-time read models are never behind the log."""
    expected_rows: dict[UUID, tuple[int, int]] = {}
    for fact in model.log():
        if isinstance(fact.event, Counted):
            expected_rows[fact.stream_id] = (fact.event.total, fact.position)
        elif isinstance(fact.event, Reset):
            expected_rows.pop(fact.stream_id, None)
    assert {row.tally_id: (row.total, row.position) for row in Standing.objects.all()} == expected_rows
    accepted = list(Asked.objects.order_by("number").values_list("accepted", flat=True))
    assert accepted == [expected.refusal is None for expected in model.commands.values()]


def delayed_read_models_agree(model: Model) -> None:
    """Delayed read models are where their checkpoints say, and streams with failing events are parked."""
    read = Checkpoint.objects.values_list("projection_id", "slot", "position")
    places: dict[tuple[str, int], int] = {(name, slot): position for name, slot, position in read}
    slots = dict(Event.objects.values_list("position", "slot"))
    parked, lines, counted = {}, {}, list[Fact]()
    for fact in model.log():
        if isinstance(fact.event, Counted) and fact.position <= places["lines", slots[fact.position]]:
            stopped = model.unlucky(fact.stream_id)
            if stopped is not None and fact.position >= stopped:
                parked[fact.stream_id] = stopped
            elif fact.position not in model.skipped:
                lines[fact.position] = (fact.stream_id, fact.event.amount)
        if isinstance(fact.event, Counted) and fact.position <= places["grand", 0]:
            counted.append(fact)
    assert {row.position: (row.tally_id, row.amount) for row in Line.objects.all()} == lines
    assert dict(Parked.objects.values_list("stream_id", "position")) == parked
    grand = [(row.total, row.order) for row in Grand.objects.all()]
    amounts = [fact.event.amount for fact in counted]
    assert grand == ([(sum(amounts), "".join(f"{amount} " for amount in amounts))] if amounts else [])


def reader_agrees(model: Model, seen: Sequence[Recorded[Any]]) -> None:
    """A reader of the feed has seen each event up to its position once, in order, with none missing."""
    end = seen[-1].position if seen else 0
    assert [(record.position, record.version) for record in seen] == [
        (fact.position, fact.version) for fact in model.log() if fact.position <= end
    ]


def mark_is_safe(before: int, hidden: int | None) -> int:
    """The tidemark never goes back, nor beyond a position that is not committed yet."""
    mark = feed.tidemark()
    assert mark >= before
    assert hidden is None or mark < hidden
    return mark
