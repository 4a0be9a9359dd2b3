"""What can't be decrypted is a finding that names it: never a crash, and never taken for erased."""

import base64
import json
import os
from collections.abc import Callable
from io import StringIO
from uuid import UUID

import pytest
from django.core.management import call_command

from eventstore import feed, log, personal
from eventstore.checks.doctor import personal_data
from eventstore.checks.doctor.findings import Level
from eventstore.execute import execute
from eventstore.models import SubjectKey
from tests.eventstore.sample import NotePerson
from tests.eventstore.tampering import change_event

pytestmark = pytest.mark.django_db

PERSON, OTHER = UUID(int=1), UUID(int=2)


def lose_the_key(_position: int) -> None:
    SubjectKey.objects.filter(pk=PERSON).delete()


def damage_the_key(_position: int) -> None:
    SubjectKey.objects.filter(pk=PERSON).update(wrapped=os.urandom(60))


def empty_the_key(_position: int) -> None:
    SubjectKey.objects.filter(pk=PERSON).update(wrapped=None)


def cut_the_key(_position: int) -> None:
    SubjectKey.objects.filter(pk=PERSON).update(wrapped=b"x")


def forge_the_text(position: int) -> None:
    change_event(position, name=base64.b64encode(os.urandom(50)).decode())


def cut_the_text(position: int) -> None:
    change_event(position, name="QQ==")


def put_clear_text(position: int) -> None:
    change_event(position, name="Ann, in clear")


FAULTS = {
    lose_the_key: "the key of the person is missing",
    empty_the_key: "the key of the person is missing",
    damage_the_key: "the key of the person is damaged",
    cut_the_key: "the key of the person is damaged",
    forge_the_text: "the encrypted text is damaged",
    cut_the_text: "the encrypted text is damaged",
    put_clear_text: "the encrypted text is damaged",
}
Damage = Callable[[int], None]


@pytest.fixture(params=FAULTS, ids=lambda damage: damage.__name__)
def damage(request: pytest.FixtureRequest) -> Damage:
    damage: Damage = request.param
    return damage


@pytest.fixture
def position(db: None) -> int:
    """The position of the event about the person; there is one about another, which stays well."""
    receipt = execute(NotePerson(PERSON, "Ann"), "one", actor="ann")
    execute(NotePerson(OTHER, "Bob"), "two", actor="ann")
    return receipt.position


def test_the_event_says_so_and_the_others_are_read(position: int, damage: Damage) -> None:
    damage(position)
    feed.advance()
    events = [record.event for record in feed.read(0) if record.type == "person.noted"]
    assert [event.name for event in events] == [personal.UNREADABLE, "Bob"]
    assert isinstance(events[0].name, personal.Unreadable)
    assert events[0].name.fault == FAULTS[damage]


def test_check_projections_names_position_person_and_cause(position: int, damage: Damage) -> None:
    damage(position)
    output = StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("check_projections", "--json", stdout=output)
    assert end.value.code == 3
    found = {drift["name"]: drift for drift in json.loads(output.getvalue())}["personal data"]
    first = found["differences"][0]
    assert first["key"] == f"event {position}, person.noted: name of {PERSON} can't be decrypted"
    assert first["problem"] == FAULTS[damage]


def test_the_doctor_names_them(position: int, damage: Damage) -> None:
    damage(position)
    feed.advance()
    (finding,) = personal_data.personal_data()
    assert finding.level == Level.ACT
    assert f"event {position}" in finding.says
    assert str(PERSON) in finding.says
    assert FAULTS[damage] in finding.says


def test_without_damage_nothing_is_found(position: int) -> None:
    personal.erase(OTHER)
    feed.advance()
    (finding,) = personal_data.personal_data()
    assert finding.level == Level.OK


def test_decisions_go_on_and_states_are_folded(position: int, damage: Damage) -> None:
    damage(position)
    state, version = log.load("person", PERSON)
    assert (state.is_known, version) == (True, 1)


def test_nothing_more_is_stored_about_a_person_whose_key_is_damaged(position: int) -> None:
    damage_the_key(position)
    with pytest.raises(personal.KeysUnavailable, match="backup"):
        execute(NotePerson(PERSON, "Ann again"), "three", actor="ann")


def test_one_who_is_erased_after_the_damage_is_erased(position: int, damage: Damage) -> None:
    damage(position)
    assert personal.erase(PERSON)
    (record,) = log.read_stream(PERSON)
    assert record.event.name is None
