"""Declaring read models, their projections, and reactions."""

from eventstore.projecting.declaration.decorators import fold, reaction, rows
from eventstore.projecting.declaration.projection import Fold, Projection, Rows
from eventstore.projecting.declaration.read_models import ReadModel
from eventstore.projecting.declaration.registry import projections

__all__ = ["Fold", "Projection", "ReadModel", "Rows", "fold", "projections", "reaction", "rows"]
