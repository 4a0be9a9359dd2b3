"""The site's side of it: settings, lines of the log, and where traces go."""

import json
import logging
import os
import sys
from uuid import UUID

import pytest
from opentelemetry.sdk.trace import TracerProvider
from pytest_django.fixtures import Settings

from config import logs, tracing
from config.management.commands.serve import helpers
from eventstore.execute import CommandRequest
from eventstore.telemetry import hooks
from tests.config.test_settings import GOOD, read_settings
from tests.eventstore.sample import Count
from tests.eventstore.telemetry.spans import Spans, context_of

pytestmark = pytest.mark.once("nothing is asked of a database")

NAMES = ("EVENTSTORE_TRACING", "METRICS_LISTEN", "METRICS_TOKEN", "METRICS_BACKUP_FILE")


def line() -> dict[str, str]:
    """What the log tells as JSON."""
    record = logging.LogRecord("accounts", logging.WARNING, __file__, 1, "Something happened.", None, None)
    found: dict[str, str] = json.loads(logs.formatter("json").format(record))
    return found


def test_all_of_it_is_off_by_default() -> None:
    asked = ", ".join(f"settings.{name}" for name in NAMES)
    assert read_settings(asked, **GOOD).stdout == "False   \n"


def test_serve_starts_the_exporter_where_it_is_asked_for(settings: Settings) -> None:
    assert "metrics" not in helpers()
    settings.METRICS_LISTEN = "127.0.0.1:9464"
    assert helpers()["metrics"][-1] == "metrics"


def test_a_line_tells_of_command_and_trace(spans: Spans) -> None:
    request = CommandRequest(command=Count(UUID(int=1), 1), key="a", actor="ann")
    (observer,) = hooks.observers()
    with observer._span("around", {}):  # type: ignore[attr-defined]
        told = hooks.about(request, line)
    assert told["command"] == "tally.count"
    assert told["command_id"] == told["correlation_id"] == str(request.command_id)
    assert told["trace_id"] == f"{context_of(spans.one('around')).trace_id:032x}"
    assert not {"command", "command_id", "trace_id"} & line().keys()


def test_nothing_is_set_up_without_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry", None)  # whoever imports it fails
    tracing.set_up()


def test_without_the_packages_the_site_starts_and_says_so(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EVENTSTORE_TRACING = True
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    tracing.set_up()
    (record,) = caplog.records
    assert "No trace is sent, as a package is missing" in record.getMessage()


@pytest.mark.parametrize(("variables", "sampler"), [({}, "0.1"), ({"OTEL_TRACES_SAMPLER": "always_off"}, "AlwaysOff")])
def test_one_trace_in_ten_is_recorded_unless_said_otherwise(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], sampler: str
) -> None:
    settings.EVENTSTORE_TRACING = True
    made: list[TracerProvider] = []
    monkeypatch.setattr("opentelemetry.trace.set_tracer_provider", made.append)
    monkeypatch.setattr(tracing, "Finalize", lambda *_, **__: None)
    monkeypatch.setattr(os, "environ", {**os.environ, **variables})
    tracing.set_up()
    (provider,) = made
    assert sampler in provider.sampler.get_description()
    assert provider.resource.attributes["service.name"] == "tidemark"
    provider.shutdown()
