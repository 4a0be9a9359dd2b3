"""Due tasks under fire: several workers at once, killed in their work, on read models that are behind."""

import random
from uuid import UUID

import pytest
from django.utils import timezone

from eventstore import log
from eventstore.execution.scheduler import run
from eventstore.models import Command, Event
from tests.torture.due_worker import OCCASIONS, TALLIES, TASK
from tests.torture.kills import kill_one, processes, start, wait_until
from tests.torture.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

DUE_WORKER = "tests.torture.due_worker"
KILLS = 3


def done() -> int:
    return Command.objects.filter(actor=TASK.actor).count()


def everything_was_done_once() -> None:
    assert done() == Event.objects.count() == OCCASIONS
    for number in range(TALLIES):
        assert log.load("tally", UUID(int=1 + number))[0].total == OCCASIONS // TALLIES


def test_those_who_are_killed_leave_the_rest_to_others_and_nothing_is_done_twice(
    program_environment: dict[str, str],
) -> None:
    chance = random.Random(KILLS)
    with processes(DUE_WORKER, 2, program_environment) as running:
        for kill in range(1, KILLS + 1):
            goal = chance.randrange((kill - 1) * OCCASIONS // KILLS, kill * OCCASIONS // KILLS)
            wait_until(lambda goal=goal: done() >= goal, running)  # type: ignore[misc]
            kill_one(running, chance)
            running.append(start(DUE_WORKER, program_environment))
        wait_until(lambda: done() >= OCCASIONS, running)
    run(TASK, timezone.now())
    everything_was_done_once()


def test_all_at_once_do_everything_once_and_count_it_once() -> None:
    reports = at_once([lambda: run(TASK, timezone.now())] * 4)
    assert sum(report.executed for report in reports) == OCCASIONS
    assert not any(report.refused or report.failed for report in reports)
    everything_was_done_once()
