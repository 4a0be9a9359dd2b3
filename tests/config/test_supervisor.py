"""Programs that run as one start together, stop together and leave nothing behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

SUPERVISE = "import sys; from config.supervisor import supervise; sys.exit(supervise(eval(sys.argv[1])))"
PATIENCE = 10.0

Shell = list[str]


@pytest.fixture
def lasting(tmp_path: Path) -> Shell:
    """A program with a worker, which run until they are stopped; their ids are written to `ids`."""
    return ["sh", "-c", f"sleep 600 & echo $$ $! > {tmp_path}/ids; wait"]


@contextmanager
def supervised(*commands: Shell) -> Iterator[subprocess.Popen[bytes]]:
    """A process that supervises the commands."""
    process = subprocess.Popen([sys.executable, "-c", SUPERVISE, repr(commands)])
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def ids(tmp_path: Path) -> list[int]:
    """The ids of the lasting program and its worker, once they run."""
    file = tmp_path / "ids"
    eventually(lambda: file.exists() and file.read_text().endswith("\n"))
    return [int(word) for word in file.read_text().split()]


def gone(pid: int) -> bool:
    """Whether no such process is running any more (one that nobody has waited for yet is gone)."""
    try:
        return ") Z " in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return True


def eventually(condition: Callable[[], bool]) -> None:
    """Wait for the condition, within reason."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "This took too long."
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_all(number: signal.Signals, lasting: Shell, tmp_path: Path) -> None:
    with supervised(lasting, ["sleep", "600"]) as process:
        running = ids(tmp_path)
        process.send_signal(number)
        assert process.wait(PATIENCE) == 0
    eventually(lambda: all(gone(pid) for pid in running))


@pytest.mark.parametrize(("command", "code"), [("exit 3", 3), ("exit 0", 1), ("kill -9 $$", 137)])
def test_one_that_ends_stops_the_others(command: str, code: int, lasting: Shell, tmp_path: Path) -> None:
    wait_for_ids = f"until [ -s {tmp_path}/ids ]; do sleep 0.02; done; {command}"
    with supervised(lasting, ["sh", "-c", wait_for_ids]) as process:
        assert process.wait(PATIENCE) == code
    eventually(lambda: all(gone(pid) for pid in ids(tmp_path)))


def test_the_workers_of_one_that_crashed_are_stopped(lasting: Shell, tmp_path: Path) -> None:
    with supervised(lasting) as process:
        program, worker = ids(tmp_path)
        os.kill(program, signal.SIGKILL)
        assert process.wait(PATIENCE) == 137
    eventually(lambda: gone(worker))


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux, where a program learns that its parent died")
def test_a_killed_supervisor_takes_its_programs_along(lasting: Shell, tmp_path: Path) -> None:
    with supervised(lasting) as process:
        program, worker = ids(tmp_path)
        process.kill()
    eventually(lambda: gone(program))
    os.kill(worker, signal.SIGKILL)


def test_a_command_that_does_not_exist_stops_those_before_it(lasting: Shell, tmp_path: Path) -> None:
    with supervised(lasting, ["/no/such/program"]) as process:
        assert process.wait(PATIENCE) != 0
