"""Signals of the log, sent inside the transaction: a receiver's writes commit, or are undone, with the events.

A receiver that raises undoes the whole command; there is no half effect. `EventstoreConfig.ready()` connects the
real-time projections to them.
"""

from typing import Any

from django.dispatch import Signal

__all__ = ["RecordSignal", "commands_recorded", "events_appended", "events_appending"]


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


# Sent before the events are written. events: list of (stored name, event), in order. A receiver answers with the
# look-ups whose rows it wants in `events_appended`, or with None if it reads no events at all.
events_appending = Signal()

# records: list[Recorded], in the order of their positions; found: the rows that were looked up, by table and key
events_appended = RecordSignal()

# records: list[CommandRecord], refused ones too
commands_recorded = RecordSignal()
