"""Stale projections, read from the database that holds the log: a copy of it may be behind."""

from eventstore.log import primary_rows
from eventstore.models import Projection
from eventstore.projecting import projections


def stale_projections(*names: str) -> list[str]:
    """The stale ones of the named projections, which wait for a rebuild: an older projector made their rows."""
    built = dict(primary_rows(Projection).filter(is_live=True).values_list("name", "version"))
    return [name for name in names if built.get(name) != projections[name].version]
