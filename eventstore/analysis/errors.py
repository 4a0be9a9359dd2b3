"""Why something can't be analysed."""

from eventstore.errors import EventStoreError


class CannotAnalyse(EventStoreError):
    """The log can't be analysed so; the message says what is in the way, and what to do."""
