"""Why a drill could not be done, or did not end."""

from eventstore.errors import EventStoreError


class CannotDrill(EventStoreError):
    """A drill could not be begun, or one of its steps could not be done: nothing is known about the archive."""


class DrillStopped(EventStoreError):
    """The drill was stopped before its end; its scratch database is gone."""
