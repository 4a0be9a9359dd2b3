"""The window: the newest events as they are sent, shared by all listeners of a process. Pure.

Who has seen all of the log before the window takes the rest from here, at a pace of their own; so listeners need no
buffers. Who is further behind reads the log. An event stays for some seconds only: it may quote a person, who may be
erased meanwhile.
"""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Final, NamedTuple
from uuid import UUID

from eventstore.backends.rows import Identity

MAX_EVENTS: Final = 1_000
MAX_BYTES: Final = 4_194_304
KEPT_SECONDS: Final = 10.0


class Entry(NamedTuple):
    """An event, ready to be sent, and what filters ask of it."""

    position: int
    type: str
    stream_id: UUID
    frame: bytes


class Filter(NamedTuple):
    """The events that a listener wants: of these types, and of one stream; by default, all of them."""

    types: frozenset[str] | None = None
    stream_id: UUID | None = None

    def takes(self, entry: Entry) -> bool:
        """Whether it lets an event pass."""
        return (self.types is None or entry.type in self.types) and self.stream_id in {None, entry.stream_id}


class Window:
    """All events of one log after `start`, up to and including `end`."""

    def __init__(self, identity: Identity, start: int) -> None:
        self.identity = identity
        self.start = self.end = start
        self._entries: list[Entry] = []
        self._came_at: list[float] = []  # seconds, of each entry

    def add(self, entries: Sequence[Entry], end: int, now: float) -> None:
        """Add the events that come next, up to a position, and drop those that were here for long enough."""
        self._entries += entries
        self._came_at += [now] * len(entries)
        self.end = end
        self._drop(now)

    def after(self, position: int, wanted: Filter) -> list[Entry]:
        """The events after a position, which is no lower than `start`."""
        first = bisect_right(self._entries, position, key=lambda entry: entry.position)
        return [entry for entry in self._entries[first:] if wanted.takes(entry)]

    def _drop(self, now: float) -> None:
        count = bisect_right(self._came_at, now - KEPT_SECONDS)
        count = max(count, len(self._entries) - MAX_EVENTS)
        size = sum(len(entry.frame) for entry in self._entries[count:])
        while size > MAX_BYTES:
            size -= len(self._entries[count].frame)
            count += 1
        if count:
            self.start = self._entries[count - 1].position
            del self._entries[:count], self._came_at[:count]
