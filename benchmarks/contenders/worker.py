"""A process that does its work as often as it is told on its standard input. Plain Python: peers use it too."""

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import IO, Any

NOTE = "Paid at the fish market on the quay, stall 12, with thanks."  # makes every event's payload about 200 bytes


@dataclass(frozen=True)
class Task:
    """What a process is started for. `member` 0 prepares the database for all members of its team, if need be."""

    work: str
    member: int = 0
    host: str = ""  # the folder of the server's socket
    database: str = ""
    user: str = ""
    is_prepared: bool = False
    folder: str = ""  # on a disk, for whatever files the work needs
    options: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def given(cls) -> "Task":
        """What the command line says."""
        return cls(**json.loads(sys.argv[1]))

    @property
    def url(self) -> str:
        return f"postgres://{self.user}@/{self.database}?host={self.host}"


class Work:
    """A kind of work. Only `once` is timed."""

    def __init__(self, task: Task) -> None:
        """Keep the task; connect in `begin`."""
        self.task = task

    def prepare(self) -> None:
        """Make the tables and what is in them."""

    def begin(self) -> None:
        """Get ready, once for each process."""

    def before(self) -> None:
        """Right before each time."""

    def once(self) -> int:
        """Do it; how many units (events, commands) that were."""
        raise NotImplementedError

    def facts(self) -> dict[str, int]:
        """What came to light besides speed."""
        return {}

    def end(self) -> None:
        """Clean up."""


def serve(task: Task, works: Mapping[str, Callable[[Task], Work]]) -> None:
    """Do the work that the task names, as often as asked, until the standard input ends."""
    answers = _take_standard_output()
    work = works[task.work](task)
    if task.member == 0 and not task.is_prepared:
        work.prepare()
    work.begin()
    try:
        _tell(answers, {})
        for line in sys.stdin:
            _tell(answers, _carry_out(work, json.loads(line)))
    finally:
        work.end()


def measure(work: Work, *, seconds: float, count: int) -> dict[str, Any]:
    """Do the work `count` times, or as often as it goes in that time; at least once."""
    units = 0
    times: list[float] = []
    until = time.monotonic() + seconds
    while len(times) < count and (not times or time.monotonic() < until):
        work.before()
        begun = time.perf_counter()
        units += work.once()
        times.append(time.perf_counter() - begun)
    return {"units": units, "times": times}


def _carry_out(work: Work, order: dict[str, Any]) -> dict[str, Any]:
    return measure(work, **order) if order else work.facts()


def _take_standard_output() -> IO[str]:
    """What libraries print goes to the standard error from now on; the answers have the pipe for themselves."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return answers


def _tell(answers: IO[str], answer: dict[str, Any]) -> None:
    answers.write(json.dumps(answer) + "\n")
    answers.flush()
