"""A site under fire: its database, its programs, and the record of what was acknowledged."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from tests.torture.fire.answers import Answers
from tests.torture.fire.places import Place, PostgreSQLServer, Program, SQLiteFile, kill_all, run

SENDERS: Final = 2
BATCH: Final = 50  # commands in a transaction, in the short form
RUNNER: Final = ["manage.py", "run_projections"]
POLL_SECONDS: Final = 0.02  # between two looks; a look without a pause would take a core from those it looks at


class Site:
    """A place, with senders of commands and a runner, all of which can be killed and started again."""

    def __init__(self, place: PostgreSQLServer | SQLiteFile, folder: Path) -> None:
        self.place, self.folder = place, folder
        self.batch = BATCH  # commands that a sender with an odd number sends at a time
        self.careless = False  # whether senders repeat commands under new keys
        self.programs: dict[str, Program] = {}

    def start(self) -> None:
        """Start what does not run."""
        for sender in range(SENDERS):
            self._start(
                f"sender {sender}", "-m", "tests.torture.fire.commander",
                *map(str, [self.folder, sender, self.batch]), *(["careless"] if self.careless else []),
            )  # fmt: skip
        self._start("runner", *RUNNER)

    def _start(self, name: str, *command: str) -> None:
        if name not in self.programs or self.programs[name].poll() is not None:
            with (self.folder / "output").open("ab") as output:
                self.programs[name] = subprocess.Popen(
                    [sys.executable, *command], env=self.place.environment(), stdout=output, stderr=output
                )

    def kill(self, *names: str) -> None:
        """Kill programs, all of them if none is named."""
        for name in names or tuple(self.programs):
            program = self.programs.pop(name)
            kill_all([program.pid])
            program.wait()

    def cut_power(self, chance: Random, *, keeps_some: bool) -> None:
        """All programs end at once, the server too, and what is not on the disk is gone."""
        self.kill()
        self.place.kill()
        assert self.place.disk
        self.place.disk.cut_power(chance, keeps_some=keeps_some)
        self.place.disk.watch()
        self.place.start()

    def acknowledged(self) -> int:
        """How many commands were answered."""
        return sum(map(len, Answers.of_all(self.folder)))

    def work(self, commands: int) -> None:
        """Let the senders go on until so many more commands are answered."""
        goal = self.acknowledged() + commands
        self.wait(lambda: self.acknowledged() >= goal)

    def wait(self, condition: Callable[[], bool]) -> None:
        """Wait for a condition; asserts that all senders live meanwhile."""
        while not condition():
            time.sleep(POLL_SECONDS)
            for name, program in self.programs.items():
                assert name == "runner" or program.poll() is None, f"{name} ended:\n{self.output()}"
            self._start("runner", *RUNNER)  # it ends without its database, and whoever runs it starts it again

    def check(self, *, everything: bool = False) -> dict[str, Any]:
        """What the checker finds; a runner works meanwhile, and the senders do not."""
        self.kill(*[name for name in self.programs if name != "runner"])
        self.place.revive()
        self._start("runner", *RUNNER)
        words = [str(self.folder), str(self.batch), *(["--all"] if everything else [])]
        found: dict[str, Any] = json.loads(
            run("-m tests.torture.fire.checker", *words, environment=self.place.environment())
        )
        return found

    def errors(self) -> list[str]:
        """What the senders were told where the database failed them."""
        file = self.folder / "errors"
        return file.read_text().splitlines() if file.exists() else []

    def output(self) -> str:
        """What the programs have said."""
        return (self.folder / "output").read_text()[-3_000:]


def make(place: Place, folder: Path) -> None:
    """Make a site's tables, and customers with accounts."""
    run("manage.py", "migrate", "--verbosity=0", environment=place.environment())
    run("-m tests.torture.fire.prepare", str(folder), environment=place.environment())


@contextmanager
def ended(site: Site) -> Iterator[Site]:
    """A site whose programs and server are ended, however the block ends."""
    try:
        yield site
    finally:
        site.kill()
        site.place.kill()


def is_well(found: dict[str, Any]) -> bool:
    """Whether a checker has found nothing."""
    return not _wrong_in(found)


def must_be_well(found: dict[str, Any]) -> None:
    """Fail with all that a checker has found; what kind of thing it is stands in the first line, which is kept."""
    if wrong := _wrong_in(found):
        pytest.fail(f"the checker found: {wrong}\n{json.dumps(found, indent=1)}", pytrace=False)


def _wrong_in(found: dict[str, Any]) -> dict[str, Any]:
    wrong = {name: found[name] for name in ("lost", "told_otherwise", "not_asked_for", "wrong") if found.get(name)}
    return wrong if found["caught_up"] else {"caught_up": False, **wrong}


__all__ = ["Place", "Site", "ended", "is_well", "make", "must_be_well"]
