"""Errors of a rebuild, each of which leaves the live tables as they were."""

from django.db import InterfaceError, OperationalError

from eventstore.errors import EventStoreError, RetriesExhausted


class CannotShare(EventStoreError):
    """Several workers need PostgreSQL: SQLite has one writer at a time."""


class ShadowLost(EventStoreError):
    """Another process has finished or discarded this rebuild; projection_status shows the present state."""


class WorkerFailed(EventStoreError):
    """A projector raised an error in a worker process; the message is its traceback."""


class WorkerDied(EventStoreError):
    """A worker process ended by accident. Its committed work is kept: start again to go on from there."""


class MarkLost(EventStoreError):
    """Nothing in this read database counts as known at present; manage.py replicate_log --status tells why."""


# Not caused by a projector, so the shadows are good and the rebuild can be resumed.
ACCIDENTS = (InterfaceError, OperationalError, RetriesExhausted, MarkLost, ShadowLost, WorkerDied)
