"""Observers that tests can look at, and nobody who observes afterwards."""

from collections.abc import Iterator

import pytest
from django.db import connection
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, ParentBased
from pytest_django.fixtures import Settings

from eventstore.telemetry import observe_by
from eventstore.telemetry.cursors import ObservedCursor, wrap
from eventstore.telemetry.tracing import Tracing
from tests.eventstore.telemetry.spans import Spans


@pytest.fixture
def spans(settings: Settings) -> Iterator[Spans]:
    """What is traced during a test, each statement included."""
    settings.EVENTSTORE_TRACE_SLOW = 0
    kept = InMemorySpanExporter()
    provider = TracerProvider(sampler=ParentBased(ALWAYS_ON), shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(kept))
    observe_by(Tracing(provider))
    wrap(connection)
    yield Spans(kept)
    observe_by()
    connection.execute_wrappers[:] = [
        each for each in connection.execute_wrappers if not isinstance(each, ObservedCursor)
    ]
