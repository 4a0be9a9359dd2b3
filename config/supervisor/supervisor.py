"""The supervisor: waits for signals, the ends of programs, and beats that do not come."""

import contextlib
import logging
import os
import selectors
import signal
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from config.supervisor.beats import Beats
from config.supervisor.parent import SUPERVISED
from config.supervisor.program import Program
from eventstore.service import Watchdog, notify

GRACE_SECONDS: Final = 5.0  # for the first program to stop by itself, and then again for the others
HUNG_AFTER_SECONDS: Final = 30.0  # without a beat
TICK_SECONDS: Final = 1.0  # between two looks, if nothing happens
STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

logger = logging.getLogger(__name__)


def supervise(
    commands: Mapping[str, Sequence[str]],
    *,
    environment: Mapping[str, str] = MappingProxyType({}),
    hung_after_seconds: float = HUNG_AFTER_SECONDS,
) -> None:
    """Run programs, by name, until a stop signal comes; then stop the first one, and after it the others.

    They have this program's environment, and above it the one that is given.

    One that ends by itself is started again, after a pause that grows with each failure. One that is known to the
    watchdog and falls silent is killed, and so started again. Raises OSError if one can't be started at all.
    """
    beats = Beats(hung_after_seconds)
    supervisor = Supervisor(commands, environment, beats)
    try:
        with _listening() as signals:
            supervisor.run(signals)
    finally:
        supervisor.stop()
        beats.close()


class Supervisor:
    """The programs, and the beats of their processes."""

    def __init__(self, commands: Mapping[str, Sequence[str]], given: Mapping[str, str], beats: Beats) -> None:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("WATCHDOG_")}
        environment = {**inherited, **given, **beats.environment(), SUPERVISED: "1"}
        self._programs = [Program(name, command, environment) for name, command in commands.items()]
        self._beats = beats
        self._ticked_at = time.monotonic()

    def run(self, signals: socket.socket) -> None:
        """Keep the programs running until a stop signal comes."""
        for program in self._programs:
            program.start()
            self._expect(program)
        Watchdog(lambda: time.monotonic() - self._ticked_at).start()
        notify("READY=1")
        with selectors.DefaultSelector() as selector:
            for source in filter(None, (signals, self._beats.socket)):
                selector.register(source, selectors.EVENT_READ)
            while not _received(signals) & set(STOP_SIGNALS):
                self._tick()
                selector.select(self._pause())

    def stop(self) -> None:
        """Stop the first program, which takes requests, and then those that it may need."""
        notify("STOPPING=1")
        for programs in (self._programs[:1], self._programs[1:]):
            until = time.monotonic() + GRACE_SECONDS
            for program in programs:
                program.ask_to_stop()
            for program in programs:
                program.wait_for_end(until)

    def _tick(self) -> None:
        self._ticked_at = time.monotonic()
        self._beats.receive()
        for pid in self._beats.silent():
            self._replace(pid)
        for program in self._programs:
            if how := program.has_ended():
                logger.warning("%s %s; it is started again in %.1f s.", program.name, how, _seconds_to(program))
            if program.is_due:
                self._start(program)

    def _replace(self, pid: int) -> None:
        """Kill a process that hangs; a worker of the web server is then replaced by the server itself."""
        program = next((one for one in self._programs if one.pid and one.pid == _group_of(pid)), None)
        if program is None:
            return
        logger.warning("%s hangs: its process %d has long not said that it is well, and is killed.", program.name, pid)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def _start(self, program: Program) -> None:
        try:
            program.start()
            self._expect(program)
        except OSError as error:
            logger.warning("%s can't be started (%s); tried again in %.1f s.", program.name, error, program.plan())

    def _expect(self, program: Program) -> None:
        if program.pid:
            self._beats.expect(program.pid)

    def _pause(self) -> float:
        """The seconds until something is due."""
        starts = [_seconds_to(program) for program in self._programs if program.pid is None]
        return min([TICK_SECONDS, *starts])


@contextlib.contextmanager
def _listening() -> Iterator[socket.socket]:
    """A socket from which the numbers of the signals can be read that this process receives from now on."""
    heard, said = socket.socketpair()
    for end in (heard, said):
        end.setblocking(False)
    for number in (*STOP_SIGNALS, signal.SIGCHLD):
        signal.signal(number, lambda *_: None)  # a handler of Python's, so that the number is written
    before = signal.set_wakeup_fd(said.fileno(), warn_on_full_buffer=False)
    try:
        yield heard
    finally:
        signal.set_wakeup_fd(before)
        heard.close()
        said.close()


def _received(signals: socket.socket) -> set[int]:
    with contextlib.suppress(BlockingIOError):
        return set(signals.recv(4096))
    return set()


def _seconds_to(program: Program) -> float:
    return max(0.0, program.start_at - time.monotonic())


def _group_of(pid: int) -> int | None:
    with contextlib.suppress(ProcessLookupError):
        return os.getpgid(pid)
    return None
