"""The position of the log that a read model reflects."""

from eventstore import feed
from eventstore.projecting import position_of, projections

__all__ = ["reflected_position"]


def reflected_position(projection: str) -> int:
    """The position up to which a projection reflects every event; of the log itself, if the name is empty.

    Ask for it before reading: the rows that are read afterwards are only ever newer.
    """
    declared = projections[projection] if projection else None
    return position_of(declared) if declared and declared.delayed else feed.advance(timeout=0).position
