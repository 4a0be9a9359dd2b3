"""The event log: append with an expected version, read one stream, fold it into state."""

from eventstore import decider
from eventstore.backends import log_database
from eventstore.backends.rows import Head
from eventstore.log import streams
from eventstore.log.database import now, primary_rows, snapshot
from eventstore.log.records import CommandRecord, Receipt, Recorded
from eventstore.log.streams import append, current, load, read_stream, read_streams, state_of

__all__ = [
    "CommandRecord",
    "Head",
    "Receipt",
    "Recorded",
    "append",
    "current",
    "load",
    "log_database",
    "now",
    "primary_rows",
    "read_stream",
    "read_streams",
    "snapshot",
    "state_of",
]

decider.read_states_with(streams)
