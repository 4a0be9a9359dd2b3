"""When an idle runner looks at the log again, so that what is committed is read within milliseconds.

One runner watches closely: it looks at the sequences every few milliseconds, which costs one small query. Whoever
raises the mark tells it by NOTIFY, and the other runners wait for that. Nobody leads, and nothing relies on it: who
does not hear looks by itself several times a second, and who then has to raise the mark watches closely from there on.
Of several that do, the oldest runner goes on, and the others stop at their next heartbeat.
"""

import logging
import random
import threading
import time
from dataclasses import dataclass, field

from eventstore import feed
from eventstore.backends import store
from eventstore.backends.base import CannotListen, Listener

WATCHER_SECONDS = (0.005, 0.04)  # seconds between two looks of the runner that watches: less often when nothing happens
OTHERS_SECONDS = (0.1, 0.25)  # seconds between two looks of the others, at random, so that they don't meet
RECHECK_SECONDS = (
    1.0  # seconds after which work is looked for even if nothing was appended: a killed runner may have left some
)
RELISTEN_SECONDS = 30.0  # seconds after which a connection that could not be listened on is tried again

logger = logging.getLogger(__name__)


@dataclass
class Watch:
    """What one runner knows of the tide: `mark` is how far it may read."""

    stop: threading.Event
    mark: int = 0
    closely: bool = False
    tide: feed.Tide = field(default_factory=feed.Tide)
    _ear: Listener | None = None
    _heard: bool = False
    _listen_at: float = 0.0  # by the monotonic clock, as all that follow
    _anyway_at: float = 0.0
    _moved_at: float = 0.0
    _waits_since: float = 0.0

    def look(self) -> bool:
        """Raise the mark as far as it goes; whether there may be something to read."""
        before, now = self.tide.reached, time.monotonic()
        if not self._heard and self.tide.advance():
            self._waits_since = now
        self.closely |= self.tide.raised
        if self.tide.reached and self.tide.reached != before:
            self.mark, self._moved_at = self.tide.reached.position, now
        elif self._heard or now >= self._anyway_at:
            self.mark, self._heard = feed.tidemark(), False
        else:
            return False
        self._anyway_at = now + RECHECK_SECONDS
        return True

    def wait(self) -> None:
        """Until it is time to look again, or somebody says so."""
        if self.closely:
            self.close()  # nobody would read what it hears
            self.stop.wait(self._pause())
            return
        pause = random.uniform(*OTHERS_SECONDS)  # noqa: S311 - to part rivals, not to keep a secret
        if ear := self._listening():
            self._heard = self._hear(ear, pause)
        else:
            self.stop.wait(pause)

    def close(self) -> None:
        """Give the connection back."""
        if self._ear:
            self._ear.close()
            self._ear = None

    def _pause(self) -> float:
        """Longer the longer nothing has happened, or a writer that has to be waited for has not ended."""
        now = time.monotonic()
        if self.tide.target is not None:
            return min(OTHERS_SECONDS[0], max(feed.GLANCE, (now - self._waits_since) / 10))
        return min(WATCHER_SECONDS[1], max(WATCHER_SECONDS[0], (now - self._moved_at) / 100))

    def _listening(self) -> Listener | None:
        if self._ear is None and feed.notifies():
            self._listen()
        return self._ear

    def _listen(self) -> None:
        if time.monotonic() < self._listen_at:
            return
        try:
            self._ear = store().listen()
        except CannotListen as error:
            logger.info("This runner can't listen, and looks by itself: %s", error)
            self._listen_at = time.monotonic() + RELISTEN_SECONDS

    def _hear(self, ear: Listener, seconds: float) -> bool:
        try:
            return ear.wait(seconds)
        except CannotListen as error:
            logger.info("The connection to listen on is lost: %s", error)
            self.close()
            return True
