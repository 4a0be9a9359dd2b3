"""Why an archive can't be written, or restored."""

from eventstore.errors import EventStoreError


class CannotArchive(EventStoreError):
    """The log can't be archived here; what is in the archive stays as it was."""


class CannotRestore(EventStoreError):
    """The archive can't be restored here; the message says what is in the way."""


class ArchiveDamaged(CannotRestore):
    """What lies in the archive is not what was written: something is missing, was changed, or does not fit together."""
