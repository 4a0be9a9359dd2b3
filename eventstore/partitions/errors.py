"""Why partitions could not be made, detached or attached."""

from eventstore.errors import EventStoreError


class CannotPartition(EventStoreError):
    """The partitions are not what the step needs them to be; nothing was changed by it."""
