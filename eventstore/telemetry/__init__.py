"""What the engine does, for those who watch it: traces by OpenTelemetry, metrics for Prometheus, ids in the log.

Nothing of it is imported, or costs anything, unless a setting asks for it: EVENTSTORE_TRACING and METRICS_LISTEN. See
docs/observability.md.
"""

from eventstore.telemetry.hooks import Observer, log_ids, observe_by, observers
from eventstore.telemetry.traceparent import TraceParent, parsed

__all__ = ["Observer", "TraceParent", "log_ids", "observe_by", "observers", "parsed"]
