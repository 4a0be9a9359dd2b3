"""A request to stop may come at any moment, even while its own thread waits for it; nothing deadlocks."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

import eventstore
from eventstore.service import Stop

HANG_SECONDS = 300  # a guard: a program that deadlocks never ends

MORE_THAN_CORES = 8  # so that waits end late, too: then a `SimpleQueue` hangs

# Thousands of signals, each at another moment of a wait; `threading.Event` deadlocks here within a second.
BOMBARD = """
import signal
from eventstore.service import running
for number in range(5_000):
    with running() as stop:
        signal.signal(signal.SIGALRM, signal.getsignal(signal.SIGTERM))
        signal.setitimer(signal.ITIMER_REAL, 0.0001 + number % 100 * 1e-6)
        while not stop.is_set():
            stop.wait(0.00002)
print("ended")
"""


def test_a_signal_that_comes_while_its_own_thread_waits_deadlocks_nothing() -> None:
    command = [sys.executable, "-c", BOMBARD]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(MORE_THAN_CORES)]
    try:
        assert [one.communicate(timeout=HANG_SECONDS)[0] for one in running] == ["ended\n"] * MORE_THAN_CORES
    finally:
        for one in running:
            one.kill()


def test_who_waits_goes_on_when_another_thread_asks_to_stop() -> None:
    stop, results = Stop(), list[bool]()
    waiting = [threading.Thread(target=lambda: results.append(stop.wait())) for _ in range(3)]
    for thread in waiting:
        thread.start()
    stop.set()
    for thread in waiting:
        thread.join()
    assert results == [True] * 3


def test_who_waits_for_a_time_is_told_that_nobody_asked() -> None:
    stop = Stop()
    assert not stop.wait(0)
    stop.set()
    assert stop.wait(0)
    assert stop.wait()
    assert stop.is_set()


def test_a_program_that_does_not_look_is_seen_to_be_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1_000.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    stop = Stop()
    now[0] += 60
    assert stop.seconds_since_look == 60
    stop.is_set()
    assert stop.seconds_since_look == 0


def test_no_other_code_handles_signals() -> None:
    """So that no handler calls what takes a lock."""
    root = Path(eventstore.__file__).parent.parent
    folders = [root / name for name in ("eventstore", "accounts", "projections", "demo", "config")]
    files = [file for folder in folders for file in folder.rglob("*.py") if "signal.signal(" in file.read_text()]
    assert sorted(file.relative_to(root).as_posix() for file in files) == [
        "config/stop_signals.py",  # a word to the event loop, then the web server's own handler
        "config/supervisor/supervisor.py",
        "eventstore/projecting/rebuild/workers.py",  # gives back to its workers what the system does
        "eventstore/service/program.py",
    ]
