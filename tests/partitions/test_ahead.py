"""Partitions are there before they are needed; where one is not, nothing is lost."""

import json
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection

from eventstore import log
from eventstore.checks.doctor.findings import Level
from eventstore.checks.doctor.partitions import partitioned as examined
from eventstore.models import Event
from eventstore.partitions import make_ahead, partitions
from eventstore.partitions.catalogue import last_drawn
from eventstore.partitions.keep import Keeper
from eventstore.partitions.stores import EVENTS, STORES
from tests.conformance.examples import ONE, backend, event, head
from tests.conformance.sessions import run_and_commit
from tests.eventstore.sample import Counted
from tests.partitions.conftest import SIZE

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("partitioned", "sample"),
]


@pytest.fixture(autouse=True)
def with_some_ahead(partitioned: None, transactional_db: None) -> None:
    make_ahead(connection, ahead=2, size=SIZE)


def append(count: int) -> None:
    stream = uuid4()
    log.append("tally", stream, [Counted(stream, 1, 1)] * count, actor="ann")


def ahead() -> int:
    last = Event.objects.order_by("-position").values_list("position", flat=True).first() or 0
    return sum((each.first or 0) > last for each in partitions(connection, EVENTS))


def test_what_was_caught_beyond_all_partitions_becomes_one() -> None:
    append(4 * SIZE)
    assert Level.ACT in {finding.level for finding in examined()}
    make_ahead(connection, ahead=2, size=SIZE)
    assert {finding.level for finding in examined()} == {Level.OK}
    assert Event.objects.count() == 4 * SIZE
    found = partitions(connection, EVENTS)
    assert [each.end for each in found[:-2]] == [each.first for each in found[1:-1]]


def test_a_runner_makes_them() -> None:
    append(2 * SIZE)
    assert ahead() < 2
    Keeper().keep()
    assert ahead() == 2


def test_the_command_makes_and_shows_them() -> None:
    out = StringIO()
    call_command("partitions", "--ahead", "3", "--size", str(SIZE), "--json", stdout=out)
    found = json.loads(out.getvalue())["partitions"]
    assert [line["name"] for line in found] == [each.name for store in STORES for each in partitions(connection, store)]
    call_command("partitions", stdout=out)
    assert "eventstore_event_default" in out.getvalue()
    with pytest.raises(CommandError, match="--archive"):
        call_command("partitions", "--detach-before", "10")
    with pytest.raises(CommandError, match="--yes"):
        call_command("partitions", "--detach-before", "10", "--archive", "x", "--drop")


def test_a_stream_is_begun_once_even_where_its_two_beginnings_lie_in_two_partitions() -> None:
    """No unique index sees both: the head, which has moved since the second transaction looked, tells."""
    end = next(each.end for each in partitions(connection, EVENTS) if each.end and each.end > _drawn() + 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(%s, %s)", [EVENTS.sequence, end - 3])
    first, second = event(ONE), event(ONE)
    run_and_commit(lambda: backend.write([first], [head(first)], []))
    with pytest.raises(IntegrityError) as refused:
        run_and_commit(lambda: backend.write([second], [head(second)], []))
    assert backend.is_transient(refused.value)
    assert list(Event.objects.values_list("position", "version")) == [(end - 1, 1)]
    assert _drawn() >= end


def _drawn() -> int:
    return last_drawn(connection, EVENTS)
