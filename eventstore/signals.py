"""Signals of the log, sent inside the transaction: a receiver's writes commit, or are undone, with the events.

A receiver that raises undoes the whole command; there is no half effect. `EventstoreConfig.ready()` connects the
real-time projections to them.
"""

from typing import Any, NoReturn

from django.dispatch import Signal

from eventstore.errors import EventStoreError

__all__ = [
    "RecordSignal",
    "commands_recorded",
    "events_appended",
    "events_appending",
    "keys_rotated",
    "personal_data_printed",
]


_SEND = (
    "Records are sent inside the transaction that writes them, and a receiver that fails undoes it: call send(), or "
    "connect a receiver to the signal and leave the sending to the engine."
)


class RecordSignal(Signal):
    """A signal of records: real-time projections receive it before all other receivers, whichever connected first.

    So another receiver may execute a command of its own: its events are projected after those that caused it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.projections = Signal()

    def send(self, sender: Any, **named: Any) -> list[tuple[Any, Any]]:
        """Sends to the real-time projections, then to all others; raises what a receiver raises."""
        return [*self.projections.send(sender, **named), *super().send(sender, **named)]

    def send_robust(self, sender: Any, **named: Any) -> NoReturn:
        """Raises EventStoreError: a receiver's failure must undo the command."""
        raise EventStoreError(_SEND)

    async def asend(self, sender: Any, **named: Any) -> NoReturn:
        """Raises EventStoreError: receivers belong into the transaction, and so into the thread that records."""
        raise EventStoreError(_SEND)

    async def asend_robust(self, sender: Any, **named: Any) -> NoReturn:
        """Raises EventStoreError, for both reasons."""
        raise EventStoreError(_SEND)


# Sent before the events are written. events: list of (stored name, event), in order. A receiver answers with the
# look-ups whose rows it wants in `events_appended`, or with None if it reads no events at all.
events_appending = Signal()

# records: list[Recorded], in the order of their positions; found: the rows that were looked up, by table and key
events_appended = RecordSignal()

# records: list[CommandRecord], refused ones too
commands_recorded = RecordSignal()

# The two for a project's own security log are sent outside of transactions, after the fact.

# master: the id of the master key that now protects everything; rewrapped: the persons whose keys were encrypted anew
keys_rotated = Signal()

# name: what a command of manage.py has printed that is about persons, such as a projection; rows: how many
personal_data_printed = Signal()
