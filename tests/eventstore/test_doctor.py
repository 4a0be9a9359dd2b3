"""The doctor says in plain words what is the matter, and what to do."""

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.models.functions import Now
from django.test import override_settings

from eventstore import feed, messages, models
from eventstore.checks import doctor
from eventstore.checks.doctor import movement
from eventstore.checks.doctor.findings import Finding, Level
from eventstore.checks.watch import Limits
from eventstore.execute import execute
from eventstore.projecting.runner.heartbeat import ALIVE_FOR
from tests.eventstore.sample import Count

pytestmark = pytest.mark.django_db

TALLY = UUID(int=1)
# What the databases of these tests can't help, and the tests' own messages, which no app records.
HERE = [f"eventstore.{id}" for id in ("W001", "W010", "W030", "W033", "W040")]


@pytest.fixture(autouse=True)
def silenced(tmp_path: Path) -> Iterator[None]:
    heads = str(tmp_path / "heads.txt")
    with override_settings(SILENCED_SYSTEM_CHECKS=HERE, ALLOWED_HOSTS=["localhost"], SEAL_FILE=heads):
        yield


@pytest.fixture
def runner(sample: None) -> models.Runner:
    runner = models.Runner(
        runner_id=uuid4(), name="here:7", projections=["grand", "lines"], started_at=Now(), seen_at=Now()
    )
    runner.save()
    return runner


def say() -> tuple[int, str]:
    """The exit code and what is said."""
    output = StringIO()
    try:
        call_command("doctor", stdout=output)
    except SystemExit as stop:
        return int(str(stop.code)), output.getvalue()
    return 0, output.getvalue()


def about(subject: str) -> Finding:
    (found,) = [finding for finding in doctor.examine() if finding.subject == subject]
    return found


def test_where_all_is_well_it_says_so(runner: models.Runner) -> None:
    code, text = say()
    assert text.endswith("All is well.\n"), text
    assert code == 0
    assert all(line.startswith("ok  ") for line in text.splitlines()[:-1])


def test_scripts_get_the_same(runner: models.Runner) -> None:
    output = StringIO()
    call_command("doctor", "--json", stdout=output)
    report = json.loads(output.getvalue())
    assert report["well"] is True
    assert {finding["level"] for finding in report["findings"]} == {"ok"}


def test_whatever_is_not_well_has_a_next_step(sample: None) -> None:
    code, text = say()
    assert code == 3
    assert "act   runners: No runner that is alive serves grand, lines" in text
    assert "      → Start a runner: manage.py run_projections" in text


def test_a_runner_that_was_not_seen_for_a_while_is_no_runner(runner: models.Runner) -> None:
    assert about("runners").says == "1 at work: here:7."
    models.Runner.objects.update(seen_at=Now() - ALIVE_FOR)
    assert about_all("runners") == {Level.LOOK, Level.ACT}


def test_what_is_silenced_is_not_said(runner: models.Runner) -> None:
    with override_settings(
        SILENCED_SYSTEM_CHECKS=[id for id in HERE if id not in ("eventstore.W030", "eventstore.W033")]
    ):
        assert about_all("durability") != {Level.OK}
    assert about_all("durability") == {Level.OK}


def about_all(subject: str) -> set[Level]:
    return {finding.level for finding in doctor.examine() if finding.subject == subject}


def test_a_stale_projection_is_to_be_rebuilt(runner: models.Runner) -> None:
    models.Projection.objects.filter(name="standings").update(version=0)
    found = about("projection standings")
    assert (found.level, found.next) == (Level.ACT, "manage.py rebuild_projections standings")


def test_a_projection_that_is_behind_for_long_is_said(runner: models.Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    execute(Count(TALLY, 3), "one", actor="ann")
    feed.advance()
    monkeypatch.setattr(movement, "LIMITS", Limits(lag=-1))
    assert "1 events behind" in about("projection lines").says


@pytest.mark.parametrize(("retry_at", "level"), [(None, Level.ACT), (Now(), Level.LOOK)])
def test_parked_streams_are_said(runner: models.Runner, retry_at: Now | None, level: Level) -> None:
    models.Parked.objects.create(
        projection_id="lines", category="tally", stream_id=TALLY, position=1, type="tally.counted", error="unlucky",
        retry_at=retry_at,
    )  # fmt: skip
    assert about("projection lines").level == level


def test_migrations_that_are_not_applied_are_said(runner: models.Runner) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
    found = about("migrations")
    assert (found.level, found.says, found.next) == (
        Level.ACT,
        "Not applied: sessions.0001_initial.",
        "manage.py migrate",
    )


def test_types_that_the_code_does_not_know_are_said(runner: models.Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    execute(Count(TALLY, 3), "one", actor="ann")
    monkeypatch.delitem(messages.commands, "tally.count")
    assert "commands stored as tally.count" in about("stored messages").says


def test_a_database_that_is_down_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OperationalError("connection refused\n\tis it running?")

    monkeypatch.setattr(connection, "ensure_connection", refuse)
    code, text = say()
    assert code == 3
    assert "connection refused is it running?" in text
    assert "DATABASES['default']" in text
    assert "ok    settings" in text


def test_an_examination_that_fails_does_not_keep_the_others(
    runner: models.Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise ArithmeticError("unlucky")

    monkeypatch.setattr(movement, "problems", fails)
    found = about("movement")
    assert (found.level, "unlucky" in found.says) == (Level.ACT, True)
    assert about("guards").level == Level.OK


@pytest.mark.postgresql
def test_who_holds_the_tidemark_back_is_named(runner: models.Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program has drawn a position, and does not end its transaction."""
    monkeypatch.setattr(movement, "LIMITS", Limits(held=0))
    settings = connection.get_connection_params()
    own = {name: settings[name] for name in ("host", "port", "user", "password", "dbname") if name in settings}
    with psycopg.connect(**own) as slow:
        slow.execute("SELECT pg_advisory_xact_lock_shared(1953064037, 1835102827)")
        slow.execute("SELECT nextval('eventstore_event_position_seq')")
        found = about("tidemark")
        assert found.level == Level.ACT
        assert f"Process {slow.info.backend_pid} " in found.says
        slow.rollback()
