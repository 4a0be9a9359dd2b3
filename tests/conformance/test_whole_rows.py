"""`whole_events` and its likes: rows as they are stored, from which digests can be computed again."""

import hashlib
from datetime import timedelta
from uuid import UUID

import pytest

from eventstore.integrity.digests import NO_DIGEST, command_digest, event_digest
from eventstore.integrity.verify.rows import WholeCommand, WholeEvent, WholeHead, canonical, encode
from tests.conformance.examples import NOW, ONE, THREE, TWO, backend, command, event, write

pytestmark = pytest.mark.django_db

BEGINNING = UUID(int=0)


def test_the_digest_of_an_event_is_computed_from_its_whole_row() -> None:
    row = event(ONE, 1, data={"longer": {"b": 1, "aa": "é"}, "a": [None, True]}, metadata={"zz": 1, "a": "x"})
    row.digest = event_digest(NO_DIGEST, row)
    write(row)
    ((_position, *columns),) = backend.whole_events("position > %s ORDER BY position", [0], 9)
    whole = WholeEvent(1, *columns)
    envelope = encode((*whole[1:7], whole.recorded_at))
    parts = (bytes.fromhex(NO_DIGEST), envelope, canonical(whole.metadata), canonical(whole.data))
    assert hashlib.sha256(b"\n".join(parts)).digest() == bytes.fromhex(row.digest) == bytes(whole.digest)
    assert (whole.stream_id, whole.slot) == (str(ONE), row.slot)


def test_the_digest_of_a_command_is_computed_from_its_whole_row() -> None:
    row = command(data={"longer": 1, "a": "é"}, response={"zz": 1, "a": None})
    row.digest = command_digest(row)
    write(row)
    whole = WholeCommand(*backend.whole_commands("number > %s ORDER BY number", [0], 9)[0])
    envelope = encode((*whole[1:7], whole.accepted, whole.recorded_at))
    parts = (envelope, canonical(whole.metadata), canonical(whole.data), canonical(whole.response))
    assert hashlib.sha256(b"\n".join(parts)).digest() == bytes.fromhex(row.digest) == bytes(whole.digest)
    assert (whole.command_id, canonical(whole.positions)) == (str(row.command_id), b"[]")


def test_the_event_before_a_version_is_found_for_each_stream() -> None:
    write(event(ONE, 1), event(ONE, 2, recorded_at=NOW + timedelta(seconds=1)), event(TWO, 1))
    found = backend.events_before([str(ONE), str(TWO), str(THREE)], [3, 1, 2])
    assert [(stream, version) for stream, version, *_rest in found] == [(str(ONE), 2)]
    assert found[0][3] == NOW + timedelta(seconds=1)


def test_heads_come_in_the_order_of_their_ids_with_their_last_events() -> None:
    write(event(TWO, 1), event(ONE, 1), event(ONE, 2))
    heads = [WholeHead(*row) for row in backend.whole_heads(BEGINNING, 9)]
    assert [head.stream_id for head in heads] == sorted([str(ONE), str(TWO)])
    assert all(head.version == head.last_version and head.position == head.last_position for head in heads)
    assert len(backend.whole_heads(BEGINNING, 1)) == 1
    assert backend.whole_heads(UUID(heads[-1].stream_id), 9) == []
    assert backend.first_without_head() is None


def test_facts_come_stream_by_stream_and_page_by_page() -> None:
    write(event(TWO, 1), event(ONE, 1), event(ONE, 2), event(THREE, 1))
    first, second, third = sorted([str(ONE), str(TWO), str(THREE)])
    page = backend.facts_between((first, 0), second, 2)
    rest = backend.facts_between((page[-1][0], page[-1][1]), second, 9)
    assert all(stream in (first, second) for stream, *_columns in (*page, *rest))
    assert len(page) + len(rest) == len(backend.facts_between((first, 0), second, 9))
    assert backend.facts_between((third, 99), third, 9) == []


def test_counters_are_not_behind_what_is_stored() -> None:
    write(event(ONE, 1), command())
    position, number = backend.sequences()
    drawn = backend.last_drawn()
    assert position >= drawn[0] > 0
    assert number >= drawn[1] > 0
