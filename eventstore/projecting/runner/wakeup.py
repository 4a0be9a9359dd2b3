"""When an idle runner looks at the log again, so that events are read within milliseconds of their commit.

One runner polls fast: it looks at the sequences every few milliseconds, which costs one small query. The runner that
raises the mark sends NOTIFY, and the others wait for that and poll slowly besides. There is no leader, and nothing
relies on a notification: a runner that misses one finds the events when it polls, and one that had to raise the mark
itself polls fast from there on. Of several fast ones the oldest goes on, and the others slow down at their next
heartbeat.
"""

import logging
import random
import time
from dataclasses import dataclass, field

from eventstore import feed
from eventstore.backends import store
from eventstore.backends.base import CannotListen, Listener
from eventstore.service import Stop

# Seconds between two looks
FAST_POLL_SECONDS = (0.005, 0.04)  # of the fast runner: less often when nothing happens
SLOW_POLL_SECONDS = (0.1, 0.25)  # of the others, at random, so that they don't meet
RECHECK_SECONDS = 1.0  # between two looks for work where nothing was appended: a killed runner may have left some
RELISTEN_SECONDS = 30.0  # between two attempts to listen, if the first fails

logger = logging.getLogger(__name__)


@dataclass
class Poller:
    """Tells one runner when there may be something to read; `there` is how far it may read."""

    stop: Stop
    there: feed.Mark = field(default_factory=lambda: feed.Mark(0, 0))
    is_fast: bool = False
    tide: feed.MarkRaiser = field(default_factory=feed.MarkRaiser)
    _listener: Listener | None = None
    _notified: bool = False
    _listen_at: float = 0.0  # by the monotonic clock, as all that follow
    _recheck_at: float = 0.0
    _moved_at: float = 0.0
    _waiting_since: float = 0.0

    def poll(self) -> bool:
        """Raise the mark as far as it goes; whether there may be something to read."""
        before, now = self.tide.reached, time.monotonic()
        if not self._notified and self.tide.advance():
            self._waiting_since = now
        self.is_fast |= self.tide.raised
        if self.tide.reached and self.tide.reached != before:
            self.there, self._moved_at = self.tide.reached, now
        elif self._notified or now >= self._recheck_at:
            self.there, self._notified = feed.mark(), False
        else:
            return False
        self._recheck_at = now + RECHECK_SECONDS
        return True

    def forget(self) -> None:
        """Forget how far the mark was raised, as after a restore of the database under this process."""
        self.tide = feed.MarkRaiser()

    def wait(self) -> None:
        """Wait until it is time to poll again, a notification comes, or `stop` is set."""
        if self.is_fast:
            self.close()  # a fast runner does not read notifications
            self.stop.wait(self._pause())
            return
        pause = random.uniform(*SLOW_POLL_SECONDS)  # noqa: S311 - to part rivals, not to keep a secret
        if listener := self._listening():
            self._notified = self._hear(listener, pause)
        else:
            self.stop.wait(pause)

    def close(self) -> None:
        """Close the connection that notifications come by."""
        if self._listener:
            self._listener.close()
            self._listener = None

    def _pause(self) -> float:
        """Seconds to the next look: the longer nothing has happened, or an open writer holds the mark, the more."""
        now = time.monotonic()
        if self.tide.target is not None:
            return min(SLOW_POLL_SECONDS[0], max(feed.POLL_SECONDS, (now - self._waiting_since) / 10))
        return min(FAST_POLL_SECONDS[1], max(FAST_POLL_SECONDS[0], (now - self._moved_at) / 100))

    def _listening(self) -> Listener | None:
        if self._listener is None and feed.notifies():
            self._listen()
        return self._listener

    def _listen(self) -> None:
        if time.monotonic() < self._listen_at:
            return
        try:
            self._listener = store().listen()
        except CannotListen as error:
            logger.info("This runner can't listen for notifications, and polls instead: %s", error)
            self._listen_at = time.monotonic() + RELISTEN_SECONDS

    def _hear(self, listener: Listener, seconds: float) -> bool:
        try:
            return listener.wait(seconds)
        except CannotListen as error:
            logger.info("The connection to listen on is lost: %s", error)
            self.close()
            return True
