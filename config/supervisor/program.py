"""One of the supervised programs: it is started, ends, and is started again, each time after a longer pause."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from config.supervisor.parent import die_with

FIRST_PAUSE_SECONDS: Final = 0.5  # before a program that has ended is started again, doubled with each further time
MAX_PAUSE_SECONDS: Final = 60.0
WELL_AFTER_SECONDS: Final = 60.0  # a program that ran for so long was well, and begins with the first pause again


class Program:
    """A program that is to run all the time, in a session of its own with all that it starts."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self.name = name
        self._command = command
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self._failures = 0
        self._started_at = 0.0
        self.start_at = 0.0  # by the monotonic clock

    @property
    def pid(self) -> int | None:
        """The id of its process, and of its process group; None while it does not run."""
        return self._process.pid if self._process else None

    @property
    def is_due(self) -> bool:
        """Whether it is to be started now."""
        return self._process is None and time.monotonic() >= self.start_at

    def start(self) -> None:
        """Start it; raises OSError if that is not possible."""
        self._started_at = time.monotonic()
        # A session of its own: Ctrl-C reaches the program once, through us, and its workers can be signalled as a
        # group. preexec_fn is safe here, as this process's only other thread never takes a lock.
        self._process = subprocess.Popen(
            self._command,
            env=self._environment,
            start_new_session=True,
            preexec_fn=partial(die_with, os.getpid()),  # noqa: PLW1509
        )

    def has_ended(self) -> str:
        """How it has ended, if it has just ended; its workers are ended, too, and the next start is planned."""
        if self._process is None or self._process.poll() is None:
            return ""
        code = self._process.returncode
        self.kill()
        return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended by itself with {code}"

    def kill(self) -> None:
        """End it and its workers at once, and plan the next start."""
        if self._process:
            self._signal(signal.SIGKILL)
            self._process.wait()
            self._process = None
            self.plan()

    def plan(self) -> float:
        """Plan the next start; the seconds until then."""
        is_well = time.monotonic() - self._started_at >= WELL_AFTER_SECONDS
        self._failures = 1 if is_well else self._failures + 1
        pause = min(MAX_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0 ** (self._failures - 1))
        self.start_at = time.monotonic() + pause
        return pause

    def ask_to_stop(self) -> None:
        """Send SIGTERM to it and its workers."""
        self._signal(signal.SIGTERM)

    def wait_for_end(self, until: float) -> None:
        """Wait until it has stopped, and end what is left of it at a time of the monotonic clock."""
        if self._process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(max(0.0, until - time.monotonic()))
            self.kill()

    def _signal(self, number: signal.Signals) -> None:
        if self._process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)
