"""Proofs of the engine's own: each holds for the verifier, costs little, and outlives an erasure."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from eventstore import personal, proofs
from eventstore.execute import execute
from eventstore.integrity.sealer import seal
from eventstore.models import Command, Event
from eventstore.proofs import NotSealed
from eventstore.verifier.check import check
from tests.eventstore.sample import Count, NotePerson

pytestmark = pytest.mark.django_db

TALLY, OTHER, PERSON = UUID(int=1), UUID(int=2), UUID(int=3)
START = datetime(2026, 1, 1, tzinfo=UTC)


def count(tally: UUID, hour: int) -> None:
    execute(Count(tally, 1), f"{tally}/{hour}", actor="ann", recorded_at=START + timedelta(hours=hour))


def holds(folder: Path, text: str) -> bool:
    path = folder / "proof.json"
    path.write_text(text)
    return check([path], proofs.known_keys()).exit_code == 0


@pytest.fixture
def hours() -> list[int]:
    """A tally counted each hour but for some, and another one beside it."""
    found = [hour for hour in range(24) if hour % 5]
    for hour in range(24):
        count(TALLY if hour in found else OTHER, hour)
    return found


def test_a_time_of_a_stream_is_proven_with_the_event_before_it(hours: list[int], tmp_path: Path) -> None:
    seal()
    for begin, end in ((0, 24), (0, 2), (3, 9), (10, 11), (4, 21), (23, 24), (22, 99)):
        times = (START + timedelta(hours=hour) for hour in (begin, end))
        text = "".join(proofs.stream_proof(TALLY, *times))
        assert holds(tmp_path, text)
        before = [hour for hour in hours if hour < begin][-1:]
        expected = before + [hour for hour in hours if begin <= hour < end]
        told = [datetime.fromisoformat(event["recorded_at"]) for event in json.loads(text)["events"]]
        assert told == [START + timedelta(hours=hour) for hour in expected]


def test_a_long_one_is_read_page_by_page(hours: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eventstore.proofs.make.ROWS_PER_PAGE", 3)
    seal()
    text = "".join(proofs.stream_proof(TALLY, START, START + timedelta(days=9)))
    assert holds(tmp_path, text)
    assert len(json.loads(text)["events"]) == len(hours)


def test_a_time_before_the_first_event_has_none(hours: list[int]) -> None:
    seal()
    with pytest.raises(LookupError):
        proofs.stream_proof(TALLY, START, START)


def test_nothing_is_proven_before_it_is_sealed(hours: list[int]) -> None:
    position, number = Event.objects.latest("position").position, Command.objects.latest("number").number
    for prove, place in ((proofs.event_proof, position), (proofs.command_proof, number)):
        with pytest.raises(NotSealed) as refused:
            prove(place)
        assert (refused.value.sealed, refused.value.mark <= place) == (0, True)
    with pytest.raises(NotSealed):
        proofs.stream_proof(TALLY, START, START + timedelta(days=1))
    assert proofs.head_over_event(position) is None


def test_what_is_not_there_has_no_proof(hours: list[int]) -> None:
    seal()
    for prove in (proofs.event_proof, proofs.command_proof):
        with pytest.raises(LookupError):
            prove(10**9)
    with pytest.raises(LookupError):
        proofs.consistency_proof("events", 1, 24)
    with pytest.raises(ValueError, match="larger"):
        proofs.consistency_proof("events", 24, 1)


def test_a_proof_holds_once_the_person_is_erased(tmp_path: Path) -> None:
    execute(NotePerson(PERSON, "Ann"), "one", actor="ann")
    seal()
    position = Event.objects.get().position
    before = proofs.event_proof(position)
    personal.erase(PERSON)
    assert proofs.event_proof(position) == before
    assert before["personal"] == ["name"]
    assert "Ann" not in before["event"]["data"]
    assert holds(tmp_path, json.dumps(before))


def test_a_proof_leads_to_the_same_head_for_ever(hours: list[int]) -> None:
    seal()
    position = Event.objects.earliest("position").position
    before = proofs.event_proof(position)
    count(TALLY, 30)
    seal()
    assert proofs.event_proof(position) == before


def test_it_costs_the_same_on_a_longer_log(hours: list[int], django_assert_max_num_queries: Any) -> None:
    seal()
    with django_assert_max_num_queries(12):
        proofs.event_proof(Event.objects.latest("position").position)
