"""The watcher reports when projections stand still, why, and what to do; it only reads, and never waits."""

from eventstore.checks.watch.problem import Code, Limits, Problem
from eventstore.checks.watch.watch import problems

__all__ = ["Code", "Limits", "Problem", "problems"]
