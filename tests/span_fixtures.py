"""What is traced during a test, and nobody who observes afterwards."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from eventstore.telemetry import observe_by

if TYPE_CHECKING:
    from tests.eventstore.telemetry.spans import Spans


@pytest.fixture
def spans(settings: Settings) -> "Iterator[Spans]":
    """The spans of a test, one for each statement included. What they are made with is imported for it alone."""
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
    from opentelemetry.sdk.trace.sampling import ALWAYS_ON, ParentBased

    from eventstore.telemetry.cursors import ObservedCursor, wrap
    from eventstore.telemetry.tracing import Tracing
    from tests.eventstore.telemetry.spans import Spans

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
