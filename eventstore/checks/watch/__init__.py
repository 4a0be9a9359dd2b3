"""The watcher reports when projections or commands stand still, why, and what to do; it only reads, and never waits.

The one thing that it writes is a file of its own beside SQLite's, which is gone at once.
"""

from eventstore.checks.watch.disk import is_disk_full
from eventstore.checks.watch.problem import Code, Limits, Problem
from eventstore.checks.watch.watch import problems

__all__ = ["Code", "Limits", "Problem", "is_disk_full", "problems"]
