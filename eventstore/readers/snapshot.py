"""A snapshot of one database, in which an answer is read whole; of a follower, once it shows what must be seen."""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Final

from django.db import Error, connections

from eventstore.backends import in_database, store
from eventstore.readers.health import breaker
from eventstore.readers.reach import has_reached
from eventstore.readers.sight import Sight

FIRST_SECONDS: Final = 2.0  # that a follower may take to say how far it has come
NEXT_SECONDS: Final = 10.0  # and for each statement after that: a server can fall silent at any time


@contextmanager
def reading(alias: str) -> Iterator[None]:
    """Within the block, the log and its read models are read from one snapshot of a database.

    Nothing is decided there: a command raises NotThePrimary if the database follows another.
    """
    with in_database(alias), store().read_snapshot():
        yield


def opened(alias: str, sight: Sight, needs: Sequence[str]) -> ExitStack | None:
    """The snapshot of a follower that shows what must be seen; None if it does not, or does not answer.

    It is asked within the snapshot: behind a pooler, or an address of several standbys, another server may answer the
    next transaction.
    """
    if not breaker.may_ask(alias):
        return None
    try:
        found = _opened_by_live_session(alias, sight, needs)
    except Error as error:
        connections[alias].close()
        breaker.failed(alias, error)
        return None
    breaker.answered(alias)
    return found


def _opened_by_live_session(alias: str, sight: Sight, needs: Sequence[str]) -> ExitStack | None:
    """A session that is kept from an earlier request may have been lost since: then a new one is made."""
    connection, began = connections[alias], time.monotonic()
    is_kept = connection.connection is not None
    try:
        return _opened(alias, sight, needs)
    except Error:
        if not is_kept or time.monotonic() - began >= FIRST_SECONDS:
            raise
        connection.close()
        return _opened(alias, sight, needs)


def _opened(alias: str, sight: Sight, needs: Sequence[str]) -> ExitStack | None:
    backend = store(connections[alias])
    with ExitStack() as snapshot:
        snapshot.enter_context(backend.answering_within(NEXT_SECONDS))
        with backend.answering_within(FIRST_SECONDS):
            snapshot.enter_context(reading(alias))
            shows = has_reached(alias, sight, needs)
        return snapshot.pop_all() if shows else None
