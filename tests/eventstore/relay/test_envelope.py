"""The envelope: CloudEvents 1.0, with personal data only for those who are allowed."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest

from eventstore import feed, personal
from eventstore.errors import DeliveryRefused
from eventstore.execute import execute
from eventstore.keys import ring
from eventstore.log import Recorded
from eventstore.log.cursor_text import read_cursor
from eventstore.log.identity import identity
from eventstore.models import SubjectKey
from eventstore.relay.envelope import message
from tests.eventstore.sample import Count, NotePerson

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("sample"),
    pytest.mark.once("an envelope is made of what was read"),
]

ADA, TALLY = UUID(int=7), UUID(int=1)


def last() -> Recorded[Any]:
    return feed.between(0, feed.advance().position)[-1]


def envelope(*, with_personal: bool = False) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(message(last(), identity(), with_personal=with_personal).body)
    return found


def test_it_says_what_happened_where_and_when() -> None:
    cause, correlation = uuid4(), uuid4()
    execute(Count(TALLY, 3), "a", actor="ann", causation_id=cause, correlation_id=correlation)
    record, of = last(), identity()
    assert envelope() == {
        "specversion": "1.0",
        "id": str(record.event_id),
        "source": f"urn:uuid:{of.log_id}",
        "type": "tally.counted",
        "subject": f"tally/{TALLY}",
        "time": record.recorded_at.isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "epoch": 1,
        "position": str(record.position),
        "cursor": envelope()["cursor"],
        "sequence": "0000000000000000001",
        "partitionkey": str(TALLY),
        "schemaversion": 1,
        "correlationid": str(correlation),
        "causationid": str(cause),
        "data": {"tally_id": str(TALLY), "amount": 3, "total": 3},
    }
    cursor = read_cursor(envelope()["cursor"])
    assert cursor is not None
    assert (cursor.place, cursor.is_of(of)) == (record.position, True)


def test_names_of_attributes_are_as_cloudevents_wants_them() -> None:
    execute(Count(TALLY, 3), "a", actor="ann")
    for name, value in envelope().items():
        assert name.isalnum()
        assert name == name.lower()
        assert len(name) <= 20
        assert name == "data" or isinstance(value, str) or -(2**31) <= value < 2**31


def test_personal_fields_are_left_out_unless_the_target_is_allowed_them() -> None:
    execute(NotePerson(ADA, "Ada"), "a", actor="ann")
    assert envelope()["data"] == {"person_id": str(ADA), "remark": ""}
    assert envelope(with_personal=True)["data"] == {"person_id": str(ADA), "name": "Ada", "remark": ""}


def test_those_of_an_erased_person_are_null() -> None:
    execute(NotePerson(ADA, "Ada"), "a", actor="ann")
    personal.erase(ADA)
    assert envelope(with_personal=True)["data"]["name"] is None
    assert "name" not in envelope()["data"]


def test_what_can_not_be_decrypted_is_not_sent() -> None:
    execute(NotePerson(ADA, "Ada"), "a", actor="ann")
    SubjectKey.objects.filter(subject_id=ADA).update(wrapped=b"damaged")
    ring.ring(fresh=True)
    with pytest.raises(DeliveryRefused, match="name can't be decrypted"):
        envelope(with_personal=True)
    assert "name" not in envelope()["data"]
