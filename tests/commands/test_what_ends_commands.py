"""What ends a command is a sentence that says what to do, and with --json an object that programs read."""

import json
import socket
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from tests.commands.ended import ARGUMENTS, REPORTERS, error_in, ours, run_all, with_json
from tests.commands.sweep import run

# Wrong input of each command that takes some: it exits with 1, or 3 where it says so.
BAD_INPUT = {
    "analyse": ["DROP TABLE events"],
    "archive": ["/dev/null/archive"],
    "begin_epoch": ["--reason", " "],
    "catalogue": ["--check", "/dev/null/asyncapi.json"],
    "change_staff": ["--email", "nobody@example.org", "--activate"],
    "check_projections": ["no_such_projection"],
    "create_staff": ["--email", "ada@example.org", "--role", "auditor", "--password", "short"],
    "demo_data": ["--customers", "100", "--events", "1"],
    "metrics": ["--listen", "localhost"],
    "partitions": ["--detach-before", "1"],
    "parked_events": ["--retry", "4711"],
    "rebuild_projections": ["--workers", "0"],
    "record_shapes": ["no_such_app"],
    "relay": ["--target", "nobody"],
    "replicate_log": ["--compare", "host=127.0.0.1 port=1"],
    "restore": ["/dev/null/archive"],
    "restore_drill": ["--watch"],
    "run_due": ["no_such_task"],
    "show_projection": ["no_such_projection"],
    "verify": ["--since", "1", "--sample", "1"],
}
TAKE_NONE = {
    *("browsing_indexes", "check_ledger", "doctor", "issue_statements", "projection_status", "record_zones"),
    *("rotate_keys", "seal", "send_mail", "watch_projections"),
}


def test_each_command_is_looked_at() -> None:
    assert set(with_json()) == BAD_INPUT.keys() | TAKE_NONE
    assert ARGUMENTS.keys() <= set(ours())


@pytest.mark.once("arguments reach no database")
@pytest.mark.parametrize("name", with_json())
def test_a_wrong_argument_is_told_to_programs_too(name: str) -> None:
    ended = run(name, "--json", "--no-such-option", *ARGUMENTS.get(name, []))
    assert ended["code"] == 2
    assert error_in(ended)["code"] == "USAGE"
    assert error_in(ended)["exit_code"] == 2
    assert error_in(ended)["message"] in ended["err"], "and to people"
    assert run(name, "--no-such-option", *ARGUMENTS.get(name, []))["out"] == ""


@pytest.mark.once("a value is refused before the database is asked")
def test_a_value_that_cannot_be_read_is_a_wrong_argument() -> None:
    ended = run("run_due", "--json", "--now", "yesterday")
    assert (ended["code"], error_in(ended)["code"]) == (2, "USAGE")
    assert "is no time with a zone" in error_in(ended)["message"]


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(BAD_INPUT))
def test_what_a_command_refuses_is_told_to_programs_too(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with override_settings(DEMO_RAILS=True), pytest.raises(CommandError) as refused:
        call_command(name, *BAD_INPUT[name], "--json")
    error = json.loads(capsys.readouterr().out)["error"]
    assert error == {"code": "FAILED", "message": str(refused.value), "exit_code": 1}


@pytest.mark.once("each database of this test is its own")
def test_on_a_database_without_tables_each_says_to_migrate(tmp_path: Path, unused_port: int) -> None:
    ended = run_all(runs(tmp_path, unused_port), {"DATABASE_URL": f"sqlite:///{tmp_path}/new.sqlite3"})
    must_end_with(ended, "NOT_MIGRATED", "manage.py migrate")
    told = {each["name"]: each["out"] for each in ended}
    assert all("manage.py migrate" in told[name] for name in ("doctor", "watch_projections")), "in their reports"


@pytest.mark.once("each database of this test is its own")
def test_while_the_database_is_away_each_says_so(tmp_path: Path, unused_port: int) -> None:
    away = {"DATABASE_URL": f"postgres://nobody:none@127.0.0.1:{unused_port}/none"}
    ended = run_all(runs(tmp_path, unused_port, without={"serve"}), away)  # which waits for it
    must_end_with(ended, "DATABASE_AWAY", "Look whether the database runs")


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_on_a_standby_each_command_works_or_says_why_not(
    tmp_path: Path, unused_port: int, program_environment: dict[str, str]
) -> None:
    standby = {**program_environment, "PGOPTIONS": "-c default_transaction_read_only=on"}
    for each in run_all(runs(tmp_path, unused_port, without={"serve", "restore"}), standby):
        assert "Traceback" not in each["err"], each
        if each["code"] == 1:
            assert "takes no writes" in each["err"], each
            assert each["name"] not in with_json() or error_in(each)["code"] == "DATABASE_READ_ONLY", each
        refused = each["code"] == 1
        assert refused or each["name"] not in {"run_projections", "create_staff", "begin_epoch"}, each


@pytest.fixture
def unused_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def runs(folder: Path, port: int, without: set[str] | None = None) -> list[list[str]]:
    """Each command with arguments that are right, and --json."""
    names = [name for name in ours() if name not in (without or set())]
    given = {name: [each.format(folder=folder, port=port) for each in ARGUMENTS.get(name, [])] for name in names}
    return [[name, *given[name], *(["--json"] if name in with_json() else [])] for name in names]


def must_end_with(ended: list[dict[str, Any]], code: str, sentence: str) -> None:
    """Each command has told programs the code, and people the sentence; those that only look have reported it."""
    for each in ended:
        assert "Traceback" not in each["err"], each
        if each["name"] in REPORTERS or each["name"] in {"restore", "print_grants", "replicate_log"}:
            continue  # the first thing that these say is another
        assert each["code"] == 1, each
        assert sentence in each["err"], each
        if each["name"] in with_json():
            assert error_in(each)["code"] == code, each
            assert sentence in error_in(each)["message"], each
