"""The database itself refuses to change recorded rows."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from eventstore.errors import AppendOnly
from eventstore.execute import execute
from eventstore.models import Command, Event
from tests.eventstore.sample import Count

pytestmark = pytest.mark.django_db

TALLY = UUID(int=1)
TABLES = ["eventstore_event", "eventstore_command"]
CHANGES = [
    "UPDATE {table} SET type = 'forged'",
    "DELETE FROM {table}",
    "DELETE FROM {table} WHERE type LIKE 'tally%'",
]


@pytest.fixture(autouse=True)
def history(db: None) -> None:
    execute(Count(TALLY, 3), "one", actor="ann")


def refuse(statement: str, parameters: list[UUID | str] | None = None, match: str = "append-only") -> None:
    with pytest.raises(DatabaseError, match=match), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("change", CHANGES)
def test_rows_are_neither_changed_nor_deleted(table: str, change: str) -> None:
    refuse(change.format(table=table))
    assert list(Event.objects.values_list("type", flat=True)) == ["tally.counted"]
    assert list(Command.objects.values_list("type", flat=True)) == ["tally.count"]


@pytest.mark.postgresql
@pytest.mark.parametrize("table", TABLES)
def test_tables_are_not_truncated(table: str) -> None:
    refuse(f"TRUNCATE {table}")


@pytest.mark.postgresql
@pytest.mark.parametrize("table", TABLES)
def test_the_guards_hold_for_replication_roles_too(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgenabled FROM pg_trigger WHERE tgname = 'append_only' AND tgrelid = %s::regclass", [table]
        )
        assert cursor.fetchall() == [("A",)]


@pytest.mark.sqlite
@pytest.mark.parametrize("table", TABLES)
def test_replace_is_no_way_round(table: str) -> None:
    refuse(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")


COPY = """
INSERT INTO eventstore_event ({position}event_id, category, stream_id, version, type, schema_version, data,
    metadata, recorded_at, slot, digest)
SELECT {value}%s, category, %s, version, type, schema_version, data, metadata, recorded_at, slot, digest
FROM eventstore_event ORDER BY position LIMIT 1
"""


def uuid() -> UUID | str:
    return uuid4() if connection.vendor == "postgresql" else uuid4().hex


@pytest.mark.parametrize("position", [0, -5, 10_000_000])
def test_a_position_is_not_chosen(position: int) -> None:
    chosen = COPY.format(position="position, ", value=f"{position}, ")
    refuse(chosen, [uuid(), uuid()], match="never chosen")


def test_a_position_is_drawn() -> None:
    """The counterpart of the test above: the same statement is fine where the database chooses."""
    with connection.cursor() as cursor:
        cursor.execute(COPY.format(position="", value=""), [uuid(), uuid()])
    assert Event.objects.count() == 2


@pytest.mark.parametrize("model", [Event, Command])
def test_models_refuse_before_the_database_does(model: type[Event | Command]) -> None:
    row = model.objects.get()
    actions: list[Callable[[], object]] = [row.save, row.delete]
    for act in actions:
        with pytest.raises(AppendOnly, match="correction"):
            act()


@pytest.mark.parametrize("model", [Event, Command])
def test_querysets_are_refused_by_the_database(model: type[Event | Command]) -> None:
    changes: list[Callable[[], object]] = [
        lambda: model.objects.update(type="forged"),
        lambda: model.objects.all().delete(),
    ]
    for change in changes:
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()
