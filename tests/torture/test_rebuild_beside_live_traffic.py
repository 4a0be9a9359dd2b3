"""Building anew while others write and read, killed at random moments.

A rebuild that empties the live table first, or that commits the new rows in parts, fails here: the reader would see
fewer tallies than there are, or a sum that is not theirs.
"""

import random
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

from eventstore import log
from eventstore.execute import execute
from eventstore.models import Command, Event, Shadow
from eventstore.projecting.runner import Runner
from tests.eventstore.sample import Count, Move
from tests.eventstore.sample_projections import Asked, Line, Standing

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sample")]

TALLIES = [UUID(int=number) for number in range(1, 9)]
EACH, HISTORY, KILLS = 50, 150, 2


@contextmanager
def going_on(*tasks: Callable[[int], None]) -> Iterator[None]:
    """Tasks that are done over and over by a thread each, until the block ends; raises what one of them raised."""
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


def look(number: int) -> None:
    """One statement, so one view of the table: all tallies are there, and together they hold what they always did."""
    seen = Standing.objects.aggregate(rows=HowMany("pk"), sum=Sum("total"))
    assert seen == {"rows": len(TALLIES), "sum": EACH * len(TALLIES)}


def start_rebuild(environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-m", "tests.torture.rebuilder"], env=environment)


def kill_when_it_has_read(process: "subprocess.Popen[bytes]", position: int) -> None:
    while process.poll() is None:
        if Shadow.objects.filter(role="new", position__gte=position).exists():
            process.kill()
            process.wait()


def test_readers_see_whole_tables_and_nothing_is_missing_or_twice(program_environment: dict[str, str]) -> None:
    for tally_id in TALLIES:
        execute(Count(tally_id, EACH), str(tally_id), actor="first")
    for number in range(HISTORY):
        move(-number)
    chance = random.Random(HISTORY)
    with going_on(move, look):
        for _ in range(KILLS):
            kill_when_it_has_read(start_rebuild(program_environment), chance.randrange(20, 2 * HISTORY))
        last = start_rebuild(program_environment)
        assert last.wait() == 0
    look(0)
    assert not Shadow.objects.filter(role="new").exists()
    for tally_id in TALLIES:
        assert Standing.objects.get(pk=tally_id).total == log.load("tally", tally_id)[0].total
    Runner().catch_up()
    assert Line.objects.count() == Event.objects.count()
    assert Asked.objects.count() == Command.objects.count()
