"""Checks of the rows of projections: pages would show what is missing, or out of date, as if it were all there is."""

from collections.abc import Iterator

from django.core import checks
from django.core.checks import CheckMessage
from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore import models
from eventstore.log.database import primary_rows
from eventstore.projecting.declaration.registry import projections

REMEDY = "Run manage.py rebuild_projections --stale; pages go on meanwhile."


def not_built(connection: BaseDatabaseWrapper) -> Iterator[CheckMessage]:
    """Warnings for projections that are new on an old log, or whose projector has changed."""
    stored = primary_rows(models.Projection).using(connection.alias).filter(name__in=projections)
    found = {name: (version, is_live) for name, version, is_live in stored.values_list("name", "version", "is_live")}
    for name, projection in sorted(projections.items()):
        version, is_live = found.get(name, (None, False))
        if not is_live:
            yield checks.Warning(
                f"The projection {name} is new on an old log, and its rows were never built: its table is empty.",
                hint=REMEDY,
                id="eventstore.W041",
            )
        elif version != projection.version:
            yield checks.Warning(
                f"The rows of the projection {name} were made by version {version} of its projector, and this code is "
                f"version {projection.version}.",
                hint=REMEDY,
                id="eventstore.W042",
            )
