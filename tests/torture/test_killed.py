"""Processes that are killed in the middle of their commands leave no half effect behind."""

import subprocess
import sys
from collections import defaultdict
from uuid import UUID

import pytest

from eventstore import feed, log
from eventstore.models import Command, Event, Stream
from tests.eventstore import sample  # noqa: F401 - registers what the processes store

pytestmark = pytest.mark.django_db(transaction=True)


KILLS = 3
PROCESSES = 2


def test_after_sigkill_commands_events_and_heads_agree(program_environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "tests.torture.commander"]
    for kill in range(KILLS):
        goal = Event.objects.count() + 50
        processes = [
            subprocess.Popen([*command, str(PROCESSES * kill + number)], env=program_environment)
            for number in range(PROCESSES)
        ]
        while Event.objects.count() < goal:
            assert all(process.poll() is None for process in processes)
        for process in processes:
            process.kill()
            process.wait()
        everything_agrees()


def everything_agrees() -> None:
    feed.advance(timeout=10)
    caused = defaultdict(list)
    versions: dict[UUID, int] = {}
    for record in feed.read(0, limit=100_000):
        caused[record.command_id].append(record.position)
        assert record.version == versions.get(record.stream_id, 0) + 1
        versions[record.stream_id] = record.version
    stored = dict(Command.objects.values_list("command_id", "positions"))
    assert dict(caused) == {command_id: positions for command_id, positions in stored.items() if positions}
    assert dict(Stream.objects.values_list("stream_id", "version")) == versions
    for stream_id in versions:
        assert log.current("tally", stream_id) == log.load("tally", stream_id)[0]
