"""The watcher: says when projections stand still, why, and what to do; it reads only, and waits for nobody."""

from eventstore.checks.watch.problem import Code, Limits, Problem
from eventstore.checks.watch.watch import problems

__all__ = ["Code", "Limits", "Problem", "problems"]
