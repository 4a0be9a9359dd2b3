"""Personal data: encrypted wherever it is stored, gone when the key is."""

import json
from uuid import UUID, uuid4

import pytest

from eventstore import feed, log, personal
from eventstore.execute import execute
from eventstore.models import Command, Event, Stream, SubjectKey
from tests.eventstore.sample import NotePerson, PersonNoted

pytestmark = pytest.mark.django_db

PERSON = UUID(int=1)
NAME = "Ann Öster-Müller"


def everything_stored() -> str:
    rows = [list(model.objects.values()) for model in (Event, Command, Stream, SubjectKey)]
    return json.dumps(rows, default=repr, ensure_ascii=False)


def test_a_name_is_read_back_in_clear_and_stored_in_none() -> None:
    execute(NotePerson(PERSON, NAME), "one", actor="ann")
    (record,) = log.read_stream(PERSON)
    assert record.event.name == NAME
    assert NAME not in everything_stored()


def test_commands_are_read_back_in_clear_too() -> None:
    execute(NotePerson(PERSON, NAME), "one", actor="ann")
    (stored,) = feed.read_commands(0, feed.advance().number)
    assert stored.command == NotePerson(PERSON, NAME)


def test_erasing_the_key_erases_the_name_everywhere_and_nothing_else() -> None:
    log.append("person", PERSON, [PersonNoted(PERSON, NAME, remark="kept")], actor="test")
    assert personal.erase(PERSON)
    (record,) = log.read_stream(PERSON)
    assert record.event == PersonNoted(PERSON, None, remark="kept")
    assert not personal.erase(PERSON)
    assert SubjectKey.objects.get().wrapped is None


def test_nothing_more_is_stored_about_an_erased_person() -> None:
    execute(NotePerson(PERSON, NAME), "one", actor="ann")
    personal.erase(PERSON)
    with pytest.raises(personal.SubjectErased):
        execute(NotePerson(PERSON, "Ann again"), "two", actor="ann")
    assert Event.objects.count() == 1


def test_the_same_name_looks_different_each_time() -> None:
    first, second = (personal.conceal(PersonNoted(PERSON, NAME)) for _ in range(2))
    assert first.name != second.name
    assert personal.reveal([first, second]) == [PersonNoted(PERSON, NAME)] * 2


def test_a_ciphertext_can_t_be_moved_to_another_person() -> None:
    other = uuid4()
    stolen = personal.conceal(PersonNoted(PERSON, NAME)).name
    personal.conceal(PersonNoted(other, "Bob"))
    (moved,) = personal.reveal([PersonNoted(other, stolen)])
    assert isinstance(moved.name, personal.Unreadable)


def test_a_missing_value_stays_missing() -> None:
    assert personal.reveal([personal.conceal(PersonNoted(PERSON, None))]) == [PersonNoted(PERSON, None)]


def test_a_keyed_hash_is_stable_and_differs_with_its_text() -> None:
    assert personal.keyed_hash(b"a") == personal.keyed_hash(b"a") != personal.keyed_hash(b"b")
