"""What can go wrong with a rebuild. The live tables are as they were in each case."""

from django.db import InterfaceError, OperationalError

from eventstore.errors import EventStoreError, RetriesExhausted


class CannotShare(EventStoreError):
    """Several workers need PostgreSQL: SQLite has one writer at a time."""


class ShadowLost(EventStoreError):
    """Somebody else has finished or discarded this rebuild meanwhile; projection_status tells how things are."""


class WorkerFailed(EventStoreError):
    """What was raised in a worker process, with its traceback."""


class WorkerDied(EventStoreError):
    """A worker process came to its end by accident. What it has committed counts: start again to go on from there."""


# Not the fault of a projector, so what has been built is good.
ACCIDENTS = (InterfaceError, OperationalError, RetriesExhausted, ShadowLost, WorkerDied)
