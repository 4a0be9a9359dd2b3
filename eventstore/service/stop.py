"""A request to stop, which a signal may bring at any moment."""

import threading
import time
from contextlib import suppress
from typing import Final

LOOK_SECONDS: Final = 1.0  # for which a signal that comes in the instant before a wait may go unnoticed


class Stop:
    """What `threading.Event` is, but fit for signal handlers.

    An Event takes a lock in `set` and in `wait`: a handler that interrupts its own thread within `wait`, and calls
    `set`, waits for that thread, and so for itself, for ever. Here `set` only lets a lock go, which never waits. (A
    SimpleQueue won't do: where its deadline passes between two looks, CPython 3.11 makes `get` wait without one.)
    """

    def __init__(self) -> None:
        self._closed = threading.Lock()  # held until somebody asks to stop
        self._closed.acquire()
        self._is_set = False
        self._is_waiting = False
        self._looked_at = time.monotonic()

    def set(self) -> None:
        """Ask to stop; whoever waits goes on at once."""
        self._is_set = True
        self._open()

    def is_set(self) -> bool:
        """Whether somebody has asked to stop."""
        self._looked_at = time.monotonic()
        return self._is_set

    def wait(self, timeout_seconds: float | None = None) -> bool:
        """Wait until somebody asks to stop, or for a time; whether somebody has."""
        until = None if timeout_seconds is None else time.monotonic() + timeout_seconds
        self._is_waiting = True
        while not self._is_set:
            seconds = LOOK_SECONDS if until is None else min(until - time.monotonic(), LOOK_SECONDS)
            if seconds <= 0:
                break
            if self._closed.acquire(timeout=seconds):
                self._open()  # for others who wait
        self._is_waiting = False
        return self.is_set()

    @property
    def seconds_since_look(self) -> float:
        """The time for which the program has been busy without a look at this; 0 while it waits."""
        return 0.0 if self._is_waiting else time.monotonic() - self._looked_at

    def _open(self) -> None:
        with suppress(RuntimeError):  # it is open already
            self._closed.release()
