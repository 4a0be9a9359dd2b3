"""Positions are drawn by the statement that inserts their rows: readers of the log miss none."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from eventstore import feed
from eventstore.execute import execute
from eventstore.models import Event
from tests.eventstore.sample import Count

pytestmark = pytest.mark.django_db(transaction=True)

EVENT = """
INSERT INTO eventstore_event ({own}event_id, category, stream_id, version, type, schema_version, data, metadata,
    recorded_at, slot, digest)
SELECT {value}%s, category, %s, version, type, schema_version, data, metadata, recorded_at, slot, digest
FROM eventstore_event ORDER BY position LIMIT 1
"""
COMMAND = """
INSERT INTO eventstore_command ({own}command_id, actor, key, fingerprint, type, schema_version, data, metadata,
    accepted, response, positions, recorded_at, digest)
SELECT {value}%s, actor, %s, fingerprint, type, schema_version, data, metadata, accepted, response, positions,
    recorded_at, digest
FROM eventstore_command ORDER BY number LIMIT 1
"""
LOGS = [
    pytest.param(EVENT, "position", "eventstore_event_position_seq", id="event"),
    pytest.param(COMMAND, "number", "eventstore_command_number_seq", id="command"),
]


@pytest.fixture(autouse=True)
def history(db: None) -> None:
    for number in range(3):
        execute(Count(UUID(int=number), 3), str(number), actor="ann")


def run(statement: str, *parameters: UUID | str) -> list[tuple[int]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        return list(cursor.fetchall()) if cursor.description else []


def insert(statement: str, column: str, chosen: object) -> None:
    """Insert a row with a position of the caller's choice; None leaves it to the database."""
    given = {"own": "", "value": ""} if chosen is None else {"own": f"{column}, ", "value": f"{chosen}, "}
    ids = (uuid4(), uuid4()) if connection.vendor == "postgresql" else (uuid4().hex, uuid4().hex)
    run(statement.format(**given), *ids)


@contextmanager
def refused(match: str = "never chosen") -> Iterator[None]:
    with pytest.raises(DatabaseError, match=match), transaction.atomic():
        yield


def draw(sequence: str) -> int:
    ((number,),) = run(f"SELECT nextval('{sequence}')")
    return number


def last(sequence: str) -> int:
    ((number,),) = run(f"SELECT currval('{sequence}')")
    return number


@pytest.mark.postgresql
@pytest.mark.parametrize(("statement", "column", "sequence"), LOGS)
class TestPositionsThatWereDrawnElsewhere:
    """Drawn without the lock, they may lie below the tidemark by the time they are inserted."""

    def test_one_that_was_drawn_before_the_insert_is_refused(self, statement: str, column: str, sequence: str) -> None:
        drawn = draw(sequence)
        feed.advance()
        with refused():
            insert(statement, column, drawn)

    def test_so_is_one_that_was_drawn_in_the_same_transaction(self, statement: str, column: str, sequence: str) -> None:
        with refused():
            insert(statement, column, draw(sequence))

    def test_so_is_one_that_an_insert_drew_which_was_rolled_back(
        self, statement: str, column: str, sequence: str
    ) -> None:
        """The savepoint gives the lock back, so the tidemark may have passed the position."""
        with transaction.atomic():
            savepoint = transaction.savepoint()
            insert(statement, column, None)
            transaction.savepoint_rollback(savepoint)
            with refused():
                insert(statement, column, last(sequence))

    def test_so_is_one_that_was_drawn_earlier_in_the_same_statement(
        self, statement: str, column: str, sequence: str
    ) -> None:
        chosen = statement.format(own=f"{column}, ", value="drawn.n, ").replace(" ORDER", ", drawn ORDER")
        with refused():
            run(
                f"WITH drawn AS MATERIALIZED (SELECT nextval('{sequence}') AS n), added AS ({chosen} RETURNING 1) "
                "SELECT n FROM drawn, added",
                uuid4(),
                uuid4(),
            )

    def test_the_present_value_that_is_taken_already_is_refused(
        self, statement: str, column: str, sequence: str
    ) -> None:
        insert(statement, column, None)
        with refused("unique"):
            insert(statement, column, last(sequence))

    def test_what_the_database_draws_is_fine_all_the_same(self, statement: str, column: str, sequence: str) -> None:
        draw(sequence)
        insert(statement, column, None)
        insert(statement, column, f"nextval('{sequence}')")  # drawn under the lock

    def test_a_session_that_has_drawn_nothing_yet_can_insert(self, statement: str, column: str, sequence: str) -> None:
        connection.close()
        insert(statement, column, None)
        connection.close()
        with refused("never chosen|not yet defined in this session"):
            insert(statement, column, 1)


@pytest.mark.postgresql
def test_commands_in_a_row_leave_no_gaps() -> None:
    """To draw once more is only for a session whose last position is not in the log."""
    assert list(Event.objects.order_by("position").values_list("position", flat=True)) == [
        *range(first := Event.objects.order_by("position").values_list("position", flat=True)[0], first + 3)
    ]


@pytest.mark.postgresql
def test_a_row_is_looked_up_by_its_key_whatever_the_planner_knows() -> None:
    """A plan that was made while the table was empty must not read all of it for each insert."""
    ((settings,),) = run("SELECT proconfig::text FROM pg_proc WHERE proname = 'eventstore_hold_mark_for_events'")
    assert "enable_seqscan=off" in str(settings)


@pytest.mark.sqlite
@pytest.mark.parametrize(("statement", "column", "_sequence"), LOGS)
@pytest.mark.parametrize("chosen", [0, -1, 1, 2, 5, 2**62])
@pytest.mark.parametrize("verb", ["INSERT", "INSERT OR IGNORE", "INSERT OR REPLACE", "INSERT OR FAIL", "REPLACE"])
def test_on_sqlite_no_other_position_than_the_next_is_taken(
    statement: str, column: str, _sequence: str, chosen: int, verb: str
) -> None:
    table = f"eventstore_{'event' if column == 'position' else 'command'}"
    before = run(f"SELECT {column} FROM {table} ORDER BY 1")
    with pytest.raises(DatabaseError), transaction.atomic():
        insert(statement.replace("INSERT", verb), column, chosen)
    assert run(f"SELECT {column} FROM {table} ORDER BY 1") == before
