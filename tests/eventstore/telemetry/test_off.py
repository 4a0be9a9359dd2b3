"""Without the settings nothing of it is imported, and a command passes a handful of hooks that do nothing."""

import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import MiddlewareNotUsed
from django.db import connection
from django.http import HttpResponse

import eventstore.telemetry
from eventstore.execute import execute
from eventstore.models import Event
from eventstore.telemetry import observers
from eventstore.telemetry.middleware import ObservedRequests
from tests.eventstore.sample import Count

FOLDER = str(Path(eventstore.telemetry.__file__).parent)
PACKAGES = ("opentelemetry", "prometheus_client", "google.protobuf")


@pytest.mark.once("nothing is asked of a database")
def test_nothing_is_imported() -> None:
    code = (
        "import django, sys; django.setup(); import eventstore.execute, eventstore.relay; "
        f"print([name for name in sys.modules if name.startswith({PACKAGES!r})], "
        "sorted(name for name in sys.modules if name.startswith('eventstore.telemetry.')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"DJANGO_SETTINGS_MODULE": "tests.eventstore.settings", "PYTHONPATH": str(Path(FOLDER).parents[1])},
        capture_output=True,
        text=True,
        check=True,
    )
    imported, own = done.stdout.strip().split("] ", 1)
    assert imported == "["
    assert not {"tracing", "counting", "figures", "exporter"} & {
        name.strip("'[], ").rpartition(".")[2] for name in own.split()
    }


@pytest.mark.django_db
@pytest.mark.usefixtures("sample")
def test_a_command_passes_a_handful_of_hooks() -> None:
    """A count, as seconds differ between machines: what is added to a command's path is seen here."""
    execute(Count(UUID(int=1), 1), uuid4(), actor="ann")  # what is done once for each process
    called = Counter[str]()

    def note(frame: FrameType, event: str, _argument: Any) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(FOLDER):
            called[f"{Path(frame.f_code.co_filename).stem}.{frame.f_code.co_name}"] += 1

    sys.setprofile(note)
    try:
        execute(Count(UUID(int=1), 1), uuid4(), actor="ann")
    finally:
        sys.setprofile(None)
    statements = called.pop("hooks.statements")
    assert statements <= 12, "one for each statement that goes to the driver"
    assert called == {
        "hooks.command": 1,
        "hooks.about": 1,
        "hooks.traceparent": 1,
        "hooks.appended": 1,
        "hooks.projected": 2,  # of events, and of commands
    }


@pytest.mark.django_db
@pytest.mark.usefixtures("sample")
def test_no_statement_is_wrapped_and_no_event_grows() -> None:
    execute(Count(UUID(int=1), 1), uuid4(), actor="ann")
    assert observers() == ()
    assert [type(wrapper).__name__ for wrapper in connection.execute_wrappers] == []
    assert set(Event.objects.latest("position").metadata) == {"actor", "command_id", "correlation_id"}


@pytest.mark.once("nothing is asked of a database")
def test_django_leaves_the_middleware_out() -> None:
    with pytest.raises(MiddlewareNotUsed):
        ObservedRequests(lambda _: HttpResponse())
