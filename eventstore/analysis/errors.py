"""Why something can't be analysed."""

from eventstore.errors import EventStoreError


class CannotAnalyse(EventStoreError):
    """The log can't be analysed so; the message says what is in the way, and what to do."""


class NotInstalled(CannotAnalyse):
    """What analysis runs on is an extra, which is not installed."""


class NoArchive(CannotAnalyse):
    """There is no archive at the address."""


class NotArchived(CannotAnalyse):
    """Too much of the log is in no archive that was named."""


class TookTooLong(CannotAnalyse):
    """The time that a session may take is over."""
