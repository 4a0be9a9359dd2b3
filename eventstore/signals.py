"""Signals that are sent inside the transaction: what a receiver writes commits, or is undone, with the facts.

A receiver that raises undoes the whole command; there is no half effect.
"""

from django.dispatch import Signal

__all__ = ["commands_recorded", "events_appended"]

# records: list[Recorded], in the order of their positions
events_appended = Signal()

# records: list[CommandRecord], refused ones too
commands_recorded = Signal()
