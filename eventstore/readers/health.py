"""Followers that do not answer are left alone for a while: no request waits for one that others have waited for.

A circuit breaker, as Michael Nygard describes it (Release It!, 2007), in each process.
"""

import logging
import time
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

from eventstore.backends.faults import in_one_line

FIRST_PAUSE_SECONDS: Final = 1.0  # doubled with each further failure
MAX_PAUSE_SECONDS: Final = 30.0
TRIAL_SECONDS: Final = 5.0  # in which one request tries a follower again, and the others leave it alone still

logger = logging.getLogger(__name__)


@dataclass
class Health:
    """How one follower does: how often it failed in a row, and until when it is left alone."""

    failures: int = 0
    until: float = 0.0


@dataclass
class Breaker:
    """The health of all followers, as this process has met it."""

    _known: dict[str, Health] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def may_ask(self, alias: str) -> bool:
        """Whether a follower may be asked. Of those that come once its pause is over only the first one may."""
        known = self._known.get(alias)
        if known is None:
            return True
        with self._lock:
            now = time.monotonic()
            if now < known.until:
                return False
            known.until = now + TRIAL_SECONDS
            return True

    def failed(self, alias: str, error: BaseException) -> None:
        """Leave a follower alone for a while; the longer, the more often it has failed in a row."""
        with self._lock:
            known = self._known.setdefault(alias, Health())
            pause = min(MAX_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0**known.failures)
            known.failures += 1
            known.until = time.monotonic() + pause
        logger.warning("%s does not answer; it is left alone for %.0f s: %s", alias, pause, in_one_line(error))

    def answered(self, alias: str) -> None:
        """Trust a follower again."""
        if alias in self._known:
            with self._lock:
                self._known.pop(alias, None)
            logger.warning("%s answers again.", alias)

    def forget(self) -> None:
        """Forget all failures: for tests."""
        self._known.clear()


breaker: Final = Breaker()
