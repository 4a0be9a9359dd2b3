"""Projections: read models that are folded from events by pure functions, and can be built anew at any time.

And reactions, which are given events in the same way, and answer with commands.
"""

from eventstore.projecting.declaration import ReadModel, fold, rows
from eventstore.projecting.reacting import reaction
from eventstore.projecting.runner import wait_for

__all__ = ["ReadModel", "fold", "reaction", "rows", "wait_for"]
