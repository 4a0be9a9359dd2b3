"""The verifier tells the digests of rows once more, by itself; both tell the same of any row."""

from datetime import UTC, datetime

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eventstore.backends.rows import CommandRow, EventRow
from eventstore.integrity import digests
from eventstore.messages import canonical
from eventstore.models import Command, Event
from eventstore.proofs.rows import command_as_stored, event_as_stored
from eventstore.verifier.digests import command_digest, event_digest

LETTERS = st.characters(codec="utf-8", exclude_characters="\0")
TEXT = st.text(LETTERS, max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(TEXT, VALUES, max_size=4)
DAYS = [datetime(year, 12, 31, tzinfo=UTC).replace(tzinfo=None) for year in (2, 9998)]
ENVELOPE = {
    "type": st.text(LETTERS, min_size=1, max_size=40),
    "schema_version": st.integers(1, 9),
    "recorded_at": st.datetimes(*DAYS, timezones=st.just(UTC)),
    "data": OBJECTS,
    "metadata": OBJECTS,
}
EVENTS = st.builds(
    Event,
    event_id=st.uuids(),
    category=TEXT,
    stream_id=st.uuids(),
    version=st.integers(1, 2**62),
    position=st.integers(1, 2**62),
    **ENVELOPE,
)
COMMANDS = st.builds(
    Command,
    command_id=st.uuids(),
    actor=TEXT,
    key=TEXT,
    fingerprint=st.binary(min_size=32, max_size=32),
    accepted=st.booleans(),
    response=OBJECTS,
    **ENVELOPE,
)


EASY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a busy machine too


def raw(value: object) -> msgspec.Raw:
    return msgspec.Raw(canonical(value))


@EASY
@given(st.binary(min_size=32, max_size=32), EVENTS)
def test_of_an_event(previous: bytes, event: Event) -> None:
    row = EventRow(
        event_id=event.event_id,
        category=event.category,
        stream_id=event.stream_id,
        version=event.version,
        type=event.type,
        schema_version=event.schema_version,
        data=raw(event.data),
        metadata=raw(event.metadata),
        recorded_at=event.recorded_at,
        slot=1,
        command_id=None,
    )
    assert event_digest(previous, event_as_stored(event)).hex() == digests.event_digest(previous.hex(), row)


@EASY
@given(COMMANDS)
def test_of_a_command(command: Command) -> None:
    row = CommandRow(
        command_id=command.command_id,
        actor=command.actor,
        key=command.key,
        fingerprint=command.fingerprint.hex(),
        type=command.type,
        schema_version=command.schema_version,
        data=raw(command.data),
        metadata=raw(command.metadata),
        accepted=command.accepted,
        response=raw(command.response),
        recorded_at=command.recorded_at,
    )
    assert command_digest(command_as_stored(command)).hex() == digests.command_digest(row)
