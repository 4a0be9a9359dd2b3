"""Optimistic appends: one statement that relies on this process remembering how a stream ended.

The remembered end may be out of date. The caller's expected version makes that unlikely, and the statement writes only
if the stream still ends with the remembered digest; otherwise nothing has happened, and the stream is opened and locked
as usual. So a wrong memory, after a restore or because another process was quicker, costs one statement, and no more.
The idea is H. T. Kung and J. T. Robinson's, who called it optimistic (ACM TODS 6:2, 1981).
"""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import Error

from eventstore.backends import log_database, store
from eventstore.backends.rows import Head
from eventstore.log.pending_events import Addition, PendingEvents
from eventstore.log.records import Recorded
from eventstore.messages import StreamKey, events, type_of
from eventstore.signals import events_appended, events_appending

MAX_STREAMS = 10_000  # streams that are remembered
FRESH_SECONDS = 60.0  # seconds for which a reading of the database's clock is used


@dataclass(frozen=True, slots=True)
class RememberedEnd:
    """A stream's end as this process wrote it; the database, its time and this machine's monotonic time then."""

    head: Head
    state: Any
    now: datetime
    seen: float
    database: str = field(default_factory=log_database)

    def time(self) -> datetime | None:
        """The database's time at present; None if its clock was read too long ago."""
        passed = time.monotonic() - self.seen
        return self.now + timedelta(seconds=passed) if passed < FRESH_SECONDS else None


_known: OrderedDict[UUID, RememberedEnd] = OrderedDict()
_lock = threading.Lock()


def append(addition: Addition, expected_version: int) -> list[Recorded[Any]] | None:
    """Append in one statement that commits by itself; None, with nothing done, where that is not possible."""
    known = _known.get(addition.stream.id)
    if (
        known is None
        or known.database != log_database()
        or known.head.version != expected_version
        or not _is_simple(addition)
    ):
        return None
    now = known.time()
    return _append(addition, known, now) if now else None


def remember(pending: PendingEvents, stream: StreamKey, state: Any, now: datetime, seen: float | None = None) -> None:
    """Remember the end of a stream whose events are committed; `now` is the database's time.

    Not if its events may hold personal data: what is erased in the database would live on in this memory.
    """
    end = pending.end_of(stream)
    if end is None or any(kind.personal for kind in events.values() if kind.category == stream.category):
        return
    head = Head(stream.id, stream.category, end.version, end.digest, end.recorded_at)
    seen = time.monotonic() if seen is None else seen
    with _lock:
        _known[stream.id] = RememberedEnd(head, state, now, seen)
        _known.move_to_end(stream.id)
        if len(_known) > MAX_STREAMS:
            _known.popitem(last=False)


def _is_simple(addition: Addition) -> bool:
    """Whether nothing else is written with it: by projections, by receivers, for a person's key, by the caller."""
    backend = store()
    if (
        backend.connection.in_atomic_block
        or not backend.writes_at_once
        or events_appended.has_listeners(PendingEvents)
        or any(lookups is not None for _, lookups in events_appending.send(sender=PendingEvents, events=[]))
    ):
        return False
    return bool(addition.events) and not any(type_of(event).personal for event in addition.events)


def _append(addition: Addition, known: RememberedEnd, now: datetime) -> list[Recorded[Any]] | None:
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
