"""Appending in one statement, on the strength of what this process remembers of the stream that it wrote to last.

A memory is a guess. The caller's expected version makes it a good one, and the statement writes only if the stream
still ends with the digest that is remembered; otherwise nothing has happened, and the stream is opened and locked as
ever. So a memory that is wrong, after a restore or because another process was quicker, costs a statement, and no more.
The idea is H. T. Kung and J. T. Robinson's, who called it optimistic (ACM TODS 6:2, 1981).
"""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import Error

from eventstore.backends import store
from eventstore.backends.rows import Head
from eventstore.log import hooks
from eventstore.log.pending_events import Addition, PendingEvents
from eventstore.log.records import Recorded
from eventstore.messages import StreamKey, type_of
from eventstore.signals import events_appended

MAX_STREAMS = 10_000  # streams that are remembered
FRESH_SECONDS = 60.0  # seconds that the database's clock is known for


@dataclass(frozen=True, slots=True)
class Known:
    """A stream as this process left it, and the database's time then, by the clock of this machine."""

    head: Head
    state: Any
    now: datetime
    seen: float

    def time(self) -> datetime | None:
        """The database's time at present; None if that has not been looked at for long."""
        passed = time.monotonic() - self.seen
        return self.now + timedelta(seconds=passed) if passed < FRESH_SECONDS else None


_known: OrderedDict[UUID, Known] = OrderedDict()
_lock = threading.Lock()


def append(addition: Addition, expected_version: int) -> list[Recorded[Any]] | None:
    """Append in one statement that commits by itself; None, with nothing done, where that is not to be had."""
    known = _known.get(addition.stream.id)
    if known is None or known.head.version != expected_version or not _is_simple(addition):
        return None
    now = known.time()
    return _append(addition, known, now) if now else None


def remember(pending: PendingEvents, stream: StreamKey, state: Any, now: datetime, seen: float | None = None) -> None:
    """Keep in mind where a stream ends with events that are committed; `now` is the database's time."""
    end = pending.end_of(stream)
    if end is None:
        return
    head = Head(stream.id, stream.category, end.version, end.digest, end.recorded_at)
    with _lock:
        _known[stream.id] = Known(head, state, now, time.monotonic() if seen is None else seen)
        _known.move_to_end(stream.id)
        if len(_known) > MAX_STREAMS:
            _known.popitem(last=False)


def _is_simple(addition: Addition) -> bool:
    """Whether nothing else is written with it: by projections, by receivers, for a person's key, by the caller."""
    backend = store()
    if (
        backend.connection.in_atomic_block
        or not backend.writes_at_once
        or hooks.real_time.reads_events()
        or events_appended.has_listeners(PendingEvents)
    ):
        return False
    return bool(addition.events) and not any(type_of(event).personal for event in addition.events)


def _append(addition: Addition, known: Known, now: datetime) -> list[Recorded[Any]] | None:
    stream, pending, state = addition.stream, addition.pending(now, known.head), addition.state_after(known.state)
    try:
        records = pending.write_if(stream, known.head.digest, {stream: state})
    except Error as error:
        if not store().is_transient(error):
            raise
        return None
    if records:
        remember(pending, stream, state, known.now, known.seen)
    return records
