"""Reads from the database that holds the log; a copy of it may be behind."""

from eventstore.log import primary_rows
from eventstore.models import Projection
from eventstore.projecting import projections


def stale_projections(*names: str) -> list[str]:
    """Those of the named projections that wait for a rebuild, as another version of their projector made the rows."""
    built = dict(primary_rows(Projection).filter(is_live=True).values_list("name", "version"))
    return [name for name in names if built.get(name) != projections[name].version]
