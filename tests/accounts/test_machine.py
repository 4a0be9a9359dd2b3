"""Accounts against a plain model of them: whatever people and staff ask for, in whatever order.

The same walks each time, so that a failure is one for everybody. To go where nobody has been yet:

    EXPLORE=2000 .venv/bin/pytest tests/accounts/test_machine.py [--database=postgresql]
"""

import os

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.accounts.machine.engine import Executing
from tests.accounts.machine.rules import Deciding

EXPLORE = int(os.environ.get("EXPLORE", "0"))  # walks
WALKS = {"sqlite": 5, "postgresql": 5}


def settings_for(walks: int, steps: int) -> settings:
    return settings(
        max_examples=EXPLORE or walks,
        stateful_step_count=steps,
        derandomize=not EXPLORE,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


def test_whatever_is_asked_the_rules_say_what_the_model_says() -> None:
    run_state_machine_as_test(Deciding, settings=settings_for(80, steps=100))


@pytest.mark.django_db(transaction=True)
def test_whatever_is_asked_the_read_models_show_what_the_model_says() -> None:
    run_state_machine_as_test(Executing, settings=settings_for(WALKS[connection.vendor], steps=80))
