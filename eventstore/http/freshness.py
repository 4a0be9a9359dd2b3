"""The position of the log that a read model reflects."""

from typing import NamedTuple

from django.db import router

from eventstore import feed
from eventstore.backends import in_database, log_database
from eventstore.backends.rows import Identity
from eventstore.models import Tidemark
from eventstore.projecting import position_of, wait_for
from eventstore.projecting.declaration.registry import find_subscriber

__all__ = ["Reflected", "reflected", "reflected_position"]


class Reflected(NamedTuple):
    """The position up to which a read model reflects the log, and the identity of that log."""

    position: int
    identity: Identity | None


def reflected_position(projection: str) -> int:
    """The position up to which a projection reflects every event, see `reflected`."""
    return reflected(projection).position


def reflected(projection: str) -> Reflected:
    """The position up to which a projection reflects every event; of the log itself, if the name is empty.

    It is 0 for a real-time projection that was never built. Ask for it before reading: the rows that are read
    afterwards are only ever newer. Where the router has pages read a replica, it is what that has reached. Raises
    LookupError for an unknown name.
    """
    declared, read = find_subscriber(projection) if projection else None, str(router.db_for_read(Tidemark))
    follows_log = declared is None or (not declared.delayed and wait_for(0, projection, timeout=0))
    reached = feed.advance(timeout=0) if follows_log else None
    if reached and read == log_database():
        return Reflected(reached.position, reached.identity)
    with in_database(read):
        mark = feed.mark()
        return Reflected(mark.position if declared is None or follows_log else position_of(declared), mark.identity)
