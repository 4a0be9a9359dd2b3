"""System checks: what is wrong with a declaration, a setting or a database is said before it goes wrong."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.checks import CheckMessage, run_checks
from django.db import connection
from django.test import override_settings

from eventstore import decider, messages
from eventstore.checks import configuration, database, declarations, postgresql, sqlite, stored_messages
from eventstore.decider import Decider
from eventstore.execute import execute
from tests.eventstore.codebase import Codebase, codebase
from tests.eventstore.sample import Count, Counted

TALLY = UUID(int=1)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Codebase]:
    with codebase(tmp_path) as app:
        yield app


def ids(found: list[CheckMessage]) -> list[str]:
    assert all(message.msg and message.hint for message in found), "each says what is wrong and what to do"
    return sorted(str(message.id).partition(".")[2] for message in found)


# Declarations


@dataclass(frozen=True)
class Weighed:
    kilos: complex = 0j


@dataclass(frozen=True)
class Unsure:
    total: int = None  # type: ignore[assignment]


@pytest.mark.parametrize("state", [Weighed(), Unsure()])
def test_a_state_that_can_not_be_stored_is_found(monkeypatch: pytest.MonkeyPatch, state: Any) -> None:
    faulty: Decider[Any, Any, Any] = Decider("scale", state, lambda s, _: s, lambda *_: [], Count)
    monkeypatch.setattr(decider, "deciders", {"scale": faulty})
    assert ids(declarations.check_deciders()) == ["E010"]


def test_the_states_of_these_deciders_can_be_stored() -> None:
    assert declarations.check_deciders() == []


FOLD = """
@fold(Standing, key=lambda {given}: {key}{options})
def standings(row, event: Counted, record):
    return row
"""


@pytest.mark.parametrize(
    ("key", "options", "found"),
    [
        ("event.tally_id", "", []),
        ("(event.tally_id, event.tally_id)", "", []),
        ("1", "", ["W011"]),
        ("event.amount", "", ["W011"]),
        ("event.amount", ", keys_per_stream=True", []),
        ("event.amount", ", delayed=True", ["W011"]),
        ("event.amount", ", delayed=True, global_order=True", []),
        ("None", "", []),
        ("event.no_such_field", "", []),
    ],
)
def test_rows_that_streams_share_are_found(app: Codebase, key: str, options: str, found: list[str]) -> None:
    for given in ("event", "event, record"):
        app.has(FOLD.format(given=given, key=key, options=options))
        messages.events["tally.counted"] = messages.type_of(Counted)
        assert ids(declarations.check_projections()) == found


@pytest.mark.parametrize(("key", "found"), [("record.stream_id", []), ("record.recorded_at.date()", ["W011"])])
def test_also_where_the_key_follows_from_the_record(app: Codebase, key: str, found: list[str]) -> None:
    app.has(FOLD.format(given="event, record", key=key, options=""))
    messages.events["tally.counted"] = messages.type_of(Counted)
    assert ids(declarations.check_projections()) == found


LISTENER = """
@event("door.opened")
class DoorOpened:
    door_id: UUID

@rows(Line)
def lines(event: DoorOpened, record):
    return ()
"""


def test_a_projection_of_events_that_no_decider_yields_is_found(app: Codebase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decider, "handlers", {Count: decider.handlers[Count]})
    app.has(LISTENER)
    assert ids(declarations.check_projections()) == ["W010"]


def test_where_an_annotation_leaves_it_open_nothing_is_said(app: Codebase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decider, "handlers", {Count: decider.Handler(lambda *_: (), decider.no_answer)})
    app.has(LISTENER)
    assert declarations.check_projections() == []


# Settings


@pytest.mark.parametrize(
    ("setting", "value", "found"),
    [("ATOMIC_REQUESTS", True, "W020"), ("AUTOCOMMIT", False, "E020"), ("TIME_ZONE", "Europe/Berlin", "E023")],
)
def test_settings_that_break_a_promise_are_found(
    monkeypatch: pytest.MonkeyPatch, setting: str, value: object, found: str
) -> None:
    monkeypatch.setitem(connection.settings_dict, setting, value)
    assert ids(configuration.check_configuration()) == [found]


@override_settings(USE_TZ=False)
def test_times_without_a_zone_are_found() -> None:
    assert ids(configuration.check_configuration()) == ["E021"]


@pytest.mark.sqlite
def test_transactions_that_turn_into_writers_half_way_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", {"timeout": 30})
    assert ids(configuration.check_configuration()) == ["E022"]


def test_the_settings_of_this_product_pass() -> None:
    assert configuration.check_configuration() == []


# The database


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db
def test_the_database_is_only_queried_when_it_is_named() -> None:
    assert "fsync" not in str(run_checks(tags=["eventstore"]))
    assert database.check_database() == []
    assert database.check_database(databases=["another"]) == []


@pytest.mark.django_db
@pytest.mark.sqlite
def test_pragmas_that_lose_what_was_answered_are_found() -> None:
    """The tests run with synchronous=OFF."""
    assert ids(list(sqlite.settings(connection))) == ["W033"]


@pytest.mark.django_db
@pytest.mark.postgresql
def test_settings_that_lose_what_was_answered_are_found() -> None:
    """The tests run with fsync and full_page_writes off."""
    run("SET LOCAL synchronous_commit = off")
    run("SET LOCAL default_transaction_isolation = 'repeatable read'")
    found = list(postgresql.settings(connection))
    assert ids(found) == ["W030", "W030", "W030", "W032"]
    assert "fsync" in found[0].msg + found[1].msg + found[2].msg


@pytest.mark.django_db
@pytest.mark.postgresql
def test_what_was_set_for_a_role_alone_is_found() -> None:
    run("ALTER ROLE tidemark SET synchronous_commit = off")
    found = {message.id: message.msg for message in postgresql.settings(connection)}
    assert "off for role tidemark" in found["eventstore.W031"]


@pytest.mark.django_db
@pytest.mark.postgresql
def test_a_role_that_owns_the_tables_is_warned_of() -> None:
    (found,) = postgresql.role(connection)
    assert "tidemark owns the tables" in found.msg
    assert "print_grants" in str(found.hint)


@pytest.mark.django_db
def test_the_guards_stand() -> None:
    assert list(database.guards(connection)) == []


@pytest.mark.django_db
@pytest.mark.postgresql
@pytest.mark.parametrize(
    ("table", "name"), [(table, name) for table, names in postgresql.GUARD_TRIGGERS.items() for name in names]
)
@pytest.mark.parametrize("change", ["ALTER TABLE {table} DISABLE TRIGGER {name}", "DROP TRIGGER {name} ON {table}"])
def test_a_guard_that_is_off_is_found(table: str, name: str, change: str) -> None:
    run(change.format(table=table, name=name))
    (found,) = database.guards(connection)
    assert f"{name} of {table}" in found.msg


@pytest.mark.django_db
@pytest.mark.postgresql
def test_a_guard_that_does_not_hold_for_replication_roles_is_found() -> None:
    run("ALTER TABLE eventstore_event ENABLE TRIGGER append_only")
    assert ids(list(database.guards(connection))) == ["E040"]


@pytest.mark.django_db
@pytest.mark.postgresql
@pytest.mark.parametrize(
    "change",
    [
        "CREATE OR REPLACE FUNCTION eventstore_refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN RETURN NULL; END'",
        "DROP TRIGGER append_only ON eventstore_event; CREATE TRIGGER append_only BEFORE TRUNCATE ON eventstore_event "
        "FOR EACH STATEMENT EXECUTE FUNCTION eventstore_refuse_change(); "
        "ALTER TABLE eventstore_event ENABLE ALWAYS TRIGGER append_only",
        "DROP TRIGGER refuse_choice ON eventstore_event; CREATE TRIGGER refuse_choice BEFORE INSERT "
        "ON eventstore_event FOR EACH ROW WHEN (NEW.version < 0) EXECUTE FUNCTION eventstore_refuse_choice()",
    ],
    ids=["another body", "other occasions", "another condition"],
)
def test_a_guard_that_only_has_the_name_is_found_on_postgresql(change: str) -> None:
    run(change)
    found = list(database.guards(connection))
    assert found
    assert all("is not what it was made" in each.msg for each in found)


@pytest.mark.django_db
@pytest.mark.sqlite
@pytest.mark.parametrize("name", sqlite.GUARD_TRIGGERS)
def test_a_guard_that_only_has_the_name_is_found_on_sqlite(name: str) -> None:
    table = "_".join(name.split("_")[:2])
    run(f"DROP TRIGGER {name}")
    run(f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} WHEN 0 BEGIN SELECT RAISE(ABORT, 'never'); END")
    (found,) = database.guards(connection)
    assert f"{name} is not what it was made" in found.msg


@pytest.mark.django_db
@pytest.mark.sqlite
@pytest.mark.parametrize("name", sqlite.GUARD_TRIGGERS)
def test_a_guard_that_is_gone_is_found(name: str) -> None:
    run(f"DROP TRIGGER {name}")
    (found,) = database.guards(connection)
    assert name in found.msg


@pytest.mark.django_db
def test_what_the_code_does_not_know_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    execute(Count(TALLY, 3), "one", actor="ann")
    assert list(stored_messages.messages_in(connection)) == []
    monkeypatch.delitem(messages.events, "tally.counted")
    monkeypatch.delitem(messages.commands, "tally.count")
    assert ids(list(stored_messages.messages_in(connection))) == ["E050", "E050"]


@pytest.mark.django_db
def test_what_newer_code_has_written_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    execute(Count(TALLY, 3), "zero", actor="ann")
    newer = messages.MessageType(Counted, "tally.counted", 2, None, {"tally_id": "tally"})
    monkeypatch.setattr(Counted, "__message__", newer)
    execute(Count(TALLY, 3), "one", actor="ann")
    monkeypatch.undo()
    (found,) = stored_messages.messages_in(connection)
    assert "of schema version 2, but this code knows it up to version 1" in found.msg


@pytest.mark.django_db
@pytest.mark.postgresql
def test_types_are_found_by_the_index_and_not_by_reading_the_log() -> None:
    for table, place, _ in stored_messages.STORES.values():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {stored_messages.LAST_OF_EACH_TYPE.format(table=table, place=place)}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert f"Index Only Scan using {table}_type" in plan
        assert "Seq Scan" not in plan


@pytest.mark.django_db
def test_a_database_that_does_not_answer_is_one_finding(unreachable: None) -> None:
    (found,) = database.check_database(databases=["default"])
    assert (found.id, "can't be reached" in found.msg) == ("eventstore.E030", True)


@pytest.fixture
def unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        from django.db import OperationalError

        raise OperationalError("connection refused\n\tis it running?")

    monkeypatch.setattr(connection, "ensure_connection", refuse)


@pytest.mark.django_db
def test_before_migrate_its_checks_do_not_stand_in_its_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """`migrate` runs the checks first: tables that it is about to make must not be missed."""

    def fail(_: object) -> list[CheckMessage]:
        raise AssertionError("looked for what is not there yet")

    monkeypatch.setattr(database, "is_migrated", lambda _: False)
    for part in ("role", "guards", "stored_messages"):
        monkeypatch.setattr(database, part, fail)
    database.check_database(databases=["default"])
