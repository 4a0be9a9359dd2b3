"""Reactions under fire: runners that share them, runners that are killed, events that are delivered again."""

import random
import threading
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from uuid import UUID, uuid4

import pytest
from django.db import connection

from eventstore import feed, log
from eventstore.execute import execute
from eventstore.models import Checkpoint, Command, Event
from eventstore.projecting import installation
from eventstore.projecting.runner.runner import Runner
from tests.eventstore import sample_reactions
from tests.eventstore.sample import Count
from tests.eventstore.sample_reactions import echo_of
from tests.torture.kills import kill_one, processes, start, wait_until
from tests.torture.test_commands_in_parallel import wait_until_a_session_is_blocked
from tests.torture.test_feed_never_skips import another_transaction
from tests.torture.threads import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("echoing")]

TALLIES = [UUID(int=number) for number in range(1, 17)]
KILLS, BURST = 4, 60
REACTOR = "tests.torture.reactor"


@pytest.fixture
def echoing(sample: None) -> None:
    sample_reactions.declare()
    installation.install(using="default")


def write(number: int) -> None:
    """Amounts differ, so that order and doubles show; no tally reaches its limit."""
    execute(Count(TALLIES[number % len(TALLIES)], 1 + number % 5), f"write {number}", actor="writer")


def catch_up() -> None:
    try:
        Runner(["echoes"]).catch_up()
    finally:
        connection.close()


def people(first: int) -> None:
    for number in range(first, first + 30):
        execute(Count(echo_of(TALLIES[-number % len(TALLIES)]), 1), uuid4(), actor="people")


def reacted() -> int:
    return Command.objects.filter(actor="process:echoes").count()


def every_event_has_its_echo() -> None:
    """Assert that every event has one echo, in the order of its stream."""
    amounts: dict[UUID, list[int]] = defaultdict(list)
    for event in Event.objects.filter(category="tally").order_by("position"):
        amounts[event.stream_id].append(event.data["amount"])
    for tally_id in TALLIES:
        assert amounts[echo_of(tally_id)] == amounts[tally_id]
    assert reacted() == Event.objects.filter(metadata__actor="writer").count()


def test_runners_that_are_killed_neither_lose_nor_double_anything(program_environment: dict[str, str]) -> None:
    chance = random.Random(KILLS)
    with processes(REACTOR, 2, program_environment) as running:
        for kill in range(KILLS):
            goal = reacted() + chance.randrange(5, BURST)
            for number in range(kill * BURST, (kill + 1) * BURST):
                write(number)
            wait_until(lambda goal=goal: reacted() >= goal, running)  # type: ignore[misc]
            kill_one(running, chance)
            running.append(start(REACTOR, program_environment))
        wait_until(lambda: reacted() == KILLS * BURST, running)
    every_event_has_its_echo()


def test_events_that_are_delivered_again_have_no_second_effect() -> None:
    for number in range(BURST):
        write(number)
    catch_up()
    Checkpoint.objects.filter(projection="echoes").update(position=0)
    at_once([catch_up] * 4)
    catch_up()
    every_event_has_its_echo()


def test_runners_and_people_who_write_to_the_same_streams_never_deadlock() -> None:
    """A tally that is echoed on the one side is written to on the other, in another order."""

    for number in range(BURST):
        write(number)
    tasks: list[Callable[[], None]] = [partial(people, 0), partial(people, 30), catch_up, catch_up]
    at_once(tasks)
    catch_up()
    echoes = {tally_id: log.load("tally", echo_of(tally_id))[0].total for tally_id in TALLIES}
    tallies = {tally_id: log.load("tally", tally_id)[0].total for tally_id in TALLIES}
    assert sum(echoes.values()) == sum(tallies.values()) + 60


@pytest.mark.postgresql
def test_a_reaction_that_waits_for_a_stream_does_not_hold_the_mark() -> None:
    """All its streams are locked before the first position is drawn."""
    for tally_id in (TALLIES[0], TALLIES[1]):
        execute(Count(echo_of(tally_id), 1), uuid4(), actor="people")
        execute(Count(tally_id, 1), uuid4(), actor="writer")
    with another_transaction() as other:
        other.execute("SELECT FROM eventstore_stream WHERE stream_id = %s FOR UPDATE", [echo_of(TALLIES[1])])
        waiting = threading.Thread(target=catch_up)
        waiting.start()
        wait_until_a_session_is_blocked()
        assert not feed.blocking()
        other.rollback()
        waiting.join()
    assert reacted() == 2
