"""What a benchmark is: who does which work, how it is measured, and what we want to reach."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from benchmarks.outcome import Check, Result

OURS = "Tidemark"


@dataclass(frozen=True)
class Sample:
    """What one process did in one round: units of work, and the seconds that each time took."""

    units: int
    times: Sequence[float]

    @property
    def rate(self) -> float:
        return self.units / sum(self.times)


@dataclass(frozen=True)
class Measure:
    """What a round is worth: a rate, of which more is better, or a duration, of which less is."""

    unit: str
    value: Callable[[Sequence[Sample]], float]
    more_is_better: bool


def per_second(what: str) -> Measure:
    """Units of work in a second, of all processes together."""
    return Measure(f"{what}/s", lambda samples: sum(sample.rate for sample in samples), more_is_better=True)


MILLISECONDS = Measure(
    "ms",
    lambda samples: 1000 * statistics.median(time for sample in samples for time in sample.times),
    more_is_better=False,
)


@dataclass(frozen=True)
class Contender:
    """One that takes part: `python -m module` does the work in `members` processes at once, each told what to do."""

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
    """Something to reach."""

    def check(self, results: Mapping[str, Result], measure: Measure) -> Check | None:
        """Whether it is reached; `None` if who is needed for that did not take part."""


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
