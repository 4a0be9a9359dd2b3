"""Signals that are sent inside the transaction: what a receiver writes commits, or is undone, with the facts.

A receiver that raises undoes the whole command; there is no half effect.
"""

from django.dispatch import Signal

# events: list[(stored name, event)], which are about to be written. A receiver may return lookups, which are done as
# soon as they are: a list of `eventstore.backends.targets.Lookup`.
events_appending = Signal()

# records: list[Recorded], in the order of their positions
# found: what was looked up: for each table, by key, the row or None
events_appended = Signal()

# records: list[CommandRecord], refused ones too
commands_recorded = Signal()
