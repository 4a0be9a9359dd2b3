"""The kinds of goals: so many times as good as another, at least so much, none of something."""

import statistics
from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.contest import OURS, Measure
from benchmarks.report import Check, Result


@dataclass(frozen=True)
class TimesAsGood:
    """At least `times` as good as another. Each round gives a ratio; their median counts, so drift cancels out."""

    than: str
    times: float
    of: str = OURS

    def check(self, results: Mapping[str, Result], measure: Measure) -> Check | None:
        if not {self.of, self.than} <= results.keys():
            return None
        pairs = zip(results[self.of].rounds, results[self.than].rounds, strict=True)
        ratio = statistics.median(a / b if measure.more_is_better else b / a for a, b in pairs)
        return Check(f"{self.of} : {self.than}", f"≥ {self.times:.3g} times", f"{ratio:.2f}", ratio >= self.times)


@dataclass(frozen=True)
class AtLeast:
    """At least this value."""

    value: float
    of: str = OURS

    def check(self, results: Mapping[str, Result], measure: Measure) -> Check | None:
        median = results[self.of].median
        return Check(self.of, f"≥ {self.value:,.0f} {measure.unit}", f"{median:,.0f}", median >= self.value)


@dataclass(frozen=True)
class NoMoreThan:
    """At most `times` as much of a fact as another has."""

    fact: str
    than: str
    times: float
    of: str

    def check(self, results: Mapping[str, Result], measure: Measure) -> Check | None:
        ratio = results[self.of].facts[self.fact] / results[self.than].facts[self.fact]
        return Check(
            f"{self.of} : {self.than}, {self.fact}", f"≤ {self.times:g} times", f"{ratio:.2f}", ratio <= self.times
        )


@dataclass(frozen=True)
class NoneOf:
    """A fact that must be 0."""

    fact: str
    of: str = OURS

    def check(self, results: Mapping[str, Result], measure: Measure) -> Check | None:
        number = results[self.of].facts[self.fact]
        return Check(f"{self.of}: {self.fact}", "0", f"{number:,}", number == 0)
