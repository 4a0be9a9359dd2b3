"""The tables that a read database gets from the primary, and those that each database has for itself."""

from collections.abc import Sequence
from typing import Final

from django.db.models import Model

from eventstore import models

# Rows are only ever added to these. Of what somebody changes there in spite of the guards, the copy learns nothing.
FACTS: Final[Sequence[type[Model]]] = (models.Event, models.Command, models.Epoch, models.TreeHead)

STATE: Final[Sequence[type[Model]]] = (
    models.Stream,
    models.Tidemark,
    models.SubjectKey,
    models.SiteKey,
    models.Tile,
)

# Progress, checks and places of one database.
LOCAL: Final[Sequence[type[Model]]] = (
    models.Projection,
    models.Shadow,
    models.ShadowPart,
    models.Checkpoint,
    models.Parked,
    models.Runner,
    models.Cluster,
    models.Verification,
    models.Drill,
    models.Restoration,
    models.Follower,
)

LOG: Final = (*FACTS, *STATE)


def names(tables: Sequence[type[Model]]) -> list[str]:
    """The names of the tables of models."""
    return [model._meta.db_table for model in tables]
