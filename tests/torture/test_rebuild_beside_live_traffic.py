"""Rebuilds beside writers and readers, killed at random moments, by one process or two.

The readers are strict: all tallies are there, and together they hold what they always did. A rebuild that empties the
live table and fills it again, page by page, is no match for them, as the first test shows.
"""

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import Count as HowMany
from django.db.models import Sum

from eventstore import feed
from eventstore.execute import execute
from eventstore.models import Command, Event, ShadowPart
from eventstore.projecting.declaration.projection import Projection
from eventstore.projecting.declaration.registry import projections
from eventstore.projecting.inspect.drift import check
from eventstore.projecting.runner.runner import Runner
from tests.eventstore.sample import Count, Move
from tests.eventstore.sample_projections import Asked, Line, Standing

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sample")]

TALLIES = [UUID(int=number) for number in range(1, 9)]
EACH, HISTORY, KILLS = 50, 150, 3


@contextmanager
def repeating(*tasks: Callable[[int], None]) -> Iterator[None]:
    """Repeat tasks, in a thread each, until the block ends; raises a task's error."""
    stop, failures = threading.Event(), list[Exception]()

    def repeat(task: Callable[[int], None]) -> None:
        number = 0
        try:
            while not stop.is_set():
                task(number := number + 1)
        except Exception as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=repeat, args=[task]) for task in tasks]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    if failures:
        raise failures[0]


def move(number: int) -> None:
    source, target = random.Random(number).sample(TALLIES, 2)
    execute(Move(source, target, 1), f"move {number}", actor="writer")


def deliver(number: int) -> None:
    Runner().catch_up()


def look(number: int) -> None:
    """A single statement has one view of the table."""
    seen = Standing.objects.aggregate(rows=HowMany("pk"), sum=Sum("total"))
    assert seen == {"rows": len(TALLIES), "sum": EACH * len(TALLIES)}


def start_rebuild(environment: dict[str, str], workers: int) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "tests.torture.rebuilder", str(workers)]
    return subprocess.Popen(command, env=environment, start_new_session=True)


def kill_when_it_has_read(process: "subprocess.Popen[bytes]", position: int, *, alone: bool) -> bool:
    """Kill a rebuild without a chance to clean up: `alone`, which orphans its workers, or with its workers.

    Whether it was quick enough.
    """
    while process.poll() is None:
        if ShadowPart.objects.filter(role="new", position__gte=position).exists():
            os.kill(process.pid, signal.SIGKILL) if alone else os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    return process.returncode == -signal.SIGKILL


def empty_and_refill(projection: Projection, meanwhile: Callable[[], None]) -> None:
    """A naive rebuild: empty the live table, and fill it again page by page."""
    projection.model._default_manager.all()._raw_delete("default")
    records = [record for record in feed.read(0, limit=10_000) if projection.reads(record)]
    for start in range(0, len(records), 50):
        meanwhile()
        projection.apply(records[start : start + 50], projection.table)


@pytest.fixture
def history(sample: None) -> None:
    for tally_id in TALLIES:
        execute(Count(tally_id, EACH), str(tally_id), actor="first")
    for number in range(HISTORY):
        move(-number)
    feed.advance()


@pytest.mark.usefixtures("history")
def test_to_empty_a_table_and_fill_it_again_shows_half_of_it() -> None:
    with pytest.raises(AssertionError, match="'rows': 0"):
        empty_and_refill(projections["standings"], lambda: look(0))


@pytest.mark.usefixtures("history")
@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.postgresql)])
def test_readers_see_whole_tables_and_nothing_is_missing_or_twice(
    workers: int, program_environment: dict[str, str]
) -> None:
    chance = random.Random(workers)
    with repeating(move, look, deliver):
        killed = 0
        for _ in range(KILLS):
            moment, alone = chance.randrange(20, 2 * HISTORY), chance.random() < 0.5
            killed += kill_when_it_has_read(start_rebuild(program_environment, workers), moment, alone=alone)
        assert killed
        assert start_rebuild(program_environment, workers).wait() == 0
    look(0)
    assert not ShadowPart.objects.filter(role="new").exists()
    Runner().catch_up()
    assert Line.objects.count() == Event.objects.count()
    assert Asked.objects.count() == Command.objects.count()
    assert {drift.name: list(drift.differences) for drift in check(list(projections.values()))} == {
        name: [] for name in projections
    }
