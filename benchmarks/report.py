"""The report of a run, in the form in which it is stored as JSON."""

import statistics
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Result:
    """One contender in one benchmark: the value of each round, and the spread of the single times."""

    contender: str
    rounds: tuple[float, ...]
    p50_ms: float
    p99_ms: float
    facts: dict[str, int]

    @property
    def median(self) -> float:
        return statistics.median(self.rounds)


@dataclass(frozen=True)
class Check:
    """A goal, and the measured value."""

    what: str
    goal: str
    measured: str
    met: bool


@dataclass(frozen=True)
class BenchmarkReport:
    """The results and checks of one benchmark."""

    name: str
    title: str
    unit: str
    results: tuple[Result, ...]
    checks: tuple[Check, ...]


@dataclass(frozen=True)
class Report:
    """One run: machine, versions and results."""

    machine: dict[str, Any]
    outcomes: tuple[BenchmarkReport, ...]
