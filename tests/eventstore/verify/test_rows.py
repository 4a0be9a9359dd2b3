"""`manage.py verify` finds rows that are not as they were written, whatever stands in them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from eventstore.integrity.sealer import seal
from eventstore.integrity.verify import Code, Place, Scope, verify
from eventstore.models import Command, Event, Stream
from tests.eventstore.verify.runs import count, found
from tests.torture.forgeries import lift_all_guards
from tests.torture.forgeries.tables import erase_rows

pytestmark = pytest.mark.django_db


def test_an_event_without_its_command_and_a_command_without_its_event_are_found(file: Path) -> None:
    count(3)
    lift_all_guards()
    command = Command.objects.order_by("number")[1]
    erase_rows(Command, pk=command.pk)
    assert found() == [(Place.EVENTS, Code.NO_COMMAND, command.positions[0])]


def test_a_head_with_a_forged_state_is_found(file: Path) -> None:
    count(3)
    state = str(Stream.objects.get().state)
    Stream.objects.update(state=state.replace('"counts":3', '"counts":4'))
    assert found() == [(Place.STREAMS, Code.STATE, None)]


@pytest.mark.sqlite
def test_values_of_other_types_are_faults_and_end_nothing(file: Path) -> None:
    """A column of SQLite takes anything."""
    count(6)
    lift_all_guards()
    forged = ["data = x'ff00'", "version = 'two'", "digest = 7", "recorded_at = 'never'", "type = CAST(x'ff' AS TEXT)"]
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA ignore_check_constraints = ON")
        for position, change in enumerate(forged, 1):
            cursor.execute(f"UPDATE eventstore_event SET {change} WHERE position = {position}")
        cursor.execute("UPDATE eventstore_command SET positions = '{', accepted = 5 WHERE number = 3")
        cursor.execute("PRAGMA ignore_check_constraints = OFF")
    places = {(place, position) for place, _code, position in found()}
    assert places >= {(Place.EVENTS, position) for position in range(1, 6)}
    assert (Place.COMMANDS, 3) in places


@pytest.mark.postgresql
def test_times_that_no_program_can_hold_are_faults(file: Path) -> None:
    count(2)
    lift_all_guards()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE eventstore_event SET recorded_at = 'infinity' WHERE version = 1")
    position = Event.objects.filter(version=1).values_list("position", flat=True)[0]
    assert (Place.EVENTS, Code.DIGEST, position) in found()


GARBAGE: Sequence[tuple[str, str, Any]] = [
    ("eventstore_treehead", "signed_at", "garbage"),
    ("eventstore_treehead", "note", b"\xff\xfe"),
    ("eventstore_treehead", "size", "many"),
    ("eventstore_treehead", "position", "many"),
    ("eventstore_treehead", "root", "text"),
    ("eventstore_stream", "stream_id", "zz"),
    ("eventstore_command", "positions", "[99999999999999999999999]"),
    ("eventstore_command", "positions", "[-1]"),
]


@pytest.mark.sqlite
@pytest.mark.parametrize(("table", "column", "value"), GARBAGE)
def test_no_garbage_gets_rid_of_a_run(file: Path, table: str, column: str, value: Any) -> None:
    """SQLite's columns take anything, so whoever owns the file could make verify fail rather than find."""
    count(3)
    seal()
    lift_all_guards()
    with connection.cursor() as cursor:
        where = f"rowid = (SELECT max(rowid) FROM {table})"
        cursor.execute(f"UPDATE {table} SET {column} = %s WHERE {where}", [value])
    assert found(file)
    verify(Scope(sample=5, seals=file))


@pytest.mark.sqlite
@pytest.mark.parametrize("column", ["data", "metadata"])
def test_a_name_that_is_twice_in_a_row_is_found(column: str) -> None:
    """The engine reads the last one, and the functions of SQLite the first, so a forger could show another value."""
    count(3)
    lift_all_guards()
    with connection.cursor() as cursor:
        name = "amount" if column == "data" else "actor"
        change = f"""UPDATE eventstore_event SET {column} = '{{"{name}":77,' || substr({column}, 2) WHERE version = 2"""
        cursor.execute(change)
    assert (Place.EVENTS, Code.UNREADABLE, Event.objects.get(version=2).pk) in found()


@pytest.mark.sqlite
def test_another_spelling_of_a_time_is_found() -> None:
    """Times are compared as text there: with a T, a moment comes after all others of its day."""
    count(3)
    lift_all_guards()
    with connection.cursor() as cursor:
        change = "UPDATE eventstore_event SET recorded_at = replace(recorded_at, ' ', 'T') WHERE version = 2"
        cursor.execute(change)
    assert (Place.EVENTS, Code.DIGEST, Event.objects.get(version=2).pk) in found()


@pytest.mark.postgresql
def test_a_mark_above_what_was_drawn_is_a_fault(file: Path) -> None:
    count(2)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE eventstore_tidemark SET position = position + 1000000000")
    assert (Place.DATABASE, Code.MARK, None) in found()
