"""The supervisor's side of systemd's watchdog protocol: which processes have said that they are well, and when.

A program has to beat within ten allowances of its start, and then within each; so has any other process from its first
beat on. The kernel tells who has sent a
datagram, so nobody can beat for another. Linux only: elsewhere nobody is asked to beat.
"""

import contextlib
import os
import socket
import struct
import sys
import time
from typing import Final
from uuid import uuid4

from eventstore.service import PATIENCE

LATE_SECONDS: Final = 5.0  # between two judgements, at least, for the judge to count as late itself
CREDENTIALS: Final = struct.Struct("3i")  # Linux's struct ucred: pid, uid, gid


class Beats:
    """The last beats of processes, by process id."""

    def __init__(self, allowance_seconds: float) -> None:
        self._allowance = allowance_seconds
        self._last: dict[int, float] = {}
        self._judged_at = time.monotonic()
        self.socket: socket.socket | None = None
        if sys.platform == "linux" and allowance_seconds:
            self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
            self.socket.bind(f"\0tidemark-{uuid4()}")

    def environment(self) -> dict[str, str]:
        """The variables by which a program knows where to beat, and how often."""
        if self.socket is None:
            return {}
        address = self.socket.getsockname().decode().replace("\0", "@", 1)
        return {"NOTIFY_SOCKET": address, "WATCHDOG_USEC": str(int(self._allowance * 1e6))}

    def receive(self) -> None:
        """Note all beats that have come."""
        while self.socket:
            try:
                message, ancillary, _, _ = self.socket.recvmsg(512, socket.CMSG_SPACE(CREDENTIALS.size))
            except BlockingIOError:
                return
            for level, kind, data in ancillary:
                if (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS):
                    self._note(message, *CREDENTIALS.unpack(data))

    def expect(self, pid: int) -> None:
        """A program was started: it gets more time for its first beat."""
        self._last[pid] = time.monotonic() + (PATIENCE - 1) * self._allowance

    def silent(self) -> list[int]:
        """The processes that are alive, but have not beaten within the allowance; each is told once.

        If the supervisor itself was late, it was stopped, and perhaps the others with it: then they get another chance.
        """
        now = time.monotonic()
        if now - self._judged_at > max(LATE_SECONDS, self._allowance / 2):
            self._last = dict.fromkeys(self._last, now)
        self._judged_at = now
        if self.socket is None:
            return []
        late = [pid for pid, last in self._last.items() if now - last > self._allowance]
        for pid in late:
            del self._last[pid]
        return [pid for pid in late if _is_alive(pid)]

    def close(self) -> None:
        """Hear no more."""
        if self.socket:
            self.socket.close()

    def _note(self, message: bytes, pid: int, user: int, _group: int) -> None:
        words = message.split(b"\n")
        if user == os.getuid() and b"WATCHDOG=1" in words:
            self._last[pid] = time.monotonic()
        elif b"STOPPING=1" in words:
            self._last.pop(pid, None)


def _is_alive(pid: int) -> bool:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, 0)
        return True
    return False
