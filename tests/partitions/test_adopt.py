"""`adopt`: today's tables become the first partitions, and all that guards them goes on."""

from uuid import UUID, uuid4

import pytest
from django.db import Error, connection, transaction

from eventstore import feed, log
from eventstore.checks import database
from eventstore.execute import execute
from eventstore.integrity.verify import Scope, verify
from eventstore.models import Cluster, Command, Event, Stream
from eventstore.partitions import adopt, is_partitioned, partitions
from eventstore.partitions.stores import COMMANDS, EVENTS, STORES, Store
from tests.conformance.examples import backend, command, opened
from tests.conformance.sessions import run_and_commit
from tests.eventstore.sample import Count, Counted
from tests.role_fixtures import acting, grant

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("partitioned", "sample"),
]
ONE = UUID(int=1)


def count(commands: int, stream: UUID = ONE) -> None:
    for number in range(commands):
        execute(Count(stream, 1), f"{uuid4()}", actor=f"ann{number % 3}")


def test_both_stores_are_partitioned_without_a_gap() -> None:
    assert is_partitioned(connection)
    for store in STORES:
        found = partitions(connection, store)
        assert found[-1].is_default
        assert found[0].first == 0
        assert [each.end for each in found[:-2]] == [each.first for each in found[1:-1]]


def test_a_second_time_there_is_nothing_to_do() -> None:
    assert adopt(connection) is False


def test_no_guard_is_missing() -> None:
    assert list(database.guards(connection)) == []


def test_verify_finds_nothing() -> None:
    count(3)
    assert verify(Scope()).faults.named == []


def test_a_command_is_executed_once_and_answered_again() -> None:
    first = execute(Count(ONE, 2), "once", actor="ann")
    again = execute(Count(ONE, 2), "once", actor="ann")
    assert (again.replayed, again.positions, again.answer) == (True, first.positions, first.answer)
    assert Command.objects.count() == 1


def test_a_stream_and_the_feed_go_on_over_many_partitions() -> None:
    """Fifty positions each, so these lie in several, and some in the default one."""
    for at in range(0, 450, 30):
        log.append("tally", ONE, [Counted(ONE, 1, at + step) for step in range(30)], actor="ann")
    used = [each for each in partitions(connection, EVENTS) if Event.objects.raw(_one_of(each.name))]
    assert len(used) > 3
    assert [record.version for record in log.read_stream(ONE)] == list(range(1, 451))
    feed.advance()
    assert [record.version for record in feed.read(0)] == list(range(1, 451))
    head = Stream.objects.get(stream_id=ONE)
    assert head.first_position == Event.objects.order_by("position").first().position  # type: ignore[union-attr]


def _one_of(table: str) -> str:
    return f'SELECT * FROM "{table}" LIMIT 1'


@pytest.mark.parametrize("statement", ["UPDATE {} SET type = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
@pytest.mark.parametrize("store", STORES, ids=lambda store: store.name)
def test_nothing_is_changed_by_way_of_the_whole_or_of_a_part(statement: str, store: Store) -> None:
    count(1)
    for table in (store.table, *(each.name for each in partitions(connection, store))):
        with pytest.raises(Error, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement.format(table))


def test_where_the_log_lives_is_still_the_same_place() -> None:
    """Otherwise each program that starts would take it for a restored one, and begin an epoch."""
    assert Cluster.objects.get().place["table"] == _oid("eventstore_event")


def _oid(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::regclass::oid::bigint", [table])
        (oid,) = cursor.fetchone()
    return int(oid)


def test_partitions_keep_rows_unique_and_so_does_the_table_of_ids() -> None:
    count(1)
    with pytest.raises(Error, match="eventstore_claim_pkey"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO eventstore_claim SELECT command_id, number + 1 FROM eventstore_claim LIMIT 1")
    assert COMMANDS.table == Command._meta.db_table


def test_the_role_of_the_site_stores_commands_and_claims_no_id_by_itself(role: None) -> None:
    grant()
    with acting():
        row = command()
        run_and_commit(lambda: backend.write([], [], [row]))
        assert row.command_id in opened(commands=(row.command_id,)).stored
        with pytest.raises(Error, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("INSERT INTO eventstore_claim SELECT gen_random_uuid(), 1")
