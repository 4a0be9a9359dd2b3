"""Due commands are executed once, however often and by however many processes they are found."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from eventstore import due as declared
from eventstore import log
from eventstore.due import DueTask, Occasion, due
from eventstore.errors import MessageError
from eventstore.execute import execute
from eventstore.execution import scheduler
from eventstore.execution.scheduler import Report, run, watch
from eventstore.models import Command
from eventstore.service import Stop
from tests.eventstore.sample import Clear, Count

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_tasks")]

TALLY, OTHER, THIRD = UUID(int=1), UUID(int=2), UUID(int=3)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def no_tasks() -> Iterator[None]:
    """No tasks but those that the test declares."""
    before = dict(declared.tasks)
    declared.tasks.clear()
    yield
    declared.tasks.clear()
    declared.tasks.update(before)


@pytest.fixture
def dues() -> DueTask:
    """A task whose finder is always behind: it finds everything again each time."""

    @due(every=MINUTE)
    def dues(now: datetime) -> Iterator[Occasion]:
        for tally_id in (TALLY, OTHER, THIRD):
            yield Occasion(tally_id, Count(tally_id, 5))

    return declared.tasks["dues"]


def task_of(*occasions: Occasion) -> DueTask:
    """A task whose finder yields the given occasions."""
    return DueTask("dues", lambda now: occasions, MINUTE)


def total(tally_id: UUID) -> int:
    return int(log.current("tally", tally_id).total)


def counts_of(report: Report) -> tuple[int, int, int]:
    return report.executed, report.refused, report.failed


def run_due_json(*arguments: str) -> Any:
    out = StringIO()
    call_command("run_due", *arguments, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_due_commands_are_executed_in_the_name_of_the_task(dues: DueTask) -> None:
    assert counts_of(run(dues, timezone.now())) == (3, 0, 0)
    assert [total(tally_id) for tally_id in (TALLY, OTHER, THIRD)] == [5, 5, 5]
    assert set(Command.objects.values_list("actor", "key")) == {
        ("system:dues", str(tally_id)) for tally_id in (TALLY, OTHER, THIRD)
    }


def test_what_was_done_is_not_done_again_though_it_is_found_again(dues: DueTask) -> None:
    run(dues, timezone.now())
    assert run(dues, timezone.now() + timedelta(days=1)).is_empty
    assert total(TALLY) == 5


def test_what_happens_every_month_has_the_month_in_its_key() -> None:
    def find(now: datetime) -> Iterator[Occasion]:
        yield Occasion(f"{TALLY} {now:%Y-%m}", Count(TALLY, 5))

    task = DueTask("dues", find, MINUTE)
    for day in (datetime(2026, 1, 31, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 2, 2, tzinfo=UTC)):
        run(task, day)
    assert total(TALLY) == 10


def test_a_twin_with_another_time_in_it_is_the_same_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two runners look for the key before either has written: both execute, with one effect."""
    monkeypatch.setattr(scheduler, "_key_of_next_try", lambda task, key, now: key)
    assert counts_of(run(task_of(Occasion(TALLY, Count(TALLY, 5))), timezone.now())) == (1, 0, 0)
    assert run(task_of(Occasion(TALLY, Count(TALLY, 6))), timezone.now()).is_empty
    assert (total(TALLY), Command.objects.count()) == (5, 1)


def test_a_refused_command_does_not_stop_the_others(dues: DueTask) -> None:
    execute(Count(TALLY, 99), uuid4(), actor="ann")
    assert counts_of(run(dues, timezone.now())) == (2, 1, 0)
    assert [total(tally_id) for tally_id in (TALLY, OTHER, THIRD)] == [99, 5, 5]


def test_a_refused_command_is_tried_again_and_succeeds_once(dues: DueTask) -> None:
    execute(Count(TALLY, 99), uuid4(), actor="ann")
    run(dues, timezone.now())
    execute(Clear(TALLY), uuid4(), actor="ann")
    assert run(dues, timezone.now()).is_empty  # too early
    assert counts_of(run(dues, timezone.now() + MINUTE)) == (1, 0, 0)
    assert run(dues, timezone.now() + timedelta(days=9)).is_empty
    assert total(TALLY) == 5


def test_each_pause_after_a_refusal_is_twice_the_one_before() -> None:
    execute(Count(TALLY, 99), uuid4(), actor="ann")
    task, begun = task_of(Occasion(TALLY, Count(TALLY, 5))), timezone.now() + MINUTE / 2
    refused = [minute for minute in range(10) if run(task, begun + minute * MINUTE).refused]
    assert refused == [0, 1, 2, 4, 8]  # minutes since the last refusal: all were recorded at the real time


def test_an_occasion_is_given_up_after_its_last_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler, "MAX_TRIES", 2)
    execute(Count(TALLY, 99), uuid4(), actor="ann")
    task = task_of(Occasion(TALLY, Count(TALLY, 5)))
    assert [run(task, timezone.now() + timedelta(days=day)).refused for day in range(4)] == [1, 1, 0, 0]


def test_a_command_that_fails_stores_nothing_and_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    report = run(task_of(Occasion("odd", "no command"), Occasion(OTHER, Count(OTHER, 5))), timezone.now())
    assert counts_of(report) == (1, 0, 1)
    assert "The command for odd: MessageError" in report.errors[0]
    assert "The command for odd failed in dues" in caplog.text
    assert Command.objects.count() == 1
    assert counts_of(run(task_of(Occasion("odd", Count(TALLY, 7))), timezone.now())) == (1, 0, 0)


def test_a_finder_that_fails_stops_no_other_task(dues: DueTask) -> None:
    @due(every=MINUTE)
    def broken(now: datetime) -> Iterator[Occasion]:
        yield Occasion(TALLY, Count(TALLY, 1))
        raise LookupError("no such table")

    out = StringIO()
    with pytest.raises(CommandError, match="Something failed in broken") as error:
        call_command("run_due", stdout=out)
    assert error.value.returncode == 1
    assert "dues: 3 executed, 0 refused, 0 failed" in out.getvalue()
    assert "no such table" in out.getvalue()


def test_a_dry_run_stores_nothing(dues: DueTask) -> None:
    execute(Count(TALLY, 99), uuid4(), actor="ann")
    report = run_due_json("--dry-run")
    assert report["dry_run"]
    assert [(task["executed"], task["refused"]) for task in report["tasks"]] == [(2, 1)]
    assert Command.objects.count() == 1


def test_the_time_is_given_to_the_finder() -> None:
    moments: list[datetime] = []

    @due(every=MINUTE)
    def looks(now: datetime) -> Iterable[Occasion]:
        moments.append(now)
        return []

    run_due_json("--now", "2026-12-31T23:59:00+01:00")
    run_due_json()
    assert moments[0] == datetime(2026, 12, 31, 22, 59, tzinfo=UTC)
    assert timezone.now() - moments[1] < MINUTE


@pytest.mark.parametrize("text", ["tomorrow", "2026-12-31T00:00", "2026-13-01T00:00Z"])
def test_a_time_without_a_zone_is_refused(text: str) -> None:
    with pytest.raises(CommandError, match="no time with a zone"):
        call_command("run_due", "--now", text)


def test_only_what_is_named_is_run(dues: DueTask) -> None:
    @due(every=MINUTE)
    def other(now: datetime) -> Iterator[Occasion]:
        yield Occasion(OTHER, Count(OTHER, 1))

    assert [task["task"] for task in run_due_json("other")["tasks"]] == ["other"]
    with pytest.raises(CommandError, match="There are: dues, other"):
        call_command("run_due", "nonsense")


def test_nothing_declared_is_nothing_due() -> None:
    out = StringIO()
    call_command("run_due", stdout=out)
    assert "nothing is due" in out.getvalue()


def test_names_are_declared_once_and_intervals_are_longer_than_nothing(dues: DueTask) -> None:
    def elsewhere(now: datetime) -> list[Occasion]:
        return []

    elsewhere.__name__, elsewhere.__module__ = "dues", "elsewhere"
    with pytest.raises(MessageError, match="declared twice"):
        due(every=MINUTE)(elsewhere)
    with pytest.raises(MessageError, match="longer than nothing"):

        @due(every=timedelta(0))
        def hasty(now: datetime) -> list[Occasion]:
            return []


def test_it_stops_between_two_commands_at_a_signal(dues: DueTask) -> None:
    stop = Stop()
    stop.set()
    assert run(dues, timezone.now(), stop=stop).is_empty


def test_a_watch_runs_each_task_at_its_own_interval() -> None:
    stop, runs = Stop(), list[str]()

    def note(report: Report) -> None:
        runs.append(report.task)
        if runs.count("often") == 3:
            stop.set()

    often = DueTask("often", lambda now: (), timedelta(milliseconds=1))
    watch([often, DueTask("seldom", lambda now: (), timedelta(days=1))], stop, note)
    assert (runs.count("often"), runs.count("seldom")) == (3, 1)


def test_a_watch_has_no_dry_run() -> None:
    with pytest.raises(CommandError, match="leave --now and --dry-run out"):
        call_command("run_due", "--watch", "--dry-run")


@pytest.mark.django_db(transaction=True)
def test_sigterm_ends_a_watch(program_environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "django", "run_due", "--watch"]
    with subprocess.Popen(command, env=program_environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline().startswith("Watching")
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate()
    assert (process.returncode, rest.strip()) == (0, "Stopped.")
