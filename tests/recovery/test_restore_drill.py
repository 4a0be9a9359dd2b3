"""A drill tells the truth: all came back, or what did not; and it leaves nothing behind, however it ends."""

import json
import logging
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.test import Client, override_settings
from django.utils import timezone

from eventstore import service
from eventstore.archive.write import archive
from eventstore.checks.doctor.drills import drills
from eventstore.checks.doctor.findings import Level
from eventstore.drill import drill as drilling
from eventstore.drill.drill import Drilled, Step
from eventstore.drill.errors import CannotDrill, DrillStopped
from eventstore.drill.scratch import PREFIX, SUFFIX, scratch
from eventstore.management.commands import restore_drill
from eventstore.models import Drill, Event
from eventstore.service import Stop
from tests.factories import AccountFactory, DepositFactory, StaffFactory, TransferFactory
from tests.tampering import forge_rows

pytestmark = pytest.mark.django_db(transaction=True)

NEEDED = ["migrate", "restore", "rebuild_projections"]


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Path]:
    """The folder of drills, which is empty after each."""
    folder = tmp_path / "drills"
    folder.mkdir()
    with override_settings(RESTORE_DRILL_FOLDER=str(folder), RESTORE_DRILL_COMMANDS=["check_ledger"]):
        yield folder
    assert list(folder.iterdir()) == []
    assert _databases_left() == []


@pytest.fixture
def books() -> None:
    one, other = AccountFactory.create_batch(2, balance=1_000)
    TransferFactory.create(source=one, target=other, amount=300)
    DepositFactory.create(account=one, amount=50)


def _databases_left() -> list[str]:
    if connection.vendor == "sqlite":
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"%{SUFFIX}"])
        return [name for (name,) in cursor.fetchall()]


def run(*arguments: str) -> tuple[int, Any]:
    """The exit code, and what is printed as JSON."""
    output = StringIO()
    try:
        call_command("restore_drill", *arguments, "--json", stdout=output)
    except SystemExit as end:
        return int(str(end.code)), json.loads(output.getvalue())
    return 0, json.loads(output.getvalue())


def test_all_comes_back_and_every_face_tells_of_it(room: Path, books: None) -> None:
    end = Event.objects.latest("position").position
    code, report = run()
    assert (code, report["well"], report["position"]) == (0, True, end)
    names = [step["name"] for step in report["steps"]]
    assert names[:4] == ["archive", *NEEDED]
    assert {"check_projections", "check_ledger"} < set(names)
    assert names[-1] == "compare"
    row = Drill.objects.get()
    assert (row.succeeded, row.position, row.source) == (True, end, "new")
    (found,) = drills()
    assert (found.level, "all equal" in found.says) == (Level.OK, True)
    with override_settings(STAFF_SECOND_FACTOR=False):
        client = Client()
        client.force_login(StaffFactory.create(role="auditor"), "accounts.users.backends.EmailBackend")
        assert "all equal" in client.get("/admin/eventstore/drill/").content.decode()
        assert "check_ledger" in client.get(f"/admin/eventstore/drill/{row.pk}/change/").content.decode()


def test_what_differs_is_found(room: Path, books: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive of before somebody changed a fact; and a check of the project's that finds something."""
    monkeypatch.setattr(drilling, "ALWAYS", ())
    address = str(tmp_path / "archive")
    archive(address)
    forge_rows(Event, {"position": Event.objects.latest("position").position}, digest=bytes(32))
    with override_settings(RESTORE_DRILL_COMMANDS=["watch_projections --once"]):
        code, report = run("--archive", address)
    assert (code, report["well"], report["source"]) == (3, False, address)
    wrong = {step["name"]: step["says"] for step in report["steps"] if not step["is_well"]}
    assert set(wrong) == {"watch_projections", "compare"}
    assert wrong["compare"].startswith("root of events: ")
    (found,) = drills()
    assert (found.level, "see watch_projections, compare" in found.says) == (Level.ACT, True)


def test_a_drill_that_is_stopped_leaves_nothing_behind(room: Path, books: None) -> None:
    """Stopped within a program of its own."""
    stop = Stop()
    with pytest.raises(DrillStopped):
        drilling.drill(stop=stop, told=lambda step: stop.set() if step.name == "archive" else None)
    row = Drill.objects.get()
    assert (row.succeeded, [step["name"] for step in row.report["steps"]]) == (False, ["archive"])
    assert "stopped" in row.report["error"]


def test_an_archive_that_is_not_there_is_no_drill(room: Path, books: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no archive at"):
        run("--archive", str(tmp_path / "nothing"))
    (found,) = drills()
    assert found.level == Level.ACT
    with override_settings(STAFF_SECOND_FACTOR=False):
        client = Client()
        client.force_login(StaffFactory.create(role="auditor"), "accounts.users.backends.EmailBackend")
        assert "could not be done" in client.get("/admin/eventstore/drill/").content.decode()


def test_what_a_killed_drill_has_left_is_removed_but_not_what_one_uses_that_runs(room: Path) -> None:
    left = room / f"{PREFIX}killed"
    left.mkdir()
    (left / "keys").write_text("of persons")
    with scratch() as made:
        assert not left.exists()
        with pytest.raises(CannotDrill) if connection.vendor == "postgresql" else scratch():
            assert made.folder.exists()
            with scratch():
                pass
        assert made.folder.exists()


@pytest.mark.sqlite
def test_a_given_database_must_be_empty_and_is_empty_afterwards(room: Path, tmp_path: Path) -> None:
    file = tmp_path / "given.sqlite3"
    given = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(file)}
    with override_settings(RESTORE_DRILL_DATABASE=given):
        with scratch() as made, made.connection.cursor() as cursor:
            cursor.execute("CREATE TABLE something (id INTEGER)")
        assert not file.exists()
    live = {"ENGINE": "django.db.backends.sqlite3", "NAME": connection.settings_dict["NAME"]}
    with override_settings(RESTORE_DRILL_DATABASE=live), pytest.raises(CannotDrill, match="not empty"), scratch():
        pass
    assert Event._meta.db_table in connection.introspection.table_names()


def test_the_next_one_is_due_after_the_last_one_whoever_did_it() -> None:
    week = timedelta(days=7)
    assert restore_drill._seconds_left(week) == 0
    Drill.objects.create(began_at=timezone.now() - timedelta(days=6), source="new")
    assert 0 < restore_drill._seconds_left(week) <= 86_400
    assert restore_drill._seconds_left(timedelta(days=5)) == 0


def test_one_that_was_stopped_is_due_again_at_once() -> None:
    """Else a restart of the site within a drill would leave that week's out."""
    moment = timezone.now() - timedelta(hours=1)
    Drill.objects.create(began_at=moment, ended_at=moment, source="new", report={"stopped": True})
    assert restore_drill._seconds_left(timedelta(days=7)) == 0


class Watched(Stop):
    """A request to stop that comes in some wait; what was waited for."""

    def __init__(self, waits: int) -> None:
        super().__init__()
        self.waits, self.waited = waits, list[float | None]()

    def wait(self, timeout_seconds: float | None = None) -> bool:
        self.waited.append(timeout_seconds)
        if len(self.waited) == self.waits:
            self.set()
        return self.is_set()


def watch(monkeypatch: pytest.MonkeyPatch, stop: Stop) -> str:
    """What is said by a watcher that goes on until it is stopped."""
    output = StringIO()
    monkeypatch.setattr(service, "running", lambda: nullcontext(stop))
    call_command("restore_drill", "--watch", "--every", "7d", stdout=output, stderr=output)
    return output.getvalue()


def test_the_watcher_waits_for_a_database_that_is_away_and_goes_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    answers: list[Any] = [OperationalError("gone"), 0.0, 3_000.0]
    done = Drilled("new", steps=[Step("compare", 1.0, is_well=True)])
    monkeypatch.setattr(restore_drill, "_seconds_left", lambda _every: raised_or_given(answers.pop(0)))
    monkeypatch.setattr(restore_drill, "drill", lambda *_, **__: done)
    stop = Watched(2)
    assert "All came back equal" in watch(monkeypatch, stop)
    (told,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert "until the database answers" in told.getMessage()
    assert told.exc_info is None
    assert stop.waited == [restore_drill.LOOK_SECONDS] * 2


def raised_or_given(value: Any) -> Any:
    if isinstance(value, Exception):
        raise value
    return value


def test_the_watcher_ends_at_once_when_it_is_stopped_within_a_drill(
    room: Path, books: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It neither waits for the next one, nor begins it."""
    stop = Watched(1)

    def stopped(*arguments: Any, **options: Any) -> Any:
        stop.set()
        return archive(*arguments, **options)

    monkeypatch.setattr(drilling, "archive", stopped)
    assert "The drill was stopped." in watch(monkeypatch, stop)
    assert stop.waited == []
    assert Drill.objects.count() == 1


@pytest.mark.parametrize(
    ("hosts", "age", "succeeded", "level"),
    [
        (["localhost"], None, None, Level.OK),
        (["bank.example"], None, None, Level.LOOK),
        (["bank.example"], 3, True, Level.OK),
        (["bank.example"], 40, True, Level.LOOK),
        (["bank.example"], 3, False, Level.ACT),
    ],
)
def test_the_doctor_says_when_it_was(hosts: list[str], age: int | None, succeeded: bool | None, level: Level) -> None:
    if age is not None:
        moment = timezone.now() - timedelta(days=age)
        Drill.objects.create(began_at=moment, ended_at=moment, source="new", succeeded=succeeded)
    with override_settings(ALLOWED_HOSTS=hosts):
        (found,) = drills()
    assert found.level == level
