"""The watcher: says when projections stand still, why, and what to do; it reads only, and waits for nobody."""

from eventstore.watching.problem import Code, Limits, Problem
from eventstore.watching.watch import problems

__all__ = ["Code", "Limits", "Problem", "problems"]
