"""Several runners at once, some of them killed: each event is applied exactly once, in the order of its stream."""

import random
import threading
from collections import defaultdict
from functools import partial
from io import StringIO
from uuid import UUID, uuid4

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from eventstore import feed
from eventstore.execute import execute
from eventstore.log.slots import SLOTS, slot_of
from eventstore.models import Checkpoint, Event, Parked
from eventstore.models import Runner as RunnerRow
from eventstore.projecting.declaration.registry import projections
from eventstore.projecting.runner import batches
from eventstore.projecting.runner.runner import Runner
from tests.eventstore.sample import Count
from tests.eventstore.sample_projections import UNLUCKY, Grand, Line
from tests.torture.kills import kill_one, processes, start, wait_until
from tests.torture.runners import RUNNER, STOP_TIMEOUT_SECONDS, all_is_read, all_registered, stop
from tests.torture.threads import at_once
from tests.torture.trails import Trail

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_trails")]

TALLIES = [UUID(int=number) for number in range(1, 13)]
WRITERS, EACH, KILLS = 3, 40, 2


def write(writer: int, count: int = EACH) -> None:
    for number in range(count):
        tally_id = TALLIES[(writer + number * 5) % len(TALLIES)]
        execute(Count(tally_id, 1), f"count {number}", actor=f"writer {writer} {uuid4()}")


def everything_was_applied_once_and_in_order() -> None:
    there = list(Event.objects.order_by("position").values_list("position", "stream_id", "version", "data"))
    assert list(Line.objects.order_by("pk").values_list("pk", flat=True)) == [position for position, *_ in there]
    versions: dict[UUID, str] = defaultdict(str)
    for _, stream_id, version, _ in there:
        versions[stream_id] += f"{version} "
    assert dict(Trail.objects.values_list("tally_id", "versions")) == dict(versions)
    assert Grand.objects.get().order == "".join(f"{data['amount']} " for *_, data in there)
    feed.advance()
    call_command("check_projections", stdout=StringIO())
    assert not Parked.objects.exists()


@pytest.mark.parametrize("notify", ["1", "0"], ids=["woken", "by looking alone"])
def test_runners_that_are_killed_leave_their_work_to_the_others(
    program_environment: dict[str, str], notify: str
) -> None:
    environment, chance = {**program_environment, "EVENTSTORE_NOTIFY": notify}, random.Random(KILLS)
    with processes(RUNNER, 3, environment) as running:
        for _ in range(KILLS):
            goal = Line.objects.count() + chance.randrange(20, WRITERS * EACH)
            at_once([partial(write, number) for number in range(WRITERS)])
            wait_until(lambda goal=goal: Line.objects.count() >= goal, running)  # type: ignore[misc]
            kill_one(running, chance)
            running.append(start(RUNNER, environment))
        wait_until(all_is_read, running)
        stop(running)
    everything_was_applied_once_and_in_order()


def test_a_runner_that_gets_sigterm_ends_well_and_leaves_no_row(program_environment: dict[str, str]) -> None:
    write(1, 5)
    with processes(RUNNER, 2, program_environment) as running:
        wait_until(lambda: all_registered(running) and all_is_read(), running)
        assert [row.projections for row in RunnerRow.objects.all()] == [["grand", "lines", "trails"]] * 2
        stop(running)
    assert not RunnerRow.objects.exists()
    everything_was_applied_once_and_in_order()


def test_a_runner_that_gets_sigterm_finishes_its_batch(program_environment: dict[str, str]) -> None:
    """The signal comes while the runner reads a long log: its batch is complete, and the next one continues."""
    write(1, 100)
    with processes(RUNNER, 1, program_environment) as running:
        wait_until(Line.objects.exists, running)
        stop(running)
    Runner().catch_up()
    everything_was_applied_once_and_in_order()


def test_a_stream_that_is_parked_holds_up_no_runner(program_environment: dict[str, str]) -> None:
    bad = execute(Count(TALLIES[0], UNLUCKY), "unlucky", actor="ann").position
    write(1)
    with processes(RUNNER, 2, program_environment) as running:
        wait_until(all_is_read, running)
        wait_until(lambda: Parked.objects.get().attempts > 1, running)
        stop(running)
    assert (Parked.objects.get().projection_id, Parked.objects.get().position) == ("lines", bad)
    assert Line.objects.count() == Event.objects.exclude(stream_id=TALLIES[0]).count()


@pytest.mark.postgresql
def test_slots_in_the_hands_of_a_runner_that_hangs_are_left_alone_and_taken_over_when_it_is_gone() -> None:
    write(1)
    mark = feed.advance().position
    hangs, held = threading.Event(), threading.Event()

    def hang() -> None:
        with transaction.atomic():
            list(Checkpoint.objects.select_for_update().filter(projection="lines", slot=slot_of(TALLIES[0])))
            held.set()
            hangs.wait(STOP_TIMEOUT_SECONDS)

    def work() -> int:
        held.wait(STOP_TIMEOUT_SECONDS)
        while batches.read_batch(projections["lines"], mark):
            pass
        lines = Line.objects.count()
        hangs.set()
        return lines

    others = Event.objects.exclude(stream_id__in=[t for t in TALLIES if slot_of(t) == slot_of(TALLIES[0])])
    assert at_once([hang, work])[1] == others.count()
    Runner().catch_up()
    everything_was_applied_once_and_in_order()


def test_runners_that_have_much_to_read_leave_slots_to_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    write(1)
    monkeypatch.setattr(batches, "BATCH_EVENTS", 5)
    mark = feed.advance().position
    while batches.read_batch(projections["trails"], mark, max_slots=SLOTS // 3):
        pass
    Runner().catch_up()
    everything_was_applied_once_and_in_order()


@pytest.mark.postgresql
def test_a_runner_survives_the_loss_of_its_connections(program_environment: dict[str, str]) -> None:
    with processes(RUNNER, 1, program_environment) as running:
        write(1, 3)
        wait_until(all_is_read, running)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            assert cursor.fetchone() >= (1,)
        write(2, 3)
        wait_until(all_is_read, running)
        stop(running)
    everything_was_applied_once_and_in_order()
