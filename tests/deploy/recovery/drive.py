"""The way of every drill here: a site that is backed up while it goes on, and is restored to a moment of its past."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.core.management import get_commands

STEP: Final = 15  # transfers between two backups: enough for a few pages of the database
CHECKS: Final = (["check_ledger", "--wait", "0"], ["check_projections"])


@dataclass(frozen=True)
class Site:
    """A process of a site on a database."""

    process: "subprocess.Popen[str]"

    def do(self, *task: object) -> Any:
        """The answer to a task of `tests.deploy.recovery.site`."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{json.dumps(task)}\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, f"The site has ended within {task}."
        return json.loads(answer)

    def goes_on(self) -> dict[str, Any]:
        """The state after some more commands."""
        self.do("write", STEP)
        found: dict[str, Any] = self.do("state")
        return found

    def goes_on_and_is_seen(self) -> dict[str, Any]:
        """As `goes_on`; and the log is sealed, so that heads outside tell how far it had come."""
        found = self.goes_on()
        code, printed = self.do("manage", "seal")
        assert code == 0, printed
        return found

    def is_right(self) -> None:
        """The books are, and every read model is what the log says, once those that come later have caught up."""
        last = [["begin_epoch", "--confirm"], *_verify()]  # an epoch that a start has begun is a fault till then
        for command in (*CHECKS, ["run_projections", "--once"], *CHECKS, *last):
            code, printed = self.do("manage", *command)
            assert code == 0, f"{' '.join(command)}:\n{printed}"


def _verify() -> list[list[str]]:
    """Verify, by somebody who knows of the restore that the present epoch began with."""
    return [["verify", *(f"--accept-epoch={epoch}" for epoch in range(2, 9))]] if "verify" in get_commands() else []


@contextmanager
def site(url: str, *, module: str = "tests.deploy.recovery.site", **environment: str) -> Iterator[Site]:
    """A site on a database."""
    own = {**os.environ, "DATABASE_URL": url, **environment}
    command = [sys.executable, "-m", module]
    process = subprocess.Popen(command, env=own, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        with process:
            yield Site(process)
            assert process.stdin
            process.stdin.close()
    finally:
        process.kill()


def must_have_landed(url: str, then: dict[str, Any], later: dict[str, Any], heads: Path) -> None:
    """The restored site is where the other was at a moment, to the last command, and all that it shows is right.

    It notices that it was restored, by the heads that were kept outside, and begins an epoch.
    """
    with site(url, SEAL_FILE=str(heads)) as restored:
        now = restored.do("state")
        assert then["log"] != later["log"]
        assert now["log"] == then["log"]
        assert now["delayed"][1] <= then["log"][0]
        restored.is_right()
        again = restored.goes_on()
        assert again["log"][0] > then["log"][0]
        assert again["epoch"] == then["epoch"] + 1
        restored.is_right()


def run(*command: str | Path, **options: Any) -> str:
    """What a program prints; it must not fail."""
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}\n{done.stderr}"
    return str(done.stdout)
