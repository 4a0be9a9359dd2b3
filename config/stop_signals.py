"""That a worker of the web server is told to stop: known here before the server has waited for its last response."""

import multiprocessing
import signal
from collections.abc import Callable
from types import FrameType
from typing import Final

STOP_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


def when_told_to_stop(act: Callable[[], None]) -> None:
    """Act when the server tells this worker of its to stop, and let the server's own handlers go on.

    An event loop hears of signals by a file descriptor, whatever Python's handlers are, so these only come on top.
    """
    if multiprocessing.parent_process() is None:  # no worker: a test, or a server of another kind
        return
    for number in STOP_SIGNALS:
        _add(number, act)


def _add(number: signal.Signals, act: Callable[[], None]) -> None:
    before = signal.getsignal(number)

    def handle(signum: int, frame: FrameType | None) -> None:
        act()
        if callable(before):
            before(signum, frame)

    signal.signal(number, handle)
    signal.siginterrupt(number, False)  # as event loops have it
