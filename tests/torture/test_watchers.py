"""`seal --watch` and `verify --watch` are killed and stopped in the middle of work, while the log grows."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import pytest
from django.core.management import call_command
from django.test import override_settings

from eventstore import service
from eventstore.backends import store
from eventstore.execute import CommandRequest, execute_many
from eventstore.integrity.sealer import seal
from eventstore.integrity.verify import Scope, verify
from eventstore.models import TreeHead, Verification
from eventstore.service import Stop
from tests.eventstore.sample import Count

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sample")]

POLL_SECONDS = 0.02
GUARD_SECONDS = 120.0  # against a program that never comes to a point; no measure
KILLS = 2

Program = subprocess.Popen[bytes]


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "heads"
    with override_settings(SEAL_FILE=str(path)):
        yield path


def count(of: object, times: int = 20) -> None:
    """Some commands, on a stream of three and with a key of their own."""
    commands = [Count(UUID(int=1 + number % 3), 1) for number in range(times)]
    execute_many(
        [CommandRequest(command=each, key=f"{of} {number}", actor="ann") for number, each in enumerate(commands)]
    )


def wait_until(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + GUARD_SECONDS
    while not condition():
        assert time.monotonic() < until, "It never comes to this point."
        time.sleep(POLL_SECONDS)


def watch(environment: dict[str, str], *arguments: str) -> Program:
    command = [sys.executable, "-m", "django", *arguments]
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def ended(program: Program, by: signal.Signals) -> tuple[int, bytes]:
    """The exit code of a program that is sent a signal, and what it says to the error stream."""
    program.send_signal(by)
    try:
        _, errors = program.communicate(timeout=GUARD_SECONDS)
    finally:
        program.kill()
        program.wait()
    return program.returncode, errors


def test_killed_in_the_middle_they_leave_a_log_that_verifies(file: Path, program_environment: dict[str, str]) -> None:
    environment = program_environment | {"SEAL_FILE": str(file)}
    for kill in range(KILLS):
        count(kill)
        heads, runs = TreeHead.objects.count(), Verification.objects.count()
        programs = [watch(environment, name, "--watch", "--every", "0.1") for name in ("seal", "verify")]
        wait_until(lambda: TreeHead.objects.count() > heads and Verification.objects.count() > runs)  # noqa: B023
        count(f"{kill} more")
        by = signal.SIGTERM if kill == KILLS - 1 else signal.SIGKILL
        for program in programs:
            code, errors = ended(program, by)
            assert code == (0 if by == signal.SIGTERM else -by), errors
    seal()
    assert verify(Scope(seals=file)).faults.named == []
    found = Verification.objects.filter(faults__gt=0)
    assert not found.exclude(first_fault__place="site").exists()  # the site's own checks know no tallies


class StoppedInAPause(Stop):
    """Somebody asks to stop while the program waits."""

    def wait(self, timeout_seconds: float | None = None) -> bool:
        self.set()
        return self.is_set()


def test_a_round_that_goes_slowly_is_ended_in_its_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """At one row a second it pauses for minutes: without a look at SIGTERM, whoever stops it had to kill it."""

    def sleep(seconds: float) -> None:
        raise AssertionError(f"Nothing ends a sleep of {seconds} seconds.")

    monkeypatch.setattr(service, "running", lambda: nullcontext(StoppedInAPause()))
    monkeypatch.setattr("eventstore.management.commands.verify.close_old_connections", lambda: None)
    monkeypatch.setattr("eventstore.management.commands.verify.time", SimpleNamespace(sleep=sleep))
    count("all", times=30)
    call_command("verify", "--watch", "--rate", "1")
    assert Verification.objects.get().ended_at is None


@pytest.mark.sqlite
def test_a_clock_that_is_set_back_between_commands_and_seals_is_no_forgery(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, back = type(store()).now, timedelta()

    def turned(self: object) -> datetime:
        return now(self) - back  # type: ignore[arg-type]

    monkeypatch.setattr(type(store()), "now", turned)
    for hours in (0, 5, 1, 24 * 400):
        back = timedelta(hours=hours)
        count(hours)
        assert len(seal()) == 2
    back = timedelta()
    assert seal() == []
    report = verify(Scope(seals=file))
    assert (report.faults.named, report.heads, report.unsealed_rows) == ([], 8, 0)
