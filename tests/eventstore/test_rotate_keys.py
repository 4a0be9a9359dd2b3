"""`manage.py rotate_keys`: a new master key, while the site is live; killed half-way, it goes on."""

import json
from collections.abc import Iterator
from io import StringIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import override_settings

from eventstore import log, personal
from eventstore.backends import store
from eventstore.checks.keys import site_keys
from eventstore.errors import KeysUnavailable
from eventstore.execute import execute
from eventstore.keys import LocalKey, ring, rotation
from eventstore.models import Event, SiteKey, SubjectKey
from tests.eventstore.sample import NotePerson, PersonNoted

pytestmark = pytest.mark.django_db

NEW = bytes(range(100, 132))
OLD: bytes = settings.PERSONAL_DATA_KEY or b""
PERSONS = [UUID(int=number) for number in range(1, 8)]


@pytest.fixture(autouse=True)
def persons(db: None) -> Iterator[None]:
    for person in PERSONS:
        execute(NotePerson(person, f"Person {person.int}"), str(person), actor="ann")
    ring.forget()
    yield
    ring.forget()


def with_keys(*keys: bytes) -> Any:
    """A process that was given these keys, and remembers nothing."""
    ring.forget()
    return override_settings(PERSONAL_DATA_KEY=keys[0], PERSONAL_DATA_KEYS_OLD=list(keys[1:]))


def rotate(*options: str) -> tuple[int, Any]:
    """The exit code, and the report."""
    output, code = StringIO(), 0
    try:
        call_command("rotate_keys", "--json", *options, stdout=output)
    except SystemExit as end:
        code = int(str(end.code))
    return code, json.loads(output.getvalue())


def names() -> list[str | None]:
    return [record.event.name for person in PERSONS for record in log.read_stream(person)]


def as_written() -> list[str]:
    return [f"Person {person.int}" for person in PERSONS]


def test_afterwards_the_new_key_alone_will_do() -> None:
    with with_keys(NEW, OLD):
        assert rotate() == (
            0,
            {
                "master": LocalKey(NEW).id,
                "opened": 0,
                "rewrapped": 7,
                "damaged": 0,
                "damaged_subjects": [],
                "still_needed": [],
                "to_rewrap": 0,
            },
        )
    with with_keys(NEW):
        assert names() == as_written()
        assert rotate("--check")[0] == 0
        assert list(site_keys(store().connection)) == []


def test_afterwards_the_old_key_opens_nothing() -> None:
    with with_keys(NEW, OLD):
        rotate()
    assert set(SiteKey.objects.values_list("master", flat=True)) == {LocalKey(NEW).id}
    assert SiteKey.objects.filter(purpose="wrap").count() == 1, "the old site key is gone"
    with with_keys(OLD), pytest.raises(KeysUnavailable, match=LocalKey(NEW).id):
        execute(NotePerson(uuid4(), "Late"), "late", actor="ann")


def test_events_are_not_touched_and_repeated_commands_still_recognised() -> None:
    before = list(Event.objects.order_by("position").values())
    with with_keys(NEW, OLD):
        rotate()
        assert list(Event.objects.order_by("position").values()) == before
    with with_keys(NEW):
        again = execute(NotePerson(PERSONS[0], "Person 1"), str(PERSONS[0]), actor="ann")
        assert again.replayed
        assert again.accepted
        assert not execute(NotePerson(PERSONS[0], "Another"), str(PERSONS[0]), actor="ann").accepted


def test_until_then_both_keys_are_needed_and_the_checks_say_so() -> None:
    with with_keys(NEW, OLD):
        assert names() == as_written()
        code, report = rotate("--check")
        assert (code, report["still_needed"], report["rewrapped"]) == (3, [LocalKey(OLD).id], 0)
        (warning,) = site_keys(store().connection)
        assert warning.id == "eventstore.W062"
        assert warning.hint == "manage.py rotate_keys"


def test_killed_half_way_everything_can_be_read_and_it_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "BATCH", 2)
    rewrap, batches = rotation._rewrap, []

    def killed(*arguments: Any) -> None:
        rewrap(*arguments)
        batches.append(arguments[0])
        if len(batches) == 2:
            raise KeyboardInterrupt

    with with_keys(NEW, OLD):
        with monkeypatch.context() as patch:
            patch.setattr(rotation, "_rewrap", killed)
            with pytest.raises(KeyboardInterrupt):
                rotate()
        ring.forget()
        assert names() == as_written()
        assert rotation.outdated().subjects == 5
        execute(NotePerson(uuid4(), "Meanwhile"), "meanwhile", actor="ann")
        assert rotate()[1]["rewrapped"] == 5
    with with_keys(NEW):
        assert names() == as_written()


def test_a_running_process_with_both_keys_reads_what_was_rotated_meanwhile() -> None:
    with with_keys(NEW, OLD):
        remembered = ring.ring()
        rotate()
        ring._rings[ring._configuration()] = remembered  # as another process has it
        assert names() == as_written()


def test_a_person_who_was_erased_stays_erased() -> None:
    personal.erase(PERSONS[0])
    with with_keys(NEW, OLD):
        assert rotate()[1]["rewrapped"] == 6
    with with_keys(NEW):
        assert names() == [None, *as_written()[1:]]
        with pytest.raises(personal.SubjectErased):
            execute(NotePerson(PERSONS[0], "Again"), "again", actor="ann")


def test_a_damaged_key_is_named_and_does_not_stop_the_others() -> None:
    SubjectKey.objects.filter(pk=PERSONS[2]).update(wrapped=b"damaged")
    with with_keys(NEW, OLD):
        code, report = rotate()
    assert (code, report["rewrapped"], report["damaged_subjects"]) == (3, 6, [str(PERSONS[2])])
    with with_keys(NEW):
        assert [name for name in names() if name != personal.UNREADABLE] == as_written()[:2] + as_written()[3:]


def test_without_the_old_key_nothing_is_begun() -> None:
    with with_keys(NEW), pytest.raises(CommandError, match="PERSONAL_DATA_KEYS_OLD"):
        call_command("rotate_keys")
    assert set(SiteKey.objects.values_list("master", flat=True)) == {LocalKey(OLD).id}


def test_one_may_rotate_back_and_forth() -> None:
    for first, second in ((NEW, OLD), (OLD, NEW), (NEW, OLD)):
        with with_keys(first, second):
            assert rotate()[1]["rewrapped"] == 7
    with with_keys(NEW):
        assert names() == as_written()


def test_keys_from_before_there_were_site_keys_are_rotated_too() -> None:
    SubjectKey.objects.update(site_key=None)
    with with_keys(NEW, OLD):
        assert rotate()[1]["rewrapped"] == 7
    with with_keys(NEW):
        assert names() == as_written()
        assert personal.reveal([personal.conceal(PersonNoted(uuid4(), "New"))])[0].name == "New"


def test_after_an_upgrade_alone_nothing_is_to_be_done() -> None:
    SubjectKey.objects.update(site_key=None)
    assert not rotation.outdated()
    assert rotate("--check")[0] == 0
