"""Projections: read models that are folded from events by pure functions, and can be built anew at any time.

And reactions, which are given events in the same way, and answer with commands.
"""

from eventstore.projecting.declaration import ReadModel, fold, reaction, rows
from eventstore.projecting.declaration.registry import projections
from eventstore.projecting.inspect import as_of
from eventstore.projecting.runner.runner import wait_for

__all__ = ["ReadModel", "as_of", "fold", "projections", "reaction", "rows", "wait_for"]
