"""A benchmark: its contenders, their work, the measure and the goals."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from benchmarks.report import Check, Result

OURS = "Tidemark"


@dataclass(frozen=True)
class Sample:
    """The work of one process in one round: its units, and the seconds of each call."""

    units: int
    times: Sequence[float]

    @property
    def rate(self) -> float:
        return self.units / sum(self.times)


@dataclass(frozen=True)
class Measure:
    """The value of a round: a rate (more is better), or a duration (less is better)."""

    unit: str
    value: Callable[[Sequence[Sample]], float]
    more_is_better: bool


def per_second(what: str) -> Measure:
    """Units of work per second, of all processes together."""
    return Measure(f"{what}/s", lambda samples: sum(sample.rate for sample in samples), more_is_better=True)


MILLISECONDS = Measure(
    "ms",
    lambda samples: 1000 * statistics.median(time for sample in samples for time in sample.times),
    more_is_better=False,
)


@dataclass(frozen=True)
class Contender:
    """A participant: `python -m module` does the work in `members` processes at once."""

    name: str
    module: str
    work: str
    members: int = 1
    reader: str = ""  # the work of one more process, which reads while the others write
    peer: str = ""  # the environment that it runs in; "" is our own
    on_sqlite: bool = False
    world: str = ""  # contenders of one world share a database, which the first of them prepares
    options: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)


class Goal(Protocol):
    """A goal of a benchmark."""

    def check(self, results: Mapping[str, Result], measure: Measure) -> Check | None:
        """The check of the goal; `None` if a contender that it needs did not take part."""


@dataclass(frozen=True)
class Benchmark:
    """Rounds in which each contender in turn works for some seconds, or `count` times if that is less."""

    name: str
    title: str
    measure: Measure
    contenders: Sequence[Contender]
    goals: Sequence[Goal] = ()
    rounds: int = 3
    seconds: float = 1.5
    count: int = 1_000_000
