"""The watcher names projections that do not move, the process in their way, and the end of it; it waits for no lock."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.models.functions import Now

from eventstore import feed, models
from eventstore.checks.watch import Code, Limits, Problem, problems
from eventstore.checks.watch.watch import Vigil
from eventstore.execute import execute
from eventstore.log.slots import slot_of
from eventstore.projecting.parking import parking
from eventstore.projecting.runner.runner import Runner
from tests.eventstore import sample_reactions
from tests.eventstore.sample import Count
from tests.eventstore.sample_projections import UNLUCKY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sample")]

TALLY, OTHER = UUID(int=1), UUID(int=2)
AT_ONCE = Limits(held=0, lag=0, events=0)
LONG_AGO = timedelta(hours=1)


def count(amount: int = 1, tally_id: UUID = TALLY) -> None:
    execute(Count(tally_id, amount), str(models.Event.objects.count()), actor="ann")


def begin(name: str = "here:7", *projections: str) -> models.Runner:
    """A runner that has just been seen."""
    serves = list(projections or ("grand", "lines"))
    runner = models.Runner(runner_id=uuid4(), name=name, projections=serves, started_at=Now(), seen_at=Now())
    runner.save()
    return runner


@pytest.fixture
def runner() -> models.Runner:
    return begin()


def codes(limits: Limits | None = None) -> list[str]:
    return [str(problem.code) for problem in problems(limits)]


def only(code: Code, limits: Limits | None = None) -> Problem:
    (problem,) = [problem for problem in problems(limits) if problem.code == code]
    return problem


def test_where_all_is_well_nothing_is_said(runner: models.Runner) -> None:
    count()
    Runner().catch_up()
    assert problems() == []


# Runners


def test_without_a_runner_what_is_delayed_stands_still() -> None:
    problem = only(Code.NOT_SERVED)
    assert problem.sentence == "No runner that is alive serves grand, lines, so they stand still."
    assert problem.is_standstill
    assert problem.details == {"projections": ["grand", "lines"]}


def test_reactions_need_a_runner_too(runner: models.Runner) -> None:
    sample_reactions.declare()
    call_command("migrate", verbosity=0)
    assert only(Code.NOT_SERVED).details == {"projections": ["echoes"]}


def test_what_no_runner_serves_is_named() -> None:
    begin("here:7", "lines")
    assert only(Code.NOT_SERVED).sentence == "No runner that is alive serves grand, so it stands still."


def test_a_runner_that_has_gone_without_a_word_is_named(runner: models.Runner) -> None:
    models.Runner.objects.update(seen_at=Now() - timedelta(seconds=14))
    assert codes() == []
    models.Runner.objects.update(seen_at=Now() - timedelta(seconds=16))
    assert codes() == ["runner_silent", "not_served"]
    assert only(Code.RUNNER_SILENT).sentence.startswith("The runner here:7 was last seen 16 s ago")
    assert codes(Limits(silent=60)) == []


def test_a_runner_that_was_started_since_takes_its_place(runner: models.Runner) -> None:
    models.Runner.objects.update(started_at=Now() - 2 * LONG_AGO, seen_at=Now() - LONG_AGO)
    begin("here:8")
    assert codes() == []


def test_one_that_was_there_before_does_not(runner: models.Runner) -> None:
    begin("here:8")
    models.Runner.objects.update(started_at=Now() - 2 * LONG_AGO)
    models.Runner.objects.filter(name="here:7").update(seen_at=Now() - LONG_AGO)
    assert codes() == ["runner_silent"]


# Projections


def test_a_projection_that_lags_although_a_runner_is_alive_is_named(runner: models.Runner) -> None:
    count()
    count(2)
    feed.advance()
    assert codes() == []
    problem = only_of("lines", Limits(lag=0))
    assert (problem.code, problem.details["lag"]) == (Code.LAGGING, 2)
    assert only_of("lines", Limits(events=1)).code == Code.LAGGING
    assert codes(Limits(events=2)) == []


def test_what_some_slots_have_read_already_is_no_lag(runner: models.Runner) -> None:
    count()
    count(2, OTHER)
    count(3)
    end = feed.advance().position
    assert slot_of(TALLY) != slot_of(OTHER)
    models.Checkpoint.objects.filter(projection_id="lines", slot=slot_of(TALLY)).update(position=end)
    assert only_of("lines", Limits(lag=0)).details["lag"] == 1


def only_of(subject: str, limits: Limits) -> Problem:
    (problem,) = [problem for problem in problems(limits) if problem.subject == subject]
    return problem


def test_a_lag_without_a_runner_is_the_lack_of_a_runner() -> None:
    count()
    feed.advance()
    assert codes(AT_ONCE) == ["not_served"]


@pytest.mark.parametrize(
    ("change", "code", "advice"),
    [
        ({"version": 0}, Code.STALE, "manage.py rebuild_projections standings"),
        ({"is_live": False}, Code.TO_BE_BUILT, "manage.py rebuild_projections standings"),
    ],
)
def test_what_has_to_be_built_is_named(runner: models.Runner, change: dict[str, Any], code: Code, advice: str) -> None:
    models.Projection.objects.filter(name="standings").update(**change)
    assert (only(code).subject, only(code).advice) == ("standings", advice)
    assert only(code).is_standstill == (code == Code.TO_BE_BUILT), "a stale one goes on"


def test_a_reaction_that_is_not_installed_is_named(runner: models.Runner) -> None:
    sample_reactions.declare()
    assert (only(Code.NOT_INSTALLED).subject, only(Code.NOT_INSTALLED).advice) == ("echoes", "manage.py migrate")


def test_parked_streams_are_named_once_they_wait_for_a_person(runner: models.Runner) -> None:
    count(UNLUCKY)
    count(UNLUCKY, OTHER)
    Runner(["lines"]).catch_up()
    assert Code.PARKED not in codes()
    models.Parked.objects.update(retry_at=None)
    assert only(Code.PARKED).sentence == "2 streams of lines are parked, and wait for a person."
    parking.skip(models.Parked.objects.all()[0], actor="ann", reason="why")
    assert only(Code.PARKED).sentence == "1 stream of lines is parked, and waits for a person."


# The watcher itself


def test_a_database_that_is_away_is_one_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OperationalError("connection refused\n\tis it running?")

    with monkeypatch.context() as patch:
        patch.setattr(connection, "cursor", refuse)
        (problem,) = problems()
    assert problem.code == Code.UNREADABLE
    assert problem.sentence == "The database does not answer in time: connection refused"
    assert problem.is_standstill


def test_the_watcher_reports_new_problems_and_solved_ones(runner: models.Runner) -> None:
    count()
    feed.advance()
    vigil = Vigil()
    assert vigil.look(Limits()) == ([], [])
    models.Runner.objects.all().delete()
    begun, over = vigil.look(Limits())
    assert ([problem.code for problem in begun], over) == ([Code.NOT_SERVED], [])
    assert vigil.look(Limits()) == ([], []), "a lasting problem is not reported again"
    begin()
    begun, over = vigil.look(Limits())
    assert (begun, [problem.code for problem in over]) == ([], [Code.NOT_SERVED])


def run_watch(*arguments: str) -> tuple[str, int]:
    """The output of the command, and its exit code."""
    out = StringIO()
    try:
        call_command("watch_projections", *arguments, stdout=out)
    except SystemExit as end:
        return out.getvalue(), int(str(end.code))
    return out.getvalue(), 0


def test_the_command_looks_once(runner: models.Runner) -> None:
    assert run_watch("--once") == ("All moves.\n", 0)
    models.Runner.objects.all().delete()
    text, code = run_watch("--once")
    assert code == 3
    assert "not_served: No runner that is alive serves grand, lines, so they stand still.\n  → Start a runner" in text


def test_scripts_get_the_same() -> None:
    text, code = run_watch("--once", "--json")
    assert code == 3
    (problem,) = json.loads(text)["problems"]
    assert (problem["code"], problem["details"]) == ("not_served", {"projections": ["grand", "lines"]})


def test_the_command_prints_a_line_when_something_begins_and_when_it_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    happens: Iterator[Callable[[], object]] = iter([lambda: None, begin, lambda: os.kill(os.getpid(), signal.SIGTERM)])
    look = Vigil.look

    def and_then(vigil: Vigil, limits: Limits) -> tuple[list[Problem], list[Problem]]:
        next(happens)()
        return look(vigil, limits)

    monkeypatch.setattr(Vigil, "look", and_then)
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        text, code = run_watch("--every=0.1")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    sentence = "not_served: No runner that is alive serves grand, lines, so they stand still."
    assert code == 0
    assert text.splitlines() == [
        "Watching. Stop with Ctrl-C.",
        f"problem  {sentence} → Start a runner: manage.py run_projections",
        f"over     {sentence}",
        "Stopped.",
    ]


def test_the_limits_are_options(runner: models.Runner) -> None:
    count()
    feed.advance()
    assert run_watch("--once")[1] == 0
    assert run_watch("--once", "--max-lag=0")[1] == 3
    assert run_watch("--once", "--max-events=0")[1] == 3
