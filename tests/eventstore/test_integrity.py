"""Digests can be computed again from the stored rows, and show tampering."""

from uuid import UUID

import pytest

from eventstore import personal
from eventstore.execute import execute
from eventstore.integrity.digests import NO_DIGEST, event_digest
from eventstore.models import Event, Stream
from tests.eventstore.sample import Count, NotePerson
from tests.torture.forgeries.tables import event_row

pytestmark = pytest.mark.django_db

TALLY, PERSON = UUID(int=1), UUID(int=2)


def chain(stream_id: UUID) -> list[bool]:
    """For each event of a stream, whether its digest is what it should be."""
    previous, held = NO_DIGEST, []
    for event in Event.objects.filter(stream_id=stream_id).order_by("version"):
        held.append(bytes(event.digest).hex() == event_digest(previous, event_row(event)))
        previous = bytes(event.digest).hex()
    return held


def test_the_chain_of_a_stream_is_computed_again_from_the_database() -> None:
    for number in range(3):
        execute(Count(TALLY, 1), str(number), actor="ann €")
    assert chain(TALLY) == [True, True, True]
    assert Stream.objects.get().digest == Event.objects.order_by("-version")[0].digest


@pytest.mark.parametrize(
    ("field", "value"),
    [("data", {"forged": 1}), ("metadata", {"actor": "eve"}), ("type", "x"), ("version", 9), ("stream_id", PERSON)],
)
def test_a_digest_covers_the_envelope_and_the_data(field: str, value: object) -> None:
    execute(Count(TALLY, 1), "one", actor="ann")
    event = Event.objects.get()
    setattr(event, field, value)
    assert event_digest(NO_DIGEST, event_row(event)) != bytes(event.digest).hex()


def test_the_chain_holds_when_a_person_is_erased() -> None:
    execute(NotePerson(PERSON, "Ann"), "one", actor="ann")
    personal.erase(PERSON)
    assert chain(PERSON) == [True]
