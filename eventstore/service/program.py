"""The life of a long-running program: ready, well, asked to stop."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from eventstore.service.stop import Stop
from eventstore.service.watchdog import Watchdog, notify

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def running(stop: Stop | None = None) -> Iterator[Stop]:
    """Yield what SIGTERM and Ctrl-C set, and tell the service manager that the program runs; in the main thread."""
    stop = stop or Stop()
    for number in STOP_SIGNALS:
        signal.signal(number, lambda *_: stop.set())
    Watchdog(lambda: stop.seconds_since_look).start()
    notify("READY=1")
    try:
        yield stop
    finally:
        notify("STOPPING=1")
