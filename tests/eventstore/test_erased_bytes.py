"""What was erased is gone from SQLite's files: from the database, the write-ahead log and its index."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.db.models import F

from eventstore import log, personal
from eventstore.checks.doctor import personal_data
from eventstore.checks.doctor.findings import Level
from eventstore.keys import erasure
from eventstore.models import Parked, SubjectKey
from tests.eventstore.sample import PersonNoted

pytestmark = pytest.mark.django_db(transaction=True)

PERSON = UUID(int=1)
NAME = "Ann Öster-Müller of the long name"


@pytest.fixture(autouse=True)
def only_sqlite() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("SQLite's files")


@pytest.fixture
def wrapped(only_sqlite: None, transactional_db: None) -> bytes:
    """The stored key of a person, which opens all that is stored about them, in any copy."""
    log.append("person", PERSON, [PersonNoted(PERSON, NAME)], actor="test")
    return bytes(SubjectKey.objects.get(pk=PERSON).wrapped or b"")


@pytest.fixture
def reader() -> Iterator[sqlite3.Connection]:
    """Another connection, in the middle of a long query on the database as it is now."""
    with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as other:
        yield other


def files() -> bytes:
    """All bytes that the database has on the disk."""
    path = Path(connection.settings_dict["NAME"])
    return b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*"))


def test_each_connection_overwrites_what_it_frees() -> None:
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA secure_delete")
        assert cursor.fetchone() == (1,)


def test_the_key_is_in_the_files_before_and_gone_after(wrapped: bytes) -> None:
    assert wrapped in files()
    personal.erase(PERSON)
    assert wrapped not in files()


def test_it_is_repeated_for_a_while_as_delayed_read_models_forget_later(wrapped: bytes) -> None:
    personal.erase(PERSON)
    assert SubjectKey.objects.get(pk=PERSON).purged_at is None
    SubjectKey.objects.update(erased_at=F("erased_at") - erasure.SETTLED_AFTER)
    assert erasure.purge()
    assert SubjectKey.objects.get(pk=PERSON).purged_at


def test_the_error_that_quotes_the_name_is_gone_too(wrapped: bytes, sample: None) -> None:
    Parked.objects.create(
        projection_id="lines", category="person", stream_id=PERSON, position=1, type="person.noted", error=NAME
    )
    assert NAME.encode() in files()
    personal.erase(PERSON)
    assert NAME.encode() not in files()


def test_what_a_reader_holds_up_the_next_erasure_or_doctor_finishes(wrapped: bytes, reader: sqlite3.Connection) -> None:
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM eventstore_subjectkey").fetchone()
    personal.erase(PERSON)
    assert wrapped in files(), "the reader sees the database as it was"
    assert Level.LOOK in [finding.level for finding in personal_data.erasures()]
    reader.execute("ROLLBACK")
    assert [finding.level for finding in personal_data.erasures()] == [Level.OK]
    assert wrapped not in files()


def test_an_erasure_that_is_rolled_back_erases_nothing(wrapped: bytes) -> None:
    with transaction.atomic():
        personal.erase(PERSON)
        transaction.set_rollback(True)
    assert [record.event.name for record in log.read_stream(PERSON)] == [NAME]
