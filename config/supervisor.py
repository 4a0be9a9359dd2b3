"""Runs several programs as one: they start together and stop together."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from queue import SimpleQueue

GRACE_SECONDS = 10.0  # for a program to stop by itself
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PR_SET_PDEATHSIG = 1  # from Linux's <sys/prctl.h>

Program = subprocess.Popen[bytes]


def supervise(commands: Sequence[Sequence[str]]) -> int:
    """Runs commands until a stop signal comes (returns 0) or one of them ends (returns its exit code, never 0)."""
    signals = _listen()
    programs: list[Program] = []
    try:
        programs.extend(_start(command) for command in commands)
        return _wait(signals, programs)
    finally:
        _stop(programs)


def _listen() -> SimpleQueue[int]:
    """A queue of the signals that this process receives from now on."""
    signals: SimpleQueue[int] = SimpleQueue()  # its put() may interrupt itself: fit for a handler
    for number in (*STOP_SIGNALS, signal.SIGCHLD):
        signal.signal(number, lambda received, _frame: signals.put(received))
    return signals


def _start(command: Sequence[str]) -> Program:
    # A session of its own: Ctrl-C reaches the program once, through us, and its workers can be
    # signalled as a group. preexec_fn is safe here, for we run no threads.
    return subprocess.Popen(command, start_new_session=True, preexec_fn=_die_with_parent)  # noqa: PLW1509


def _die_with_parent() -> None:
    """Has the kernel stop this program when the supervisor is killed outright (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _wait(signals: SimpleQueue[int], programs: Sequence[Program]) -> int:
    while signals.get() == signal.SIGCHLD:
        for program in programs:
            if program.poll() is not None:
                return _exit_code(program)
    return 0


def _exit_code(ended: Program) -> int:
    """The exit code of an ended program as a shell gives it, but 1 in place of 0."""
    code = ended.returncode
    return 128 - code if code < 0 else code or 1


def _stop(programs: Sequence[Program]) -> None:
    for program in programs:
        _signal_group(program, signal.SIGTERM)
    for program in programs:
        with contextlib.suppress(subprocess.TimeoutExpired):
            program.wait(GRACE_SECONDS)
        _signal_group(program, signal.SIGKILL)  # and with it the workers of one that crashed
        program.wait()


def _signal_group(program: Program, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(program.pid, number)
