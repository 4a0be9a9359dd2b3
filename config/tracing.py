"""Where traces go: to a collector that speaks OTLP over HTTP, as OpenTelemetry's own variables say (OTEL_…)."""

import logging
import os
from multiprocessing.util import Finalize

from django.conf import settings

NAME = "tidemark"
RATIO = 0.1  # of the traces that begin here is recorded, unless OTEL_TRACES_SAMPLER says otherwise

logger = logging.getLogger(__name__)


def set_up() -> None:
    """Send spans, if tracing is on, from a thread of its own; what can't be sent delays nobody, and is dropped."""
    if not settings.EVENTSTORE_TRACING:
        return
    try:
        from opentelemetry import trace  # noqa: PLC0415 - extras
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - likewise
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - likewise
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - likewise
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 - likewise
        from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio  # noqa: PLC0415 - likewise
    except ImportError as error:
        logger.warning("No trace is sent, as a package is missing (requirements-extras.txt): %s", error)
        return
    named = {} if "OTEL_SERVICE_NAME" in os.environ else {"service.name": NAME}
    sampler = None if "OTEL_TRACES_SAMPLER" in os.environ else ParentBasedTraceIdRatio(RATIO)
    provider = TracerProvider(sampler, Resource.create(named), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    Finalize(None, provider.shutdown, exitpriority=1)  # also at the end of the server's workers, which run no atexit
