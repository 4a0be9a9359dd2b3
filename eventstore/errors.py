"""The engine's errors, each with its cause and the next step. No Django here."""

__all__ = [
    "AppendOnly",
    "BackwardsInTime",
    "CategoryConflict",
    "EventStoreError",
    "MessageError",
    "PayloadRefused",
    "RetriesExhausted",
    "UnknownMessage",
    "VersionConflict",
]

__all__ = [
    "AppendOnly",
    "BackwardsInTime",
    "CategoryConflict",
    "EventStoreError",
    "MessageError",
    "PayloadRefused",
    "RetriesExhausted",
    "UnknownMessage",
    "VersionConflict",
]


class EventStoreError(Exception):
    """The base of all errors that the engine raises on purpose."""


class MessageError(EventStoreError):
    """A message class is declared wrongly; found when the module is imported."""


class PayloadRefused(EventStoreError):
    """A message holds something that must not be stored: a float, a NUL, too many bytes."""


class UnknownMessage(EventStoreError):
    """A stored name has no class. Stored names never change: bring the class back, or add an upcaster."""


class VersionConflict(EventStoreError):
    """Somebody else appended to the stream first. Load the stream again and decide anew."""

    def __init__(self, stream: str, expected: int, actual: int) -> None:
        super().__init__(f"{stream} is at version {actual}, not at {expected}. Load it again and decide anew.")
        self.stream = stream
        self.expected = expected
        self.actual = actual


class CategoryConflict(EventStoreError):
    """A stream id is in use by another category; ids are unique over all categories."""


class AppendOnly(EventStoreError):
    """Events and commands are facts: they are never changed. Record a correction instead."""


class BackwardsInTime(EventStoreError):
    """Imported history must not be earlier than the last event that its streams hold."""


class RetriesExhausted(EventStoreError):
    """The database refused the transaction again and again; nothing was stored, so try again later."""
