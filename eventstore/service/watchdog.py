"""The watchdog's side of systemd's protocol (sd_notify): datagrams that say that this process is well."""

import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

BEATS_PER_ALLOWANCE: Final = 3  # so that one which comes late is no loss
PATIENCE: Final = 10  # allowances that one piece of work may take, before its program counts as hung


def notify(message: str) -> None:
    """Tell the service manager that started this process; nothing happens if there is none, or if it is away."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        sender.sendto(message.encode(), f"\0{address[1:]}" if address.startswith("@") else address)


class Watchdog:
    """Says that this process is well, as long as it is; a process that is stopped or stuck falls silent.

    `busy_for` gives the seconds for which the longest piece of work in hand has taken.
    """

    def __init__(self, busy_for: Callable[[], float]) -> None:
        self._busy_for = busy_for
        self._allowance = _allowance_seconds()

    def start(self) -> None:
        """Begin, in a thread of its own, if the service manager wants to hear it."""
        if self._allowance:
            threading.Thread(target=self._beat, name="watchdog", daemon=True).start()

    def _beat(self) -> None:
        while True:
            if self._busy_for() < PATIENCE * self._allowance:
                notify("WATCHDOG=1")
            time.sleep(self._allowance / BEATS_PER_ALLOWANCE)


def _allowance_seconds() -> float:
    """The time within which a beat is expected; 0 if none is expected of this process."""
    if os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return 0.0
    return float(os.environ.get("WATCHDOG_USEC", "0")) / 1e6
