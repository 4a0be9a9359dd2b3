"""The processes of one contender: started together, they work on request and report facts."""

import json
import os
import secrets
import subprocess
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from benchmarks.contenders.worker import Task
from benchmarks.contest import Contender, Sample
from benchmarks.peers import python_of

ROOT = Path(__file__).resolve().parent.parent
ENDLESS = 1_000_000_000
# The environment of the site's settings; its keys protect nothing here.
SETTINGS = {
    "ENV_FILE": os.devnull,
    "DEBUG": "0",
    "HTTPS": "0",
    "DEMO_RAILS": "1",
    "STAFF_SECOND_FACTOR": "0",
    "SECRET_KEY": secrets.token_urlsafe(48),
    "PERSONAL_DATA_KEY": "WRP1iUeDWhUWkYEDn8Lp3jWm4iVxFqUuB2oMZzqk8nE=",
}


class ContenderFailed(Exception):
    """A contender's process ended by itself; the end of its log follows."""


class Process:
    """One process of a contender, driven by lines of JSON."""

    def __init__(self, contender: Contender, task: Task, database_url: str, log: IO[str]) -> None:
        """Starts the process, which prepares by itself."""
        self.log = log
        self.popen = subprocess.Popen(
            [python_of(contender.peer), "-m", contender.module, json.dumps(asdict(task))],
            cwd=ROOT,
            env={**os.environ, **SETTINGS, "DATABASE_URL": database_url, **contender.environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )

    def send(self, request: Mapping[str, Any]) -> None:
        """Sends a request; `receive` gets its answer."""
        assert self.popen.stdin
        self.popen.stdin.write(json.dumps(request) + "\n")
        self.popen.stdin.flush()

    def receive(self) -> dict[str, Any]:
        """The next answer; raises ContenderFailed if the process has ended."""
        assert self.popen.stdout
        line = self.popen.stdout.readline()
        if not line:
            self.log.seek(0)
            raise ContenderFailed(f"{ContenderFailed.__doc__}\n{self.log.read()[-4000:]}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def stop(self) -> None:
        """Lets the process clean up, and waits for its end."""
        self.popen.communicate()
        self.log.close()


class Team:
    """The member processes of a contender, and its reader if it has one."""

    def __init__(self, contender: Contender, task: Task, database_url: str, folder: Path) -> None:
        """Starts the first member if the database is to be prepared; `get_ready` starts the others."""
        self.contender = contender
        self.tasks = [Task(**{**asdict(task), "member": number}) for number in range(contender.members)]
        if contender.reader:
            self.tasks.append(Task(**{**asdict(task), "work": contender.reader, "member": contender.members}))
        self.database_url, self.folder = database_url, folder
        self.processes: list[Process] = []
        if not task.is_prepared:
            self._start(self.tasks[0])

    def get_ready(self) -> None:
        """Waits until every process is ready."""
        if not self.processes:
            self._start(self.tasks[0])
        self.processes[0].receive()
        for task in self.tasks[1:]:
            self._start(task)
        for process in self.processes[1:]:
            process.receive()

    def work(self, *, seconds: float, count: int) -> list[Sample]:
        """Lets all processes work at once; returns the sample of each member, without the reader's."""
        for number, process in enumerate(self.processes):
            is_reader = number >= self.contender.members
            process.send({"seconds": seconds, "count": ENDLESS if is_reader else count})
        answers = [Sample(**process.receive()) for process in self.processes]
        return answers[: self.contender.members]

    def facts(self) -> dict[str, int]:
        """The facts of all processes, summed by name."""
        facts: dict[str, int] = {}
        for process in self.processes:
            process.send({})
            for name, number in process.receive().items():
                facts[name] = facts.get(name, 0) + number
        return facts

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for process in reversed(self.processes):
            process.stop()

    def _start(self, task: Task) -> None:
        log = (self.folder / f"{task.work}-{task.member}.log").open("w+")
        self.processes.append(Process(self.contender, task, self.database_url, log))
