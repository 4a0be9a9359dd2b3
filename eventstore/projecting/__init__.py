"""Projections: read models that are folded from events by pure functions, and can be built anew at any time.

Reactions are given events in the same way, and answer with commands.

Further public modules: `inspect` (status, drift), `rebuild`, `parking`, `runner`.
"""

from eventstore.projecting.declaration import Fold, Projection, ReadModel, Rows, fold, projections, reaction, rows
from eventstore.projecting.inspect import as_of
from eventstore.projecting.runner import position_of, wait_for

__all__ = [
    "Fold",
    "Projection",
    "ReadModel",
    "Rows",
    "as_of",
    "fold",
    "position_of",
    "projections",
    "reaction",
    "rows",
    "wait_for",
]
