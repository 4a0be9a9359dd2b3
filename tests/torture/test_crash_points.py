"""Processes that kill themselves (SIGKILL) at each point of their work; the next process finds all of it or nothing."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from eventstore import feed, log
from eventstore.execute import execute
from eventstore.models import Command, Event, Shadow
from eventstore.projecting.declaration.registry import projections
from eventstore.projecting.inspect.drift import check, check_heads
from eventstore.projecting.runner import batches
from eventstore.projecting.runner.runner import Runner, position_of
from tests.crash_points import COMMAND_POINTS, DELIVERY_POINTS, LAST_STATEMENT_POINTS, UNCOMMITTED_POINTS
from tests.eventstore.sample import Count
from tests.eventstore.sample_projections import MODELS
from tests.torture.crash_work import OTHER, SMALL, TALLY, WORK

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sample", "history")]

HISTORY = 10  # events
SECOND = 2  # in the middle of the work, not where it begins
BATCH_POINTS = ("after write", "before commit", "after commit")
REBUILD_POINTS = [
    ("after create_like", SECOND),
    ("after put", SECOND),
    ("before commit", SECOND),
    ("after commit", SECOND),
    ("after complete_like", SECOND),
    ("after block_writers", 1),
    ("after exchange_tables", SECOND),
]


@pytest.fixture
def history(sample: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A short log, of which some events are delivered."""
    monkeypatch.setattr(batches, "BATCH_EVENTS", SMALL)
    for number in range(HISTORY):
        execute(Count(TALLY, 3), str(number), actor="first")
        if number == 1:
            Runner().catch_up()
    yield
    for projection in projections.values():
        with connection.cursor() as cursor:
            cursor.execute(f'DROP TABLE IF EXISTS "{projection.table.beside("new").name}"')
            cursor.execute(f'DROP TABLE IF EXISTS "{projection.table.beside("old").name}"')


def kill(environment: dict[str, str], work: str, point: str, nth: int = 1) -> None:
    command = [sys.executable, "-m", "tests.torture.crasher", work, point, str(nth)]
    ended = subprocess.run(command, env=environment, check=False)
    assert ended.returncode == -signal.SIGKILL, "It did not come to this point."


def stored() -> tuple[int, int, list[Any]]:
    """The stored effects: the number of events and commands, and all rows of read models."""
    rows = [list(model.objects.order_by("pk").values()) for model in MODELS]  # type: ignore[attr-defined]
    return Event.objects.count(), Command.objects.count(), rows


def nothing_has_drifted() -> None:
    """Assert that every row and every head follows from the log."""
    found = [*check(list(projections.values())), check_heads()]
    assert not [drift for drift in found if drift.found]


@pytest.mark.parametrize("point", COMMAND_POINTS)
def test_a_command_has_one_effect_wherever_its_process_was_killed(
    point: str, program_environment: dict[str, str]
) -> None:
    before = stored()
    kill(program_environment, "one", point)
    assert point in LAST_STATEMENT_POINTS or (stored() == before) == (point in UNCOMMITTED_POINTS)
    nothing_has_drifted()
    WORK["one"]()
    assert (Event.objects.count(), Command.objects.count()) == (HISTORY + 2, HISTORY + 1)
    assert (log.load("tally", TALLY)[0].total, log.load("tally", OTHER)[0].total) == (25, 5)
    nothing_has_drifted()


@pytest.mark.parametrize("point", BATCH_POINTS)
def test_many_commands_have_one_effect_together(point: str, program_environment: dict[str, str]) -> None:
    kill(program_environment, "many", point)
    if point not in LAST_STATEMENT_POINTS:
        assert Event.objects.count() == HISTORY + (0 if point in UNCOMMITTED_POINTS else 10)
    WORK["many"]()
    assert (Event.objects.count(), Command.objects.count()) == (HISTORY + 10, HISTORY + 10)
    assert log.load("tally", OTHER) == (log.current("tally", OTHER), 10)
    nothing_has_drifted()


@pytest.mark.parametrize("point", DELIVERY_POINTS)
def test_rows_and_checkpoints_are_together_wherever_a_runner_was_killed(
    point: str, program_environment: dict[str, str]
) -> None:
    """Rows are held against their checkpoints, and `grand` adds up: it would show an event that was read twice."""
    kill(program_environment, "deliver", point, SECOND)
    nothing_has_drifted()
    WORK["deliver"]()
    assert {position_of(projections[name]) for name in ("lines", "grand")} == {feed.tidemark()}
    nothing_has_drifted()


@pytest.mark.parametrize(("point", "nth"), REBUILD_POINTS)
def test_live_tables_are_whole_wherever_a_rebuild_was_killed(
    point: str, nth: int, program_environment: dict[str, str]
) -> None:
    kill(program_environment, "rebuild_all", point, nth)
    nothing_has_drifted()
    WORK["one"]()  # the site goes on
    nothing_has_drifted()
    WORK["rebuild_all"]()
    assert set(Shadow.objects.values_list("role", flat=True)) == {"old"}
    assert {position_of(projections[name]) for name in ("lines", "grand")} == {feed.tidemark()}
    nothing_has_drifted()
