"""With a thousand partitions a read touches those alone that it needs, and an append costs what it did.

Buffers are counted, of the plan and of its execution, once the session's caches are warm. Time is not looked at.
"""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from eventstore import log
from eventstore.backends.postgresql.statements import WRITE_EVENTS
from eventstore.partitions import adopt
from eventstore.partitions.ahead import bound_of
from eventstore.partitions.catalogue import last_drawn, partitions
from eventstore.partitions.stores import EVENTS
from tests.conformance.examples import digest
from tests.eventstore.sample import Counted
from tests.partitions.conftest import copied_database

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("thousand")]
COUNT, SIZE = 1_000, 100
LAST = (COUNT - 1) * SIZE
WITHIN, ACROSS, NEW = UUID(int=1), UUID(int=2), UUID(int=3)


@pytest.fixture(scope="module")
def thousand(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, int]]:
    """A thousand partitions of events; and what an append took before there were any."""
    with django_db_blocker.unblock(), copied_database("thousand"):
        before = _buffers_of_an_append()
        adopt(connection, size=SIZE)
        _make_partitions()
        yield {"before": before}


def _make_partitions() -> None:
    """Partitions as `make_ahead` makes them; but for the last one, without indexes that reading a stream needs not."""
    found = partitions(connection, EVENTS)
    first, like = found[-2].end, found[0].name
    assert first is not None
    statements = []
    for begin in range(first, COUNT * SIZE, SIZE):
        name = EVENTS.partition(begin)
        columns = f"LIKE {like} INCLUDING DEFAULTS, PRIMARY KEY (position), UNIQUE (stream_id, version)"
        if begin == LAST:
            columns = f"LIKE {like} INCLUDING ALL"
        statements += [
            f"CREATE TABLE {name} ({columns})",
            f"ALTER TABLE {EVENTS.table} ATTACH PARTITION {name} {bound_of(begin, begin + SIZE)}",
        ]
    with connection.cursor() as cursor:
        for at in range(0, len(statements), 200):
            cursor.execute("; ".join(statements[at : at + 200]))


def _go_on_at(position: int) -> None:
    assert position > last_drawn(connection, EVENTS)
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(%s, %s)", [EVENTS.sequence, position - 1])


def explained(statement: str, parameters: Any = None) -> dict[str, Any]:
    """The plan of a statement as it was executed, the second time, when catalogs are cached."""
    with transaction.atomic(), connection.cursor() as cursor:
        for _ in range(2):
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", parameters)
            ((plan,),) = cursor.fetchall()
        transaction.set_rollback(True)
    found: dict[str, Any] = (json.loads(plan) if isinstance(plan, str) else plan)[0]
    return found


def buffers(plan: dict[str, Any]) -> int:
    """The buffers that planning and execution have touched."""
    parts = (plan["Plan"], plan.get("Planning", {}))
    return sum(part.get("Shared Hit Blocks", 0) + part.get("Shared Read Blocks", 0) for part in parts)


def tables(node: dict[str, Any]) -> set[str]:
    """The tables that a plan reads."""
    own = {node["Relation Name"]} if "Relation Name" in node else set()
    return own.union(*(tables(each) for each in node.get("Plans", [])))


def statements_of_reading(stream_id: UUID) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert len(list(log.read_stream(stream_id))) == 20
    return [query["sql"] for query in captured if query["sql"].lstrip().startswith("SELECT")]


def test_reading_a_stream_touches_its_own_partitions_alone() -> None:
    _go_on_at(500 * SIZE + 10)
    log.append("tally", WITHIN, [Counted(WITHIN, 1, 1)] * 20, actor="ann")
    _go_on_at(601 * SIZE - 10)
    log.append("tally", ACROSS, [Counted(ACROSS, 1, 1)] * 20, actor="ann")
    plans = {each: [explained(sql) for sql in statements_of_reading(each)] for each in (WITHIN, ACROSS)}
    read = {each: set().union(*(tables(plan["Plan"]) for plan in found)) for each, found in plans.items()}
    assert read[WITHIN] == {"eventstore_stream", EVENTS.partition(500 * SIZE)}
    assert read[ACROSS] == {"eventstore_stream", EVENTS.partition(600 * SIZE), EVENTS.partition(601 * SIZE)}
    within, across = (sum(map(buffers, plans[each])) for each in (WITHIN, ACROSS))
    everywhere = explained(
        f"SELECT * FROM {EVENTS.table} WHERE stream_id = '{WITHIN}' AND version > 0 ORDER BY version"
    )
    assert across <= 2 * within
    assert buffers(everywhere) > 50 * within


def test_an_append_costs_what_it_did_on_one_table(thousand: dict[str, int]) -> None:
    _go_on_at(LAST + 1)
    after = _buffers_of_an_append()
    assert after <= 1.05 * thousand["before"]


def _buffers_of_an_append() -> int:
    """Those of the statement that appends an event to a new stream, with all that its triggers do."""
    row = {
        "event_id": str(UUID(int=77)), "category": "tally", "stream_id": str(NEW), "version": 1,
        "type": "tally.counted", "schema_version": 1, "data": {}, "metadata": {},
        "recorded_at": "2026-01-01T00:00:00Z", "slot": 1, "digest": digest("x"),
    }  # fmt: skip
    head = {**row, "state": None, "fingerprint": ""}
    statement = WRITE_EVENTS.replace("%s", "$1", 1).replace("%s", "$2", 1)
    given = [json.dumps([row]), json.dumps([head])]
    total = 0
    with connection.cursor() as cursor:
        for _ in range(8):  # the first ones fill caches; from the sixth on a plan may serve any parameters
            with transaction.atomic():
                cursor.execute(f"PREPARE appending AS {statement}")
                cursor.execute("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE appending ('{}', '{}')".format(*given))
                ((plan,),) = cursor.fetchall()
                cursor.execute("DEALLOCATE appending")
                transaction.set_rollback(True)
            total = buffers((json.loads(plan) if isinstance(plan, str) else plan)[0])
    return total
