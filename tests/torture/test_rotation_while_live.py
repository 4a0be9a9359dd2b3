"""The master key is changed while others register persons and read them: nobody notices, and nothing is lost."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.db import connections
from django.test import override_settings

from eventstore import log
from eventstore.execute import execute
from eventstore.keys import LocalKey, ring, rotation
from eventstore.models import SiteKey
from tests.eventstore.sample import NotePerson

pytestmark = pytest.mark.django_db(transaction=True)

NEW = bytes(range(100, 132))
WRITERS = 4
BEFORE = 40  # persons who are there when the rotation begins


@pytest.fixture
def both_keys() -> Iterator[None]:
    ring.forget()
    with override_settings(PERSONAL_DATA_KEY=NEW, PERSONAL_DATA_KEYS_OLD=[settings.PERSONAL_DATA_KEY]):
        yield
    ring.forget()


def register(person: UUID) -> UUID:
    assert execute(NotePerson(person, f"Person {person}"), str(person), actor="ann").accepted
    return person


def name_of(person: UUID) -> str | None:
    (record,) = log.read_stream(person)
    name: str | None = record.event.name
    return name


def register_until(done: threading.Event, begun: threading.Barrier) -> list[UUID]:
    """Register persons, and read each, until the rotation is done."""
    try:
        persons = [register(uuid4())]
        begun.wait()
        while not done.is_set():
            persons.append(register(uuid4()))
            assert name_of(persons[-1]) == f"Person {persons[-1]}"
        return persons
    finally:
        connections.close_all()


def test_nobody_is_lost(both_keys: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "BATCH", 3)
    persons = [register(uuid4()) for _ in range(BEFORE)]
    done, begun = threading.Event(), threading.Barrier(WRITERS + 1)
    with ThreadPoolExecutor(WRITERS) as pool:
        writers = [pool.submit(register_until, done, begun) for _ in range(WRITERS)]
        try:
            begun.wait()
            found = rotation.rotate()
        finally:
            done.set()
        for writer in writers:
            persons += writer.result()
    assert found.rewrapped >= BEFORE
    assert found.damaged == 0
    assert set(SiteKey.objects.values_list("master", flat=True)) == {LocalKey(NEW).id}
    ring.forget()
    with override_settings(PERSONAL_DATA_KEYS_OLD=[]):
        assert [name_of(person) for person in persons] == [f"Person {person}" for person in persons]
