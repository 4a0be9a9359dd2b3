"""A read database gets the log by logical replication, builds its own read models, and records nothing."""

import json
import os
import signal
import subprocess
import sys

import pytest
from django.conf import settings

from tests.deploy.recovery.cluster import Cluster
from tests.replication.pair import Pair, ask, eventually, must, traffic

pytestmark = pytest.mark.once("both databases are PostgreSQL, whichever the other tests run on")


def test_read_models_are_those_of_the_primary(followed: Pair) -> None:
    assert followed.catches_up() > 0
    followed.must_be_equal()


def test_it_is_ready_and_says_how_far_it_is(followed: Pair) -> None:
    position = followed.catches_up()
    told = json.loads(must(followed.operator, "replicate_log", "--status", "--json", "--primary", followed.conninfo))
    assert told["ready"]
    assert told["applies"]
    assert told["position"] == position
    assert told["behind_positions"] == 0
    assert {table["state"] for table in told["tables"]} == {"ready"}


def test_the_primary_tells_what_the_slot_keeps(followed: Pair) -> None:
    told = json.loads(must(followed.there, "replicate_log", "--status", "--json"))
    (slot,) = told["slots"]
    assert slot["name"] == "tidemark_read"
    assert slot["active"]
    assert told["problems"] == []


def test_its_mark_is_the_replicated_one_and_its_sequences_are_not_read(followed: Pair) -> None:
    followed.catches_up()
    position, number, *drawn = followed.here.do("mark")
    assert drawn == [position, number]
    assert ask(followed.reader, "SELECT last_value FROM eventstore_event_position_seq") == 1


def test_a_rebuild_under_live_traffic_counts_nothing_twice(followed: Pair) -> None:
    before = followed.catches_up()
    with traffic(followed):
        must(followed.here, "rebuild_projections")
        must(followed.here, "run_projections", "--once")
    assert followed.mark() > before
    followed.must_be_equal()
    must(followed.here, "check_projections")


def test_a_runner_that_is_killed_is_resumed(followed: Pair) -> None:
    followed.catches_up()
    runner = start_runner(followed.reader)
    try:
        eventually(lambda: ask(followed.reader, "SELECT count(*) FROM eventstore_runner"))
        with traffic(followed):
            reached = ask(followed.reader, "SELECT max(position) FROM eventstore_checkpoint")
            moved = f"SELECT count(*) FROM eventstore_checkpoint WHERE position > {reached}"
            eventually(lambda: ask(followed.reader, moved))
            runner.send_signal(signal.SIGKILL)
    finally:
        runner.kill()
        runner.wait()
    followed.must_be_equal()
    must(followed.here, "check_projections")


def start_runner(cluster: Cluster) -> "subprocess.Popen[bytes]":
    """A runner of its own on a database."""
    command = [sys.executable, "manage.py", "run_projections"]
    own = {**os.environ, "DATABASE_URL": cluster.url}
    return subprocess.Popen(command, env=own, cwd=settings.BASE_DIR, stdout=subprocess.DEVNULL)


def test_whoever_waits_for_a_position_sees_it_once_runners_have_passed_it(followed: Pair) -> None:
    followed.catches_up()
    names = list(followed.here.do("tables"))
    followed.there.do("write", 1)
    position = followed.mark()
    followed.reaches(position)
    assert True not in followed.here.do("wait", position, names, 0)
    must(followed.here, "run_projections", "--once")
    assert followed.here.do("wait", position, names, 0) == [True] * len(names)
    assert True not in followed.here.do("wait", position + 1, names, 0)


def test_who_is_erased_is_forgotten_there(followed: Pair) -> None:
    customer = followed.there.do("register_one")
    followed.catches_up()
    assert any("Emmy Noether" in row for row in followed.read_models(followed.reader)["customers"])
    followed.there.do("erase_one", customer)
    followed.must_be_equal()
    assert "Emmy Noether" not in str(followed.read_models(followed.reader))
    assert ask(followed.reader, f"SELECT wrapped IS NULL FROM eventstore_subjectkey WHERE subject_id = '{customer}'")


def test_nothing_is_executed_there(followed: Pair) -> None:
    followed.catches_up()
    before = followed.here.do("last")
    name, sentence = followed.here.do("deposit")
    assert name == "NotThePrimary"
    assert "Ask the one that it follows." in sentence
    assert followed.here.do("last") == before


@pytest.mark.parametrize("command", [["begin_epoch", "--reason", "By mistake"], ["seal"]])
def test_what_belongs_to_the_primary_says_so(followed: Pair, command: list[str]) -> None:
    code, printed = followed.here.do("manage", *command)
    assert code == 1
    assert "Send it to the primary." in printed


@pytest.mark.parametrize("command", ["check_projections", "verify", "check_ledger"])
def test_checks_work_there(followed: Pair, command: str) -> None:
    followed.catches_up()
    must(followed.here, command)


def test_the_doctor_says_that_it_follows(followed: Pair) -> None:
    followed.catches_up()
    found = findings(followed)["read database"]
    assert [finding["level"] for finding in found] == ["ok"]
    assert "epoch" in found[0]["says"]


def findings(followed: Pair) -> dict[str, list[dict[str, str]]]:
    """What the doctor finds on the read database, by subject."""
    _code, printed = followed.here.do("manage", "doctor", "--json")
    found: dict[str, list[dict[str, str]]] = {}
    for finding in json.loads(printed)["findings"]:
        found.setdefault(finding["subject"], []).append(finding)
    return found


@pytest.mark.parametrize("tables", ["FOR TABLE projections_account", "FOR ALL TABLES"])
def test_a_publication_of_read_models_is_warned_of(followed: Pair, tables: str) -> None:
    ask(followed.primary, f"CREATE PUBLICATION by_hand {tables}")
    try:
        _code, printed = followed.there.do("manage", "doctor", "--json")
    finally:
        ask(followed.primary, "DROP PUBLICATION by_hand")
    (found,) = [each for each in json.loads(printed)["findings"] if each["subject"] == "publications"]
    assert found["level"] == "look"
    assert "by_hand" in found["says"]


def test_a_new_epoch_makes_nothing_known_until_it_was_compared(followed: Pair) -> None:
    position = followed.catches_up()
    must(followed.there, "begin_epoch", "--reason", "A disk was lost")
    eventually(lambda: followed.here.do("mark") == [0, 0, 0, 0])
    assert followed.here.do("wait", position, ["audit_lines"], 0) == [False]
    code, printed = followed.here.do("manage", "replicate_log", "--status")
    assert code == 3
    assert "nothing here counts as known" in printed
    assert [finding["level"] for finding in findings(followed)["read database"]] == ["act"]
    rows = followed.read_models(followed.reader)
    code, printed = followed.here.do("manage", "rebuild_projections")
    assert code == 1
    assert "counts as known" in printed
    assert followed.here.do("manage", "run_projections", "--once")[0] == 0
    assert followed.read_models(followed.reader) == rows
    must(followed.here, "check_projections")
    must(followed.here, "replicate_log", "--compare", followed.conninfo)
    followed.must_be_equal()


def test_what_the_primary_has_lost_is_not_accepted_but_copied_anew(followed: Pair) -> None:
    followed.catches_up()
    ask(
        followed.reader,
        "SET session_replication_role = replica",
        "INSERT INTO eventstore_event SELECT position + 1000000, gen_random_uuid(), category, gen_random_uuid(), 1, "
        "type, schema_version, data, metadata, recorded_at, slot, digest FROM eventstore_event "
        "ORDER BY position LIMIT 1",
    )
    must(followed.there, "begin_epoch", "--reason", "A standby was promoted that had not got it all")
    eventually(lambda: followed.here.do("mark")[0] == 0)
    code, printed = followed.here.do("manage", "replicate_log", "--compare", followed.conninfo)
    assert code == 1
    assert "are not on the primary" in printed
    must(followed.operator, "replicate_log", "--follow", followed.conninfo, "--anew")
    followed.must_be_equal()


def test_it_is_given_up_and_taken_up_again(followed: Pair) -> None:
    followed.catches_up()
    must(followed.operator, "replicate_log", "--drop")
    assert followed.here.do("deposit")[0] == "NotThePrimary"
    code, printed = followed.here.do("manage", "replicate_log", "--status")
    assert code == 3
    assert "subscribes no longer" in printed
    assert ask(followed.primary, "SELECT count(*) FROM pg_replication_slots") == 0
    must(followed.operator, "replicate_log", "--follow", followed.conninfo, "--anew")
    followed.must_be_equal()


def test_a_database_with_a_log_of_its_own_is_not_emptied(followed: Pair) -> None:
    code, printed = followed.there.do("manage", "replicate_log", "--follow", followed.conninfo, "--anew")
    assert code == 1
    assert "has a log of its own" in printed
    assert followed.mark() > 0
