"""The engine against a plain model of it: any command, in any order, with a crash at any point.

The same walks each time, so that a failure is the same on every machine. For new walks:

    EXPLORE=2000 .venv/bin/pytest tests/eventstore/test_machine.py [--database=postgresql]
"""

import logging
import os

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from eventstore import feed
from eventstore.projecting import rebuild, replay
from eventstore.projecting.runner import batches
from tests.eventstore.machine.commands import CommandRules
from tests.eventstore.machine.crashes import CrashRules
from tests.eventstore.machine.reads import ReadRules
from tests.eventstore.machine.second_writer import SecondWriterRules

EXPLORE = int(os.environ.get("EXPLORE", "0"))  # walks
WALKS = {"sqlite": 20, "postgresql": 15}


class Machine(CommandRules, CrashRules, ReadRules, SecondWriterRules):
    """All rules in one machine."""


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """So that a few events are several batches and pages; that streams are parked is nothing to be warned of here."""
    monkeypatch.setattr(batches, "BATCH_EVENTS", 5)
    monkeypatch.setattr(feed, "PAGE", 7)
    monkeypatch.setattr(replay, "PAGE", 7)
    monkeypatch.setattr(rebuild, "MAX_RECORDS_LEFT", 3)
    caplog.set_level(logging.CRITICAL, logger="eventstore")


@pytest.mark.usefixtures("transactional_db", "sample", "small_steps")
def test_whatever_happens_the_engine_is_where_the_model_is() -> None:
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=EXPLORE or WALKS[connection.vendor],
            stateful_step_count=50,
            derandomize=not EXPLORE,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
