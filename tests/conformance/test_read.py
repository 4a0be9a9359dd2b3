"""`events`, `payloads`, `commands`, `among`: what was written comes back, byte for byte."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from eventstore.messages import MAX_PAYLOAD, canonical
from eventstore.models import Event
from tests.conformance.examples import NOW, ONE, THREE, TWO, backend, command, digest, event, write

pytestmark = pytest.mark.django_db

ALL = "position > %s ORDER BY position"


def deep(levels: int) -> dict[str, Any]:
    return {"in": deep(levels - 1)} if levels else {}


PAYLOADS: list[Any] = [
    {},
    {"a": None, "b": True, "c": False, "d": [], "e": {}, "f": "", "": 0},
    {"64 bits": [2**63 - 1, -(2**63), 2**53 + 1, -1, 0], "more": [2**64, -(10**30)]},
    {"text": "é e\u0301 ß 日本語 👩‍👩‍👧 \u202e\ufffd\ufffe\uffff \U0010ffff"},
    {"quotes": "\" ' ` \\ \\\\ \\u0000 \\n / </script> %s %(a)s {} $1 $$ :a ; --"},
    {"control": "".join(chr(code) for code in range(1, 32)) + "\x7f\x85\u2028\u2029"},
    {"é": 1, "日": 2, "Z": 3, "a": 4, "aa": 5, "\U0001f469": 6, "\uffee": 7},
    {"list": [[1, [2, [3]]], {"a": [{"b": {"c": [None]}}]}]},
    {"looks like": ["2026-01-01", "1.0", "1e5", "null", "true", str(ONE), "-0"]},
    deep(100),
]
HUGE = {"text": "é" * ((MAX_PAYLOAD - len('{"text":""}')) // 2)}  # two bytes each


def as_canonical(stored: str) -> bytes:
    """A database may keep spaces and keys as it likes, as long as the value is the same to the byte."""
    return canonical(msgspec.json.decode(stored))


@pytest.mark.parametrize("value", PAYLOADS)
def test_data_and_metadata_come_back_byte_for_byte(value: Any) -> None:
    """The canonical form of what comes back is what was written, or digests could not be computed again."""
    row = event(data=value, metadata={"nested": value})
    write(row)
    (stored,) = backend.events(ALL, [0])
    assert as_canonical(stored.data) == bytes(row.data)
    assert as_canonical(stored.metadata) == bytes(row.metadata)
    (payload,) = backend.payloads(ALL, [0])
    assert as_canonical(payload.data) == bytes(row.data)


def test_the_largest_payloads_come_back_byte_for_byte() -> None:
    """As large as the engine takes, and several of them in one go."""
    rows = [event(ONE, version, data=HUGE, metadata=HUGE) for version in (1, 2, 3)]
    assert len(rows[0].data) >= MAX_PAYLOAD - 1
    write(*rows, command(data=HUGE, response=HUGE))
    assert {as_canonical(stored.data) for stored in backend.events(ALL, [0])} == {canonical(HUGE)}
    (stored,) = backend.commands("number > %s", [0])
    assert as_canonical(stored.response) == as_canonical(stored.data) == canonical(HUGE)


@pytest.mark.parametrize("value", PAYLOADS)
def test_a_command_comes_back_as_it_was_stored(value: Any) -> None:
    """The command, its metadata, and its response."""
    row = command(
        "a key é", actor="ann é", data=value, metadata={"nested": value}, response={"": value}, accepted=False
    )
    (number,) = write(row).numbers
    (stored,) = backend.commands("number = %s", [number])
    assert stored[:6] == (number, row.command_id, "ann é", "a key é", "tally.count", 1)
    assert [as_canonical(stored.data), as_canonical(stored.metadata)] == [bytes(row.data), bytes(row.metadata)]
    assert (stored.accepted, as_canonical(stored.response)) == (False, bytes(row.response))
    assert (stored.recorded_at, msgspec.json.decode(stored.positions)) == (NOW, [])


def test_the_envelope_comes_back_as_it_was_written() -> None:
    """Ids as UUIDs, times aware, numbers as they were."""
    row = event(THREE, 2**40, category="c" * 64, type="t" * 128, schema_version=32_767, event_id=UUID(int=0))
    (position,) = write(row).positions
    (stored,) = backend.events(ALL, [0])
    assert stored[:7] == (position, UUID(int=0), "c" * 64, THREE, 2**40, "t" * 128, 32_767)
    (payload,) = backend.payloads(ALL, [0])
    assert payload[:3] == (2**40, "t" * 128, 32_767)


def test_the_slot_and_the_digest_are_stored_as_given() -> None:
    """Both are read by condition, or by those who verify."""
    write(event(slot=63, digest=digest("é")))
    assert Event.objects.values_list("slot", flat=True).get() == 63
    assert bytes(Event.objects.get().digest).hex() == digest("é")
    assert len(backend.events("slot IN (%s, %s) ORDER BY position", [1, 63])) == 1


MOMENTS = [
    datetime(2026, 1, 1, tzinfo=UTC),
    datetime(2026, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(2026, 3, 29, 2, 30, 0, 1, tzinfo=timezone(timedelta(hours=-9, minutes=-30))),
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
]


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_time_keeps_its_microseconds_and_is_found_by_them(moment: datetime) -> None:
    """A time is stored in any zone, and conditions compare it to the microsecond."""
    write(event(recorded_at=moment), command(recorded_at=moment))
    (stored,) = backend.events("recorded_at <= %s", [moment])
    assert stored.recorded_at == moment
    assert stored.recorded_at.utcoffset() == timedelta(0)
    assert not backend.events("recorded_at < %s", [moment])
    (found,) = backend.commands("recorded_at = %s", [moment])
    assert found.recorded_at == moment


def test_a_condition_its_order_and_its_limit_are_followed() -> None:
    """The condition is SQL, with `%s` for parameters; no limit means all."""
    write(*(event(stream, version) for version in range(1, 6) for stream in (ONE, TWO)))
    condition = "stream_id = %s AND version > %s AND version <= %s ORDER BY version DESC"
    versions = [row.version for row in backend.events(condition, [TWO, 1, 4])]
    assert versions == [4, 3, 2]
    assert [row.version for row in backend.events(condition, [TWO, 1, 4], 2)] == [4, 3]
    assert [row.version for row in backend.payloads(condition, [TWO, 1, 4], 1)] == [4]
    assert backend.events(condition, [TWO, 1, 4], 0) == []
    assert backend.payloads(condition, [THREE, 0, 9]) == []
    assert len(backend.events(ALL, [0])) == 10


def test_a_condition_may_calculate_and_takes_its_percent_sign_twice() -> None:
    """As Django's own raw SQL: commands fall into slots by their number."""
    write(*(command(str(number)) for number in range(10)))
    stored = backend.commands("number %% 64 IN (%s, %s) ORDER BY number", [1, 3])
    assert all(row.number % 64 in (1, 3) for row in stored)


KEYS: dict[str, list[Any]] = {
    "stream_id": [ONE, THREE, uuid4()],
    "type": ["tally.counted", "it's \\ é"],
    "version": [1, 2**62],
    "recorded_at": [NOW],
}


@pytest.mark.parametrize("column", sorted(KEYS))
def test_among_finds_those_with_one_of_these_values(column: str) -> None:
    """For ids, texts, numbers and times, in any number."""
    write(event(ONE), event(THREE), event(TWO, 3, type="other", recorded_at=NOW + timedelta(microseconds=1)))
    condition, parameters = backend.any_of(column, KEYS[column])
    found = backend.events(f"{condition} ORDER BY position", parameters)
    assert [row.stream_id for row in found] == [ONE, THREE]


def test_among_takes_hundreds_of_values() -> None:
    """The engine looks rows up 500 at a time."""
    write(event(ONE))
    condition, parameters = backend.any_of("stream_id", [uuid4() for _ in range(499)] + [ONE])
    assert len(backend.events(condition, parameters)) == 1
