"""Analysis reads the whole log, from the archive and from what came later, as it is stored; and nothing else."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from eventstore import feed, log
from eventstore.analysis import (
    Bounds,
    CannotAnalyse,
    Period,
    Session,
    TookTooLong,
    analysis,
    session,
    view_named,
    views,
)
from eventstore.archive.write import archive
from eventstore.execute import execute
from eventstore.models import Command, Event
from tests.eventstore.archive import history
from tests.eventstore.sample import LIMIT, Count, Counted

pytestmark = pytest.mark.django_db(transaction=True)

EVENTS = """
    SELECT position, event_id, category, stream_id, version, type, schema_version, recorded_at, command_id,
        metadata, data
    FROM events ORDER BY position
"""
COMMANDS = """
    SELECT number, command_id, actor, key, type, schema_version, accepted, recorded_at, metadata, data, response,
        positions
    FROM commands ORDER BY number
"""


def rows(found: Session, sql: str) -> list[dict[str, Any]]:
    result = found.run(sql)
    return [dict(zip(result.columns, row, strict=True)) for row in result.rows]


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """An archive, and some of the log that is not in it."""
    history.write()
    history.write_persons()
    folder = tmp_path / "archive"
    archive(str(folder))
    history.write(5)
    feed.advance()
    return folder


def stored(model: Any) -> list[dict[str, Any]]:
    """The rows of a table as they are stored, times without their zone as DuckDB has them."""
    return [{**row, "recorded_at": row["recorded_at"].replace(tzinfo=None)} for row in model.objects.values()]


def test_it_has_every_row_of_both_stores_as_it_is_stored(written: Path) -> None:
    with analysis(str(written)) as found:
        events, commands = rows(found, EVENTS), rows(found, COMMANDS)
        assert 0 < found.reach.archived_position < found.reach.position == feed.tidemark()
    expected = [
        {name: row[name] for name in events[0] if name != "command_id"}
        for row in sorted(stored(Event), key=lambda row: row["position"])
    ]
    for event in events:
        event["data"], event["metadata"] = json.loads(event["data"]), json.loads(event["metadata"])
        cause = event.pop("command_id")
        assert event["metadata"].get("command_id") == (None if cause is None else str(cause))
    assert events == expected
    for command in commands:
        for name in ("data", "metadata", "response"):
            command[name] = json.loads(command[name])
    assert commands == [
        {name: row[name] for name in commands[0]} for row in sorted(stored(Command), key=lambda row: row["number"])
    ]


def test_without_an_archive_it_reads_the_database_alone(written: Path) -> None:
    with analysis(str(written)) as mixed, analysis() as live:
        assert rows(live, EVENTS) == rows(mixed, EVENTS)
        assert rows(live, COMMANDS) == rows(mixed, COMMANDS)
        assert live.reach.archived_position == 0


def test_an_archive_in_an_object_store_is_read_by_way_of_pyarrow(written: Path) -> None:
    with analysis(str(written)) as folder, analysis(f"file://{written}") as store:
        assert rows(store, EVENTS) == rows(folder, EVENTS)
        assert rows(store, COMMANDS) == rows(folder, COMMANDS)


def test_personal_data_stay_encrypted(written: Path) -> None:
    with analysis(str(written)) as found:
        noted = rows(found, "SELECT data FROM events WHERE type LIKE 'person.%'")
    assert noted
    # In quotes, as a cipher may hold three letters by chance.
    assert not any(
        name in str(noted) for name in ("Lovelace", '"Bob"', "凯")
    )  # in quotes, as chance may write three letters


@pytest.mark.once("what DuckDB may do is alike on both")
def test_nothing_but_the_segments_can_be_read_and_nothing_be_changed(written: Path, tmp_path: Path) -> None:
    segment = next((written / "events").glob("*.parquet"))
    before = segment.read_bytes()
    key, target = next((written / "keys").iterdir()), tmp_path / "written"
    with analysis(str(written)) as found:
        for sql in [
            "SELECT * FROM read_csv('/etc/passwd')",
            "SELECT * FROM read_text('/etc/hostname')",
            f"SELECT * FROM read_blob('{key}')",
            f"SELECT * FROM read_parquet('{written}/*/*.parquet')",
            "SELECT * FROM glob('/*')",
            "SELECT * FROM read_csv('https://127.0.0.1:1/a.csv')",
            "SELECT * FROM sys",
            "SELECT * FROM written",
            "SELECT getenv('PATH')",
            f"COPY (SELECT 1) TO '{target}'",
            f"COPY (SELECT 1) TO '{segment}'",
            f"ATTACH '{target}' AS other",
            f"EXPORT DATABASE '{target}'",
            "CREATE TABLE a AS SELECT 1",
            "DROP VIEW events",
            "SET enable_external_access = true",
            "INSTALL httpfs",
            "LOAD httpfs",
            "PRAGMA database_list",
            "CALL pragma_version()",
            "SELECT 1; DROP VIEW events",
            "",
        ]:
            with pytest.raises(CannotAnalyse):
                list(found.run(sql).rows)
        for statement in (  # were one of these run all the same, DuckDB would refuse it by itself
            f"COPY (SELECT 1) TO '{target}'",
            "SET enable_external_access = true",
            "LOAD httpfs",
        ):
            with pytest.raises(CannotAnalyse, match="DuckDB"), session._told():
                found.connection.execute(statement)
    assert not target.exists()
    assert segment.read_bytes() == before


def test_up_to_a_position_no_command_is_there_that_caused_what_came_later(written: Path) -> None:
    middle = Event.objects.order_by("position")[10].position
    with analysis(str(written), to_position=middle) as found:
        (last,) = rows(found, "SELECT max(position) AS position FROM events")
        (number,) = rows(found, "SELECT max(number) AS number FROM commands")
        (beyond,) = rows(found, f"SELECT count(*) AS count FROM commands WHERE list_max(positions) > {middle}")
    assert last["position"] == middle
    assert 0 < number["number"] == found.reach.number < Command.objects.latest("number").number
    assert beyond["count"] == 0


def test_a_position_that_is_not_reached_is_refused() -> None:
    with pytest.raises(CannotAnalyse, match="not reached yet"), analysis(to_position=10**9):
        pass


def test_a_tail_that_is_too_long_asks_for_an_archive(written: Path) -> None:
    with (
        pytest.raises(CannotAnalyse, match=r"More than 10 events .*\(manage.py archive DIR\)"),
        analysis(bounds=Bounds(live_limit=10)),
    ):
        pass
    with analysis(str(written), bounds=Bounds(live_limit=10)) as found:
        assert rows(found, "SELECT count(*) AS events FROM events") == [{"events": Event.objects.count()}]


def test_the_archive_of_another_log_is_refused(written: Path) -> None:
    history.emptied()
    history.write()
    with pytest.raises(CannotAnalyse, match="not those that are in the archive"), analysis(str(written)):
        pass


def test_a_wrong_query_is_told_in_a_sentence() -> None:
    with analysis() as found:
        with pytest.raises(CannotAnalyse, match='"nonsense" not found'):
            found.run("SELECT nonsense FROM events")
        with pytest.raises(CannotAnalyse, match="Could not convert"):
            list(found.run("SELECT CAST('a' || range AS INTEGER) FROM range(5)").rows)


@pytest.mark.once("it reads no database")
def test_without_duckdb_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "find_spec", lambda name: None)
    with pytest.raises(CannotAnalyse, match="pip install duckdb pyarrow"), analysis():
        pass


def test_refusals_and_activity_are_counted() -> None:
    execute(Count(UUID(int=1), 1), str(uuid4()), actor="ann")
    for actor in ("ann", "ben", "ben"):
        execute(Count(UUID(int=1), LIMIT + 1), str(uuid4()), actor=actor)
    log.append("tally", UUID(int=2), [Counted(UUID(int=2), 1, 1)], actor="system")
    with analysis() as found:
        (refused,) = rows(found, view_named("refusals").sql)
        hours = rows(found, view_named("activity").sql)
    assert (refused["refusals"], refused["actors"]) == (3, 2)
    assert refused["code"] == Command.objects.filter(accepted=False)[0].response["code"]
    assert [sum(hour[name] for hour in hours) for name in ("commands", "refused", "events")] == [4, 3, 2]


@pytest.mark.once("it reads no database")
def test_views_say_what_they_tell() -> None:
    assert {"activity", "refusals"} <= set(views())
    assert all(view.about.endswith(".") for view in views().values())
    with pytest.raises(CannotAnalyse, match="There are: activity"):
        view_named("none")


MANY = "range(100000)"
ENDLESS = f"SELECT count(*) FROM {MANY} AS a, {MANY} AS b, {MANY} AS c, {MANY} AS d WHERE a.range < b.range"


@pytest.mark.once("it reads no database")
def test_a_query_ends_when_its_time_is_over() -> None:
    with analysis(bounds=Bounds(seconds=0.3, threads=1)) as found:
        with pytest.raises(TookTooLong):
            list(found.run(ENDLESS).rows)
        with pytest.raises(TookTooLong):
            found.run("SELECT 1")


@pytest.mark.once("it reads no database")
def test_memory_has_bounds_too() -> None:
    with (
        analysis(bounds=Bounds(memory="20MB", disk="1MB", threads=1)) as found,
        pytest.raises(CannotAnalyse, match=r"memory|temp"),
    ):
        list(found.run("SELECT * FROM range(20000000) ORDER BY hash(range)").rows)


def test_only_what_was_recorded_in_the_period_is_read(written: Path) -> None:
    times = list(Event.objects.order_by("position").values_list("recorded_at", flat=True))
    since, until = times[3], times[-3]
    with analysis(str(written), period=Period(since, until)) as found:
        (events,) = rows(found, "SELECT count(*) AS count, min(recorded_at) AS first FROM events")
        (commands,) = rows(found, "SELECT count(*) AS count FROM commands")
    assert events == {
        "count": Event.objects.filter(recorded_at__gte=since, recorded_at__lt=until).count(),
        "first": since.replace(tzinfo=None),
    }
    assert commands["count"] == Command.objects.filter(recorded_at__gte=since, recorded_at__lt=until).count()
