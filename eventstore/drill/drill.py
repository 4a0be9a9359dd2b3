"""The drill: archive, restore, rebuild, verify, the project's own checks, and a comparison with the live site."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from django.core.management import get_commands
from django.db import Error
from django.utils import timezone

from eventstore.archive import manifest
from eventstore.archive.places import place_of
from eventstore.archive.write import archive
from eventstore.backends import log_database, store
from eventstore.backends.configured import setting
from eventstore.drill import program
from eventstore.drill.errors import CannotDrill, DrillStopped
from eventstore.drill.figures import figures
from eventstore.drill.scratch import Scratch, scratch
from eventstore.errors import EventStoreError
from eventstore.models import Drill
from eventstore.service import Stop

LOOK_SECONDS: Final = 0.2  # between two looks whether a program has ended, or somebody has asked to stop
MAX_SAID: Final = 2_000  # characters of what a step has said that are kept, from its end
FOUND: Final = 3  # the exit code of a command that has found something
ALWAYS: Final = ("verify", "check_projections")  # the engine's own checks, each where it is installed

Report = Callable[[str, int, int], object]  # a step's name, how much of it is done, and how much there is


@dataclass(frozen=True)
class Step:
    """A step that was done: how long it took, whether all was well, and what it said."""

    name: str
    seconds: float
    is_well: bool
    says: str = ""


@dataclass
class Drilled:
    """What a drill has done and found. `position` and `number` are the cut of the archive."""

    source: str
    position: int = 0
    number: int = 0
    steps: list[Step] = field(default_factory=list)

    @property
    def is_well(self) -> bool:
        """Whether everything came out equal, and every check found nothing."""
        return bool(self.steps) and all(step.is_well for step in self.steps)

    @property
    def seconds(self) -> float:
        """The time that it took."""
        return sum(step.seconds for step in self.steps)


@dataclass
class _Course:
    """A drill on its way."""

    found: Drilled
    keys: str | None
    stop: Stop
    progress: Report
    told: Callable[[Step], object]
    is_quiet: bool

    def add(self, step: Step) -> None:
        self.found.steps.append(step)
        self.told(step)

    def look(self, *_: object) -> None:
        """Raise DrillStopped if somebody has asked to stop."""
        if self.stop.is_set():
            raise DrillStopped("The drill was stopped. Its scratch database is gone; nothing else was touched.")


def drill(
    source: str | None = None,
    *,
    keys: str | None = None,
    stop: Stop | None = None,
    progress: Report = lambda *_: None,
    told: Callable[[Step], object] = lambda _: None,
    is_quiet: bool = True,
) -> Drilled:
    """Restore an archive into a scratch database, and compare; the live database gets a row about it, and no more.

    Without a source, an archive is made for the drill, and deleted with the scratch database. `told` is called with
    each step that was done; unless `is_quiet`, programs show their progress. Raises CannotDrill and DrillStopped;
    whatever happens, the scratch database is gone afterwards.
    """
    course = _Course(Drilled(source or "new"), keys, stop or Stop(), progress, told, is_quiet)
    row = Drill(began_at=timezone.now(), source=course.found.source)
    row.save(using=log_database())
    try:
        with scratch() as made:
            _run(course, made, source)
    except (EventStoreError, Error, OSError) as error:
        _keep(row, course.found, error)
        if isinstance(error, CannotDrill | DrillStopped):
            raise
        raise CannotDrill(str(error)) from error
    _keep(row, course.found)
    return course.found


def _keep(row: Drill, found: Drilled, error: Exception | None = None) -> None:
    row.ended_at, row.succeeded, row.position = timezone.now(), error is None and found.is_well, found.position
    row.report = {"number": found.number, "steps": [asdict(step) for step in found.steps]}
    if error:
        row.report |= {"error": str(error), "stopped": isinstance(error, DrillStopped)}
    row.save(using=log_database())


def _run(course: _Course, made: Scratch, source: str | None) -> None:
    address = source or str(made.folder / "archive")
    if source is None:
        with _timed(course, "archive") as say:
            done = archive(address, progress=_reporting(course))
            say(f"{done.events:,} events, {done.commands:,} commands, {done.bytes:,} bytes")
    mark = _opened(address).manifest.mark
    course.found.position, course.found.number = mark.position, mark.number
    keys = ["--keys", course.keys] if course.keys else []
    _must(course, made, "migrate", "--verbosity=0", "--skip-checks", "--database", log_database())
    _must(course, made, "restore", address, "--no-rebuild", *keys)
    _must(course, made, "rebuild_projections")
    for command in _checks():
        _program(course, made, *command.split())
    _compare(course, made)


def _opened(address: str) -> manifest.Opened:
    try:
        return manifest.read(place_of(address))
    except FileNotFoundError as error:
        raise CannotDrill(f"There is no archive at {address}: no manifest is there.") from error


def _checks() -> list[str]:
    there = get_commands()
    own: list[str] = list(setting("RESTORE_DRILL_COMMANDS", []))
    return list(dict.fromkeys([*(name for name in ALWAYS if name in there), *own]))


def _reporting(course: _Course) -> Report:
    def report(step: str, done: int, total: int) -> None:
        course.look()
        course.progress(step, done, total)

    return report


@contextmanager
def _timed(course: _Course, name: str) -> Iterator[Callable[[str], None]]:
    """Add a step that is done within this process; the function takes what it says."""
    course.look()
    said: list[str] = []
    began = time.monotonic()
    yield said.append
    course.add(Step(name, round(time.monotonic() - began, 3), is_well=True, says="\n".join(said)))


def _must(course: _Course, made: Scratch, *command: str) -> None:
    """Run a program without which the rest is worth nothing; raises CannotDrill if it fails."""
    step = _program(course, made, *command)
    if not step.is_well:
        raise CannotDrill(f"{step.name} failed:\n{step.says}")


def _program(course: _Course, made: Scratch, *command: str) -> Step:
    """Run a command of manage.py on the scratch database, and add it as a step."""
    course.look()
    began = time.monotonic()
    code, said = _wait(course, made, command)
    if code not in {0, FOUND} and command[0] not in {"migrate", "restore", "rebuild_projections"}:
        said = f"It could not be done (exit code {code}).\n{said}"
    step = Step(command[0], round(time.monotonic() - began, 3), code == 0, said[-MAX_SAID:].strip())
    course.add(step)
    return step


def _wait(course: _Course, made: Scratch, command: tuple[str, ...]) -> tuple[int, str]:
    words = [sys.executable, "-m", program.__name__, log_database(), made.name, *command]
    output = made.folder / "output"
    with output.open("w+b") as file:
        # What it says goes to a file, as a pipe would be full at some time; progress bars go to the terminal.
        errors = file if course.is_quiet else None
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        process = subprocess.Popen(words, stdout=file, stderr=errors, stdin=subprocess.DEVNULL, env=environment)
        try:
            while process.poll() is None:
                course.look()
                _pause(process)
        finally:
            process.kill()
            process.wait()
        file.seek(0)
        return process.returncode, file.read().decode(errors="replace")


def _pause(process: "subprocess.Popen[bytes]") -> None:
    try:
        process.wait(LOOK_SECONDS)
    except subprocess.TimeoutExpired:
        return


def _compare(course: _Course, made: Scratch) -> None:
    """Hold the two stores against each other, up to the cut: the live ones may have gone on."""
    course.look()
    began = time.monotonic()
    cut = {"events": course.found.position, "commands": course.found.number}
    live, restored = (figures(each, cut, course.look) for each in (store().connection, made.connection))
    differing = [name for name in live if live[name] != restored[name]]
    says = f"{live['events']:,} events and {live['commands']:,} commands are the same, with the same digests."
    if differing:
        says = "\n".join(f"{name}: {live[name]} in the live database, {restored[name]} restored" for name in differing)
    course.add(Step("compare", round(time.monotonic() - began, 3), not differing, says))


def report_of(found: Drilled) -> dict[str, Any]:
    """A drill as JSON values, for scripts."""
    return {
        "source": found.source,
        "position": found.position,
        "number": found.number,
        "well": found.is_well,
        "seconds": round(found.seconds, 3),
        "steps": [asdict(step) for step in found.steps],
    }
