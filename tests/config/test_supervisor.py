"""Programs that run as one start together and stop together; one that ends or hangs is started again."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.supervisor.beats import Beats
from config.supervisor.program import FIRST_PAUSE_SECONDS, MAX_PAUSE_SECONDS, WELL_AFTER_SECONDS, Program
from eventstore.service import notify

SUPERVISE = """
import sys
from config.supervisor import supervise
commands = {str(number): command for number, command in enumerate(eval(sys.argv[1]))}
supervise(commands, hung_after_seconds=float(sys.argv[2]))
"""
HANG_SECONDS = 300.0  # a guard against tests that never end, and no measure: a busy machine takes its time

# Programs that speak the watchdog's protocol, and one that gets stuck.
BEATS = """
import os, sys
from eventstore.service import running
with running() as stop:
    print(os.getpid(), file=sys.stderr, flush=True)
    stop.wait()
"""
IS_STUCK = "from eventstore.service import running\nwith running() as stop:\n while True: pass"

linux = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux, whose kernel tells who beats, and who died")
Shell = list[str]


@pytest.fixture
def lasting(tmp_path: Path) -> Shell:
    """A program with a worker, which run until they are stopped; each start writes their ids to `ids`, in a line."""
    return ["sh", "-c", f"sleep 6000 & echo $$ $! >> {tmp_path}/ids; wait"]


@contextmanager
def supervised(*commands: Shell, hung_after: float = 0) -> Iterator[subprocess.Popen[str]]:
    """A process that supervises the commands."""
    program = [sys.executable, "-c", SUPERVISE, repr(commands), str(hung_after)]
    process = subprocess.Popen(program, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.terminate()  # not kill: what its programs have started would live on
        process.wait()
        assert process.stderr
        process.stderr.close()


def ids(tmp_path: Path, start: int = 1) -> list[int]:
    """The ids of the lasting program and its worker, once they run for the n-th time."""
    file = tmp_path / "ids"
    eventually(lambda: file.exists() and file.read_text().count("\n") >= start)
    return [int(word) for word in file.read_text().splitlines()[start - 1].split()]


def is_gone(pid: int) -> bool:
    """Whether no such process is running any more (one that nobody has waited for yet is gone)."""
    try:
        return ") Z " in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return True


def eventually(condition: Callable[[], bool]) -> None:
    """Wait for the condition."""
    deadline = time.monotonic() + HANG_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "This never happens."
        time.sleep(0.01)  # without a pause, the look takes a core from the program that it waits for


def line_of(process: subprocess.Popen[str], text: str) -> str:
    """The next line in the supervisor's log with a text."""
    assert process.stderr
    return next(line for line in process.stderr if re.search(text, line))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_all(number: signal.Signals, lasting: Shell, tmp_path: Path) -> None:
    with supervised(lasting, ["sleep", "6000"]) as process:
        running = ids(tmp_path)
        process.send_signal(number)
        assert process.wait(HANG_SECONDS) == 0
    assert all(is_gone(pid) for pid in running)


def test_the_first_is_stopped_before_the_others(tmp_path: Path) -> None:
    def program(name: str) -> Shell:
        say_so = f"trap 'echo {name} >> {tmp_path}/ended; exit' TERM; echo {name} >> {tmp_path}/ready"
        return ["sh", "-c", f"{say_so}; while :; do sleep 0.01; done"]

    ready = tmp_path / "ready"
    with supervised(program("site"), program("runner")) as process:
        eventually(lambda: ready.exists() and ready.read_text().count("\n") == 2)
        process.terminate()
        assert process.wait(HANG_SECONDS) == 0
    assert (tmp_path / "ended").read_text().split() == ["site", "runner"]


def test_one_that_will_not_stop_is_killed(lasting: Shell, tmp_path: Path) -> None:
    deaf = ["sh", "-c", f"trap '' TERM; {lasting[2]}"]
    with supervised(deaf) as process:
        running = ids(tmp_path)
        process.terminate()
        assert process.wait(HANG_SECONDS) == 0
    assert all(is_gone(pid) for pid in running)


@pytest.mark.parametrize(
    ("end", "how"), [("exit 3", "ended by itself with 3"), ("exit 0", "with 0"), ("kill -9 $$", "killed by SIGKILL")]
)
def test_one_that_ends_is_started_again_and_the_others_go_on(
    end: str, how: str, lasting: Shell, tmp_path: Path
) -> None:
    with supervised(lasting, ["sh", "-c", end]) as process:
        running = ids(tmp_path)
        pauses = [line_of(process, how).rpartition(" in ")[2] for _ in range(3)]
        assert not any(is_gone(pid) for pid in running)
        assert process.poll() is None
    assert pauses == ["0.5 s.\n", "1.0 s.\n", "2.0 s.\n"]


def test_the_workers_of_one_that_was_killed_are_stopped(lasting: Shell, tmp_path: Path) -> None:
    with supervised(lasting) as process:
        program, worker = ids(tmp_path)
        os.kill(program, signal.SIGKILL)
        assert program not in ids(tmp_path, start=2)
        assert is_gone(worker)
        process.terminate()
        assert process.wait(HANG_SECONDS) == 0


def test_pauses_grow_to_a_minute_and_begin_anew_once_a_program_was_well(monkeypatch: pytest.MonkeyPatch) -> None:
    program, now = Program("it", [], {}), [1_000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    program._started_at = now[0]
    pauses = [program.plan() for _ in range(12)]
    assert (pauses[0], pauses[-1]) == (FIRST_PAUSE_SECONDS, MAX_PAUSE_SECONDS)
    assert pauses == sorted(pauses)
    now[0] += WELL_AFTER_SECONDS
    assert program.plan() == FIRST_PAUSE_SECONDS


@linux
def test_a_killed_supervisor_takes_its_programs_along(lasting: Shell, tmp_path: Path) -> None:
    with supervised(lasting) as process:
        program, worker = ids(tmp_path)
        process.kill()
        eventually(lambda: is_gone(program))
    os.kill(worker, signal.SIGKILL)


@linux
def test_even_one_that_is_stopped_goes_with_it(lasting: Shell, tmp_path: Path) -> None:
    with supervised(lasting) as process:
        program, worker = ids(tmp_path)
        os.kill(program, signal.SIGSTOP)
        process.kill()
        eventually(lambda: is_gone(program))
    os.kill(worker, signal.SIGKILL)


def test_a_command_that_does_not_exist_stops_those_before_it(lasting: Shell, tmp_path: Path) -> None:
    with supervised(lasting, ["/no/such/program"]) as process:
        assert process.wait(HANG_SECONDS) != 0


@linux
def test_one_that_is_stuck_is_replaced() -> None:
    with supervised([sys.executable, "-c", IS_STUCK], hung_after=0.2) as process:
        line_of(process, "0 hangs: its process [0-9]+ has long not said that it is well")
        line_of(process, "0 was killed by SIGKILL; it is started again")
        assert process.poll() is None


@linux
def test_one_that_is_stopped_is_replaced() -> None:
    with supervised([sys.executable, "-c", BEATS], hung_after=1) as process:
        pid = int(line_of(process, "^[0-9]+$"))
        os.kill(pid, signal.SIGSTOP)
        line_of(process, f"hangs: its process {pid} ")
        assert int(line_of(process, "^[0-9]+$")) != pid


@linux
class TestBeats:
    """The bookkeeping of beats, by a clock that the test sets."""

    @pytest.fixture
    def now(self, monkeypatch: pytest.MonkeyPatch) -> list[float]:
        now = [1_000.0]
        monkeypatch.setattr(time, "monotonic", lambda: now[0])
        return now

    @pytest.fixture
    def beats(self, now: list[float], monkeypatch: pytest.MonkeyPatch) -> Iterator[Beats]:
        beats = Beats(30)
        monkeypatch.setenv("NOTIFY_SOCKET", beats.environment()["NOTIFY_SOCKET"])
        yield beats
        beats.close()

    def pass_time(self, beats: Beats, now: list[float], seconds: int) -> list[int]:
        return [pid for _ in range(seconds) if now.__setitem__(0, now[0] + 1) is None for pid in beats.silent()]

    def test_who_never_beat_is_not_missed(self, beats: Beats, now: list[float]) -> None:
        notify("READY=1")
        beats.receive()
        assert self.pass_time(beats, now, 100) == []

    def test_who_falls_silent_is_told_once(self, beats: Beats, now: list[float]) -> None:
        notify("WATCHDOG=1")
        beats.receive()
        assert self.pass_time(beats, now, 30) == []
        assert self.pass_time(beats, now, 30) == [os.getpid()]

    def test_who_said_goodbye_is_not_missed(self, beats: Beats, now: list[float]) -> None:
        notify("WATCHDOG=1")
        notify("STOPPING=1")
        beats.receive()
        assert self.pass_time(beats, now, 100) == []

    def test_a_judge_who_was_away_gives_everybody_another_chance(self, beats: Beats, now: list[float]) -> None:
        notify("WATCHDOG=1")
        beats.receive()
        now[0] += 3_600
        assert beats.silent() == []
        assert self.pass_time(beats, now, 30) == []

    def test_a_process_that_has_ended_is_not_missed(self, beats: Beats, now: list[float]) -> None:
        beat = "from eventstore.service import notify; notify('WATCHDOG=1')"
        subprocess.run([sys.executable, "-c", beat], check=True)
        beats.receive()
        assert self.pass_time(beats, now, 100) == []
