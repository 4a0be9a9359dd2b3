"""Database routers: one that chooses a database for each request, and one that reads from a replica."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from eventstore import feed, log
from eventstore.errors import BackwardsInTime, VersionConflict
from eventstore.execute import execute, execute_many
from eventstore.execution.requests import CommandRequest
from eventstore.http.freshness import reflected_position
from eventstore.integrity import trees
from eventstore.integrity.sealer import seal
from eventstore.models import Command, Event, Projection, Stream, TreeHead
from eventstore.projecting import installation, projections
from eventstore.projecting.inspect import status
from eventstore.projecting.inspect.drift import check
from eventstore.projecting.rebuild import rebuild
from eventstore.projecting.runner import Runner
from tests.eventstore.sample import Count, Counted
from tests.eventstore.sample_projections import MODELS, Line, Standing

OTHER = "other"
TALLY = UUID(int=1)

pytestmark = pytest.mark.django_db(databases=["default", OTHER])

request: ContextVar[str] = ContextVar("the database of the present request", default="default")


class ByRequest:
    """Each request has a database of its own, as where each tenant has one."""

    def db_for_read(self, model: object, **hints: Any) -> str:
        return request.get()

    def db_for_write(self, model: object, **hints: Any) -> str:
        return request.get()

    def allow_relation(self, one: object, other: object, **hints: Any) -> bool:
        return True

    def allow_migrate(self, database: str, app_label: str, **hints: Any) -> bool | None:
        return None if database == "default" else app_label == "eventstore"


class ReadsAReplica(ByRequest):
    """Pages read from another database, which is behind."""

    def db_for_read(self, model: object, **hints: Any) -> str:
        return OTHER

    def db_for_write(self, model: object, **hints: Any) -> str:
        return "default"


class ChangesItsMind(ByRequest):
    """A router that can't be relied on: it names one database, then the other."""

    asked = 0

    def db_for_write(self, model: object, **hints: Any) -> str:
        ChangesItsMind.asked += 1
        return ("default", OTHER)[ChangesItsMind.asked % 2]


@contextmanager
def requested_by(database: str) -> Iterator[None]:
    token = request.set(database)
    try:
        yield
    finally:
        request.reset(token)


@pytest.fixture(scope="session", autouse=True)
def other_database(
    sample_tables: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """A second database with the tables of the engine and of the sample."""
    with django_db_blocker.unblock():
        name = _create(tmp_path_factory)
        connections.settings[OTHER] = {**connection.settings_dict, "NAME": name}
        with override_settings(DATABASE_ROUTERS=[ByRequest()]):
            call_command("migrate", "eventstore", database=OTHER, verbosity=0)
        with connections[OTHER].schema_editor() as editor:
            for model in MODELS:
                editor.create_model(model)
    yield
    with django_db_blocker.unblock():
        connections[OTHER].close()
        del connections[OTHER], connections.settings[OTHER]
        if connection.vendor == "postgresql":
            connection.cursor().execute(f'DROP DATABASE "{name}"')


def _create(paths: pytest.TempPathFactory) -> str:
    if connection.vendor == "sqlite":
        return str(paths.mktemp("other") / Path(connection.settings_dict["NAME"]).name)
    name = f"{connection.settings_dict['NAME']}_other"
    connection.cursor().execute(f'CREATE DATABASE "{name}"')
    return name


@pytest.fixture(autouse=True)
def tenants(sample: None) -> Iterator[None]:
    with override_settings(DATABASE_ROUTERS=[ByRequest()]):
        installation.install(using=OTHER)
        yield


@pytest.fixture
def replica(sample: None) -> Iterator[None]:
    """The other database is a replica that has heard of nothing yet."""
    Projection.objects.using(OTHER).update(is_live=False)
    with override_settings(DATABASE_ROUTERS=[ReadsAReplica()]):
        yield


def totals(database: str) -> list[int]:
    return list(Standing.objects.using(database).values_list("total", flat=True))


def test_each_request_has_its_own_events_commands_heads_and_read_models() -> None:
    for number, database in enumerate(["default", OTHER, "default"], start=1):
        with requested_by(database):
            assert execute(Count(TALLY, number), f"{number}", actor="ann").accepted
    for database, total, count in [("default", 4, 2), (OTHER, 2, 1)]:
        assert totals(database) == [total]
        assert [Event.objects.using(database).count(), Command.objects.using(database).count()] == [count, count]
        assert Stream.objects.using(database).get().version == count
        with requested_by(database):
            assert log.load("tally", TALLY)[0].total == log.current("tally", TALLY).total == total
            feed.advance()
            assert len(list(log.read_stream(TALLY))) == len(feed.read(0)) == count


def test_a_key_of_one_tenant_is_free_for_the_other() -> None:
    for database in ("default", OTHER):
        with requested_by(database):
            assert not execute(Count(TALLY, 1), "one", actor="ann").replayed
            assert execute(Count(TALLY, 1), "one", actor="ann").replayed


def test_what_is_remembered_of_a_stream_is_remembered_for_its_database() -> None:
    with requested_by("default"):
        log.append("tally", TALLY, [Counted(TALLY, 1, 1)], expected_version=0, actor="ann")
    with requested_by(OTHER), pytest.raises(VersionConflict):
        log.append("tally", TALLY, [Counted(TALLY, 1, 2)], expected_version=1, actor="ann")
    assert Event.objects.using(OTHER).count() == 0


def test_a_projection_that_is_live_for_one_tenant_is_not_for_another() -> None:
    Projection.objects.using(OTHER).filter(name="standings").update(is_live=False)
    for database in ("default", OTHER):
        with requested_by(database):
            execute(Count(TALLY, 1), "one", actor="ann")
    assert (totals("default"), totals(OTHER)) == ([1], [])


def test_a_transaction_keeps_the_database_that_it_began_in() -> None:
    with override_settings(DATABASE_ROUTERS=[ChangesItsMind()]):
        for number in range(4):
            requests = [CommandRequest(command=Count(UUID(int=n), 1), key=f"{number} {n}", actor="a") for n in (1, 2)]
            assert all(receipt.accepted for receipt in execute_many(requests))
    for database in ("default", OTHER):
        counts = [model.objects.using(database).count() for model in (Event, Command)]
        assert counts[0] == counts[1]
        assert sum(totals(database)) == counts[0]


def test_a_block_may_choose_the_database() -> None:
    with log.in_database(OTHER):
        execute(Count(TALLY, 1), "one", actor="ann")
        assert log.log_database() == OTHER
    assert (totals("default"), totals(OTHER)) == ([], [1])


def test_commands_of_manage_py_work_on_the_database_that_they_are_given() -> None:
    with requested_by(OTHER):
        execute(Count(TALLY, 1), "one", actor="ann")
    call_command("run_projections", "--once", database=OTHER)
    assert (Line.objects.count(), Line.objects.using(OTHER).count()) == (0, 1)
    Standing.objects.using(OTHER).update(total=99)
    call_command("rebuild_projections", "standings", database=OTHER, stdout=StringIO())
    assert totals(OTHER) == [1]
    said = StringIO()
    call_command("projection_status", "--json", database=OTHER, stdout=said)
    assert {each["name"]: each["built_version"] for each in json.loads(said.getvalue())["projections"]}[
        "standings"
    ] == 1


def test_a_database_that_there_is_not_is_named_with_those_that_there_are() -> None:
    with pytest.raises(Exception, match=r"nowhere.*default.*other"):
        call_command("projection_status", "--database", "nowhere")


@pytest.mark.usefixtures("replica")
def test_keys_are_never_looked_up_in_a_replica() -> None:
    first, again = (execute(Count(TALLY, 3), "one", actor="ann") for _ in range(2))
    assert (again.replayed, again.positions) == (True, first.positions)


@pytest.mark.usefixtures("replica")
def test_decisions_are_never_taken_on_the_state_in_a_replica() -> None:
    execute(Count(TALLY, 60), "one", actor="ann")
    assert execute(Count(TALLY, 60), "two", actor="ann").refusal
    assert log.current("tally", TALLY).total == 60


@pytest.mark.usefixtures("replica")
def test_the_last_recorded_time_is_not_a_replica_s() -> None:
    execute(Count(TALLY, 1), "one", actor="ann")
    long_ago = datetime.now(UTC) - timedelta(days=9)
    with pytest.raises(BackwardsInTime):
        execute(Count(TALLY, 1), "two", actor="ann", recorded_at=long_ago)


@pytest.mark.usefixtures("replica")
def test_real_time_projections_run_although_the_replica_does_not_know_them() -> None:
    execute(Count(TALLY, 3), "one", actor="ann")
    assert totals("default") == [3]


@pytest.mark.usefixtures("replica")
def test_delayed_ones_read_the_whole_log_although_the_replica_is_behind() -> None:
    execute(Count(TALLY, 3), "one", actor="ann")
    Runner().catch_up()
    assert Line.objects.using("default").count() == 1
    assert {each.name: each.lag for each in status()}["lines"] == 0
    assert not check([projections["lines"]])[0].differing


@pytest.mark.usefixtures("replica")
def test_a_rebuild_reads_the_whole_log_although_the_replica_is_behind() -> None:
    execute(Count(TALLY, 3), "one", actor="ann")
    rebuild([projections["standings"]])
    assert totals("default") == [3]
    assert Projection.objects.using("default").get(name="standings").built_to == feed.tidemark() > 0


@pytest.mark.usefixtures("replica")
def test_an_answer_from_a_replica_states_what_the_replica_reflects() -> None:
    execute(Count(TALLY, 3), "one", actor="ann")
    Runner().catch_up()
    assert feed.advance().position > 0
    assert reflected_position("standings") == reflected_position("lines") == reflected_position("") == 0


def test_each_database_has_trees_of_its_own(replica: None) -> None:
    execute(Count(TALLY, 1), "one", actor="ann")
    assert [head.size for head in seal()] == [1, 1]
    assert (trees.size(trees.Tree.EVENTS), TreeHead.objects.using(OTHER).count()) == (1, 0)
    with log.in_database(OTHER):
        assert seal() == []
        execute(Count(TALLY, 1), "one", actor="ann")
        assert [head.size for head in seal()] == [1, 1]
