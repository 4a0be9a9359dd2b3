"""Projections: read models that are folded from events by pure functions, and can be built anew at any time."""

from eventstore.projecting.declaration import ReadModel, fold, rows
from eventstore.projecting.runner import wait_for

__all__ = ["ReadModel", "fold", "rows", "wait_for"]
