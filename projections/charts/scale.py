"""Scales: from whole numbers, such as minor units, to places on an axis with round steps.

All of it is done in integers: a sum of balances may be larger than what a float holds exactly.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

STEPS: Final = 4  # at most so many steps fit between the least and the greatest value
ROUND: Final = (1, 2, 5, 10)


@dataclass(frozen=True)
class Scale:
    """An axis from `low` to `high`, both multiples of `step`; zero is always on it."""

    low: int
    high: int
    step: int

    @property
    def ticks(self) -> list[int]:
        """The values with a line across the chart, from the least on."""
        return list(range(self.low, self.high + 1, self.step))

    def place(self, value: int) -> str:
        """Where a value lies, in percent of the way from low to high: "33.33"."""
        return percent(value - self.low, self.high - self.low)


def scale_of(values: Iterable[int]) -> Scale:
    """The scale for some values; from 0 to 1 if all of them are zero, or there is none."""
    known = [0, *values]
    low, high = min(known), max(known)
    step = round_step(high - low)
    return Scale(low // step * step, max(-(-high // step) * step, step if low == high else 0), step)


def round_step(span: int) -> int:
    """The smallest of 1, 2, 5, 10, 20, … that covers a span in STEPS steps."""
    least = max(-(-span // STEPS), 1)
    power: int = 10 ** (len(str(least)) - 1)
    return next(first * power for first in ROUND if first * power >= least)


def percent(part: int, whole: int) -> str:
    """A part in percent of the whole, with two decimals; "0.00" of nothing."""
    hundredths = (2 * part * 10_000 + whole) // (2 * whole) if whole else 0
    return f"{hundredths // 100}.{hundredths % 100:02}"
