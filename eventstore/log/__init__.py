"""The event log: append with an expected version, read one stream, fold it into state."""

from eventstore.log.records import CommandRecord, Recorded
from eventstore.log.streams import append, current, load, read_stream

__all__ = ["CommandRecord", "Recorded", "append", "current", "load", "read_stream"]
