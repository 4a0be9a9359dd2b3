"""The status of projections, their drift from the log, and read models as they were in the past (`as_of`)."""

from eventstore.projecting.inspect import as_of
from eventstore.projecting.inspect.drift import Drift, check, check_heads, check_sample, reflected_by
from eventstore.projecting.inspect.selection import only_stale
from eventstore.projecting.inspect.statuses import Status, status

__all__ = [
    "Drift",
    "Status",
    "as_of",
    "check",
    "check_heads",
    "check_sample",
    "only_stale",
    "reflected_by",
    "status",
]
