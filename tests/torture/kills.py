"""Processes that share some work, and are killed at random moments of it."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from random import Random

Process = subprocess.Popen[bytes]


@contextmanager
def processes(module: str, number: int, environment: dict[str, str]) -> Iterator[list[Process]]:
    """Processes that run a module; those that still live at the end are killed."""
    started = [start(module, environment) for _ in range(number)]
    try:
        yield started
    finally:
        for process in started:
            process.kill()
            process.wait()


def start(module: str, environment: dict[str, str]) -> Process:
    """A process that runs a module."""
    return subprocess.Popen([sys.executable, "-m", module], env=environment)


def kill_one(among: list[Process], chance: Random) -> None:
    """Kill one process with SIGKILL, at any point of its work."""
    victim = among.pop(chance.randrange(len(among)))
    victim.kill()
    victim.wait()


def wait_until(condition: Callable[[], bool], running: Sequence[Process]) -> None:
    """Poll until a condition holds; asserts that the processes that work towards it are alive."""
    while not condition():
        assert all(process.poll() is None for process in running), "A process has ended by itself."
