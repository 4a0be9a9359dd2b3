"""Reads from the database that holds the log; a copy of it may be behind."""

from typing import TypeVar

from django.db.models import Model, QuerySet

from eventstore.backends import log_database
from eventstore.models import Projection
from eventstore.projecting import projections

M = TypeVar("M", bound=Model)


def primary_rows(model: type[M]) -> "QuerySet[M]":
    """All rows of a model, read where commands decide."""
    return model._default_manager.using(log_database())


def stale(*names: str) -> list[str]:
    """Those of the named projections that wait for a rebuild, as another version of their projector made the rows."""
    built = dict(primary_rows(Projection).filter(is_live=True).values_list("name", "version"))
    return [name for name in names if built.get(name) != projections[name].version]
