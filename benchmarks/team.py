"""The processes of one contender: started together, told when to work, asked what they saw."""

import json
import os
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
# What the site's settings ask for; the keys protect nothing here.
SETTINGS = {
    "ENV_FILE": os.devnull,
    "DEBUG": "0",
    "HTTPS": "0",
    "DEMO_RAILS": "1",
    "SECRET_KEY": "only for measuring",
    "PERSONAL_DATA_KEY": "bWVhc3VyaW5nIG1lYXN1cmluZyBtZWFzdXJpbmcgbWU=",
}


class ContenderFailed(Exception):
    """A contender's process ended by itself; what it said last follows."""


class Process:
    """One process, spoken to in lines of JSON."""

    def __init__(self, contender: Contender, task: Task, database_url: str, log: IO[str]) -> None:
        """Start it; it gets ready by itself."""
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

    def tell(self, order: Mapping[str, Any]) -> None:
        """Give an order; its answer is to be heard."""
        assert self.popen.stdin
        self.popen.stdin.write(json.dumps(order) + "\n")
        self.popen.stdin.flush()

    def hear(self) -> dict[str, Any]:
        """The next answer; raises ContenderFailed if there is none."""
        assert self.popen.stdout
        line = self.popen.stdout.readline()
        if not line:
            self.log.seek(0)
            raise ContenderFailed(f"{ContenderFailed.__doc__}\n{self.log.read()[-4000:]}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def stop(self) -> None:
        """Let it clean up and end."""
        self.popen.communicate()
        self.log.close()


class Team:
    """The members, and with them a reader where there is one."""

    def __init__(self, contender: Contender, task: Task, database_url: str, folder: Path) -> None:
        """Start the first member, if it has to prepare the database; the others when it is ready."""
        self.contender = contender
        self.tasks = [Task(**{**asdict(task), "member": number}) for number in range(contender.members)]
        if contender.reader:
            self.tasks.append(Task(**{**asdict(task), "work": contender.reader, "member": contender.members}))
        self.database_url, self.folder = database_url, folder
        self.processes: list[Process] = []
        if not task.is_prepared:
            self._start(self.tasks[0])

    def get_ready(self) -> None:
        """Wait until every member is."""
        if not self.processes:
            self._start(self.tasks[0])
        self.processes[0].hear()
        for task in self.tasks[1:]:
            self._start(task)
        for process in self.processes[1:]:
            process.hear()

    def work(self, *, seconds: float, count: int) -> list[Sample]:
        """Have all work at the same time; what each member did, without the reader."""
        for number, process in enumerate(self.processes):
            is_reader = number >= self.contender.members
            process.tell({"seconds": seconds, "count": ENDLESS if is_reader else count})
        answers = [Sample(**process.hear()) for process in self.processes]
        return answers[: self.contender.members]

    def facts(self) -> dict[str, int]:
        """What came to light, summed over all."""
        facts: dict[str, int] = {}
        for process in self.processes:
            process.tell({})
            for name, number in process.hear().items():
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
