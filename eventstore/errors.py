"""The engine's errors, each with its cause and the next step. No Django here."""

__all__ = [
    "AppendOnly",
    "ArgumentRefused",
    "BackwardsInTime",
    "CategoryConflict",
    "DeliveryRefused",
    "ErasureListUnavailable",
    "EventStoreError",
    "KeysUnavailable",
    "MessageError",
    "NotThePrimary",
    "PayloadRefused",
    "RangeDetached",
    "RestoreUnfinished",
    "RetriesExhausted",
    "TargetUnavailable",
    "TransactionRefused",
    "UnknownMessage",
    "VersionConflict",
]


class EventStoreError(Exception):
    """The base of all errors that the engine raises on purpose."""


class KeysUnavailable(EventStoreError):
    """The site's keys can't be opened by the master keys that this process was given, so it must not write."""


class ErasureListUnavailable(EventStoreError):
    """The list of who was erased can't be reached, so nobody may be erased: a restore would bring them back."""


class NotThePrimary(EventStoreError):
    """The database follows another one, so nothing is decided or written here. Ask the one that it follows."""

    def __str__(self) -> str:
        return super().__str__() or " ".join((self.__doc__ or "").split())


class RestoreUnfinished(EventStoreError):
    """A restore was begun in this database and did not end: what is there is a part of a log, not to be served."""

    def __init__(self, source: str, began: str) -> None:
        super().__init__(
            f"The restore of {source} that began here on {began} UTC has not ended, so this is a part of a log, and "
            "nothing may serve it. Wait for its end; or, if it was killed, start it again with the same options: "
            f"manage.py restore {source}"
        )


class RangeDetached(EventStoreError):
    """What is asked for was moved into an archive, and no longer lies in the database."""

    def __init__(self, store: str, first: int, last: int, archive: str) -> None:
        column = "numbers" if store == "commands" else "positions"
        super().__init__(
            f"The {store} of {column} {first} to {last} were detached. They lie in the archive "
            f"{archive or '(manage.py partitions names it)'}: read them there, or bring them back with "
            f"manage.py partitions --attach-from {first}{' --commands' if store == 'commands' else ''}"
        )
        self.store = store
        self.first = first
        self.last = last
        self.archive = archive


class TargetUnavailable(EventStoreError):
    """The system that events are delivered to is away or overloaded: all of them wait, and none is at fault."""


class DeliveryRefused(EventStoreError):
    """The system that events are delivered to does not take this event; others it may take."""


class MessageError(EventStoreError):
    """A message, a decider or a projection is declared wrongly, or a rule gives what it must not give."""


class ArgumentRefused(EventStoreError, ValueError):
    """An argument of a call can't be what its caller means, or can't be stored; nothing was done."""


class PayloadRefused(EventStoreError):
    """A message holds something that must not be stored: a float, a NUL, too many bytes."""


class UnknownMessage(EventStoreError):
    """A stored name has no class. Stored names never change: import the module of the class, or declare one again."""


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
    """Imported history must not be earlier than the last event, nor lie in the closed time of a stream."""


class RetriesExhausted(EventStoreError):
    """The database refused the transaction again and again; nothing was stored, so try again later."""


class TransactionRefused(RetriesExhausted):
    """The database refused a command within a transaction of the caller's, which can't be tried again from inside."""
