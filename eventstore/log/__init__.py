"""The event log: append with an expected version, close a stream's past, read a stream, fold it into state."""

from eventstore import decider
from eventstore.backends import in_database, log_database
from eventstore.backends.rows import Head
from eventstore.log import streams
from eventstore.log.close import close_until
from eventstore.log.cursors import cursor, cursor_of_command, position_in, with_one_identity
from eventstore.log.database import now, primary_rows, snapshot
from eventstore.log.held import must_hold_command, must_hold_event
from eventstore.log.records import CommandRecord, Receipt, Recorded
from eventstore.log.streams import append, current, load, read_stream, read_streams, state_of

__all__ = [
    "CommandRecord",
    "Head",
    "Receipt",
    "Recorded",
    "append",
    "close_until",
    "current",
    "cursor",
    "cursor_of_command",
    "in_database",
    "load",
    "log_database",
    "must_hold_command",
    "must_hold_event",
    "now",
    "position_in",
    "primary_rows",
    "read_stream",
    "read_streams",
    "snapshot",
    "state_of",
    "with_one_identity",
]

decider.read_states_with(streams)
