"""The watcher: one thread of a process looks for new events, for all listeners together.

It is woken as runners of projections are (`eventstore.projecting.runner.wakeup`), by a notification where the database
sends some, and looks some times a second besides. It raises the mark where nobody else does.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from django.db import connections

from eventstore import feed
from eventstore.backends.faults import log_error
from eventstore.backends.rows import Identity
from eventstore.live.source import Source
from eventstore.live.window import Entry, Filter
from eventstore.projecting.runner.wakeup import Poller
from eventstore.service import Stop

MAX_PAUSE_SECONDS: Final = 10.0  # after errors in a row, such as of a database that is away

logger = logging.getLogger(__name__)


class News(NamedTuple):
    """The events of a log after one position, up to and including another."""

    identity: Identity
    start: int
    entries: Sequence[Entry]
    end: int


class Watcher:
    """Reads the log as it grows, and publishes what is new, from where it was when the watcher was started."""

    def __init__(self, source: Source, publish: Callable[[News], None]) -> None:
        self._source, self._publish = source, publish
        self._seen: tuple[Identity, int] | None = None
        self._failures = 0
        self.stop = Stop()

    def start(self) -> None:
        """Begin, in a thread of its own."""
        threading.Thread(target=self._run, name="live-events", daemon=True).start()

    def _run(self) -> None:
        poller = Poller(self.stop)
        try:
            while not self.stop.is_set():
                self._look(poller)
                poller.is_fast = False  # people watch, who see no difference
                poller.wait()
        finally:
            poller.close()
            connections.close_all()

    def _look(self, poller: Poller) -> None:
        try:
            if poller.poll():
                self.read()
        except Exception as error:
            log_error(logger, "New events could not be read for live listeners; this is tried again.", error)
            poller.forget()
            connections.close_all()
            self._failures += 1
            self.stop.wait(min(MAX_PAUSE_SECONDS, 2.0 ** (self._failures - 2)))
        else:
            self._failures = 0

    def read(self) -> None:
        """Publish what is new; at first, the newest that is there."""
        mark = feed.mark()
        if mark.identity is None:  # a follower that does not know yet how far it has come
            return
        if self._seen is None or self._seen[0] != mark.identity:
            start, entries = self._source.newest(mark.identity, mark.position)
            self._tell(News(mark.identity, start, entries, mark.position))
            return
        _, position = self._seen
        while position < mark.position and not self.stop.is_set():
            page = self._source.page(mark.identity, position, mark.position, Filter())
            self._tell(News(mark.identity, position, page.entries, page.end))
            position = page.end
        self._publish(News(mark.identity, position, (), position))  # what is old is dropped

    def _tell(self, news: News) -> None:
        self._publish(news)
        self._seen = (news.identity, news.end)
