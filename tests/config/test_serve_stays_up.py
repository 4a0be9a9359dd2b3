"""`manage.py serve` stays up whatever becomes of its parts: each is killed, or stopped, and comes back."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import URLError

import pytest

from config.management.commands.serve import MANAGE
from tests.ports import free_port

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's /proc"),
]

HANG_SECONDS = 600.0  # a guard against a test that never ends, and no measure: a busy machine takes its time
PARTS = ["config.web", "run_projections", "issue_statements", "run_due"]


class Site:
    """A site that is served, seen from outside."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process = process
        self.port = port

    def answers(self) -> bool:
        """Whether the site answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/livez", timeout=HANG_SECONDS) as answer:
                return bool(answer.status == 200)
        except (URLError, ConnectionError):
            return False

    def part(self, name: str) -> int | None:
        """The process of a part, once it has become that part's program."""
        return next((pid for pid in children_of(self.process.pid) if name in command_of(pid)), None)

    def workers(self) -> list[int]:
        """The workers of the web server."""
        return [pid for pid in children_of(self.part("config.web") or 0) if command_of(pid)]

    def eventually(self, condition: Callable[[], object]) -> None:
        """Wait for a condition, while the supervisor lives."""
        deadline = time.monotonic() + HANG_SECONDS
        while not condition():
            assert self.process.poll() is None, "The supervisor has ended."
            assert time.monotonic() < deadline, "This never happens."
            time.sleep(0.01)  # without a pause, the look takes a core from the program that it waits for


def children_of(pid: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except (FileNotFoundError, ProcessLookupError):
        return ""


@pytest.fixture
def hung_after() -> int:
    return 30


@pytest.fixture
def site(program_environment: dict[str, str], hung_after: int) -> Iterator[Site]:
    port = free_port()
    options = [f"--port={port}", "--workers=2", f"--hung-after={hung_after}"]
    process = subprocess.Popen([sys.executable, str(MANAGE), "serve", *options], env=program_environment)
    site = Site(process, port)
    try:
        site.eventually(site.answers)
        site.eventually(lambda: all(site.part(name) for name in PARTS) and len(site.workers()) == 2)
        yield site
    finally:
        process.terminate()
        assert process.wait(HANG_SECONDS) == 0


def test_each_part_that_is_killed_comes_back_while_the_site_answers(site: Site) -> None:
    for name in PARTS[1:]:
        before = site.part(name)
        assert before
        os.kill(before, signal.SIGKILL)
        site.eventually(lambda name=name, before=before: site.part(name) not in (None, before))  # type: ignore[misc]
        assert site.answers()


def test_a_worker_that_is_killed_is_replaced(site: Site) -> None:
    victim = site.workers()[0]
    os.kill(victim, signal.SIGKILL)
    site.eventually(lambda: len(site.workers()) == 2 and victim not in site.workers())
    site.eventually(site.answers)


def test_a_web_server_that_is_killed_comes_back_and_leaves_no_worker_behind(site: Site) -> None:
    before, workers = site.part("config.web"), site.workers()
    assert before
    os.kill(before, signal.SIGKILL)
    site.eventually(lambda: site.part("config.web") not in (None, before))
    site.eventually(site.answers)
    assert not any(command_of(pid) for pid in workers)


@pytest.mark.parametrize("hung_after", [3])
def test_a_part_or_a_worker_that_hangs_is_replaced(site: Site) -> None:
    runner, worker = site.part("run_projections"), site.workers()[0]
    assert runner
    for pid in (runner, worker):
        os.kill(pid, signal.SIGSTOP)
    site.eventually(lambda: site.part("run_projections") not in (None, runner))
    site.eventually(lambda: worker not in site.workers() and len(site.workers()) == 2)
    site.eventually(site.answers)


def test_a_supervisor_that_is_killed_leaves_nothing_behind(program_environment: dict[str, str], site: Site) -> None:
    family = [pid for pid in map(site.part, PARTS) if pid] + site.workers()
    site.process.kill()
    site.process.wait()
    deadline = time.monotonic() + HANG_SECONDS
    while any(map(command_of, family)):
        assert time.monotonic() < deadline, "This never happens."
        time.sleep(0.01)
    site.process.returncode = 0  # the fixture expects a site that stops when it is asked to
