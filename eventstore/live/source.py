"""Reading the log for listeners: a page at a time, from a follower if one has come far enough."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from eventstore import readers
from eventstore.backends.rows import Identity, StoredEvent
from eventstore.errors import RangeDetached
from eventstore.feed import stored, stored_in
from eventstore.live.frames import event_frame
from eventstore.live.window import Entry, Filter
from eventstore.log import codec
from eventstore.log.cursor_text import Cursor
from eventstore.log.cursors import telling
from eventstore.log.records import Recorded
from eventstore.readers import NOTHING

PAGE: Final = 200  # events that are read at a time

Render = Callable[[Recorded[Any]], bytes]


class Page(NamedTuple):
    """Events that are wanted, and the position up to which there are no others."""

    entries: list[Entry]
    end: int

    @property
    def frames(self) -> bytes:
        """The events as they are sent."""
        return b"".join(entry.frame for entry in self.entries)


class Source:
    """The log as listeners see it: each event as `render` writes it, a line of text."""

    def __init__(self, render: Render) -> None:
        self._render = render

    def page(self, identity: Identity, after: int, to: int, wanted: Filter) -> Page:
        """The next events up to a position below the mark; raises RangeDetached where an archive alone has them."""
        return readers.answer(lambda: self.page_here(identity, after, to, wanted), NOTHING.up_to(to))

    def page_here(self, identity: Identity, after: int, to: int, wanted: Filter) -> Page:
        """The same from the database that was chosen before."""
        rows = _rows(after, to, wanted)
        with telling(identity):
            found = [self._entry(event, identity) for event in codec.recorded(rows)]
        entries = [entry for entry in found if wanted.takes(entry)]
        return Page(entries, rows[-1].position if len(rows) == PAGE else max(after, to))

    def newest(self, identity: Identity, to: int) -> tuple[int, list[Entry]]:
        """The last events up to a position, as many as a page has, and the position after which they are whole."""
        start = max(0, to - PAGE)
        try:
            return start, self.page(identity, start, to, Filter()).entries
        except RangeDetached:
            return to, []

    def _entry(self, event: Recorded[Any], identity: Identity) -> Entry:
        frame = event_frame(Cursor(identity, event.position).text, self._render(event))
        return Entry(event.position, event.type, event.stream_id, frame)


def _rows(after: int, to: int, wanted: Filter) -> list[StoredEvent]:
    if wanted.stream_id is not None:
        return stored_in(wanted.stream_id, after, to, limit=PAGE)
    return [] if wanted.types == frozenset() else stored(after, to, limit=PAGE, types=wanted.types)
