"""Declaring read models, their projections, and reactions."""

from eventstore.projecting.declaration.projection import Projection, fold, projections, rows
from eventstore.projecting.declaration.reactions import reaction
from eventstore.projecting.declaration.read_models import ReadModel

__all__ = ["Projection", "ReadModel", "fold", "projections", "reaction", "rows"]
