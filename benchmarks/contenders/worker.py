"""A worker process, which takes requests from its standard input. Plain Python: peers use it too."""

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
    """The task of a worker process. `member` 0 prepares the database for its team, unless `is_prepared`."""

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
        """The task of the command line."""
        return cls(**json.loads(sys.argv[1]))

    @property
    def url(self) -> str:
        return f"postgres://{self.user}@/{self.database}?host={self.host}"


class Work:
    """A kind of work. Only `once` is timed."""

    def __init__(self, task: Task) -> None:
        """Keeps the task; connections are made in `begin`."""
        self.task = task

    def prepare(self) -> None:
        """Makes the tables and their contents, once for a database."""

    def begin(self) -> None:
        """Gets ready, once for each process."""

    def before(self) -> None:
        """Gets ready for the next `once`; not timed."""

    def once(self) -> int:
        """Does the work once; returns its number of units (events, commands)."""
        raise NotImplementedError

    def facts(self) -> dict[str, int]:
        """Facts besides speed, by name."""
        return {}

    def end(self) -> None:
        """Cleans up."""


def serve(task: Task, works: Mapping[str, Callable[[Task], Work]]) -> None:
    """Answers requests to do the task's work, until the standard input ends."""
    answers = _take_standard_output()
    work = works[task.work](task)
    if task.member == 0 and not task.is_prepared:
        work.prepare()
    work.begin()
    try:
        _send(answers, {})
        for line in sys.stdin:
            _send(answers, _execute(work, json.loads(line)))
    finally:
        work.end()


def measure(work: Work, *, seconds: float, count: int) -> dict[str, Any]:
    """Does the work up to `count` times within `seconds`; at least once."""
    units = 0
    times: list[float] = []
    until = time.monotonic() + seconds
    while len(times) < count and (not times or time.monotonic() < until):
        work.before()
        begun = time.perf_counter()
        units += work.once()
        times.append(time.perf_counter() - begun)
    return {"units": units, "times": times}


def _execute(work: Work, request: dict[str, Any]) -> dict[str, Any]:
    return measure(work, **request) if request else work.facts()


def _take_standard_output() -> IO[str]:
    """Reserves the pipe for answers: what libraries print goes to the standard error from now on."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return answers


def _send(answers: IO[str], answer: dict[str, Any]) -> None:
    answers.write(json.dumps(answer) + "\n")
    answers.flush()
