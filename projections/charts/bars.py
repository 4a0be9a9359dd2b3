"""Bar charts: a value for each of some names, from a line at zero to the right, or to the left if it is negative.

Names stand above their bars: a long one has room on a phone, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Final

from django.utils.translation import gettext as _

from projections.charts.lines import Tick
from projections.charts.scale import Scale, percent, scale_of
from projections.charts.units import Axis, Unit, axis_of

ROW_PX: Final = 44
FOOT_PX: Final = 28  # for the labels of the axis
TOLD: Final = 12  # bars that the description names


@dataclass(frozen=True)
class Bar:
    """A name and its value."""

    name: str
    value: int


@dataclass(frozen=True)
class Row:
    """A bar as it is drawn: its text's and its own distance from the top in pixels, its place and width in percent."""

    name: str
    text: str
    text_y: int
    y: int
    x: str
    width: str
    is_negative: bool


@dataclass(frozen=True)
class BarChart:
    """Bars in order; `key` names the chart on its page."""

    key: str
    title: str
    bars: Sequence[Bar]
    unit: Unit

    template: ClassVar[str] = "projections/charts/bar.html"

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not self.bars

    @cached_property
    def scale(self) -> Scale:
        """The scale of all bars."""
        return scale_of(bar.value for bar in self.bars)

    @cached_property
    def axis(self) -> Axis:
        """The words below the lines."""
        return axis_of(self.scale, self.unit)

    @property
    def height(self) -> int:
        """In pixels."""
        return self.foot + FOOT_PX

    @property
    def foot(self) -> int:
        """Where the bars end and the labels begin, in pixels from the top."""
        return len(self.bars) * ROW_PX

    @property
    def ticks(self) -> list[Tick]:
        """The lines from top to bottom; every other label is left out on a phone, but never that of zero."""
        scale, texts = self.scale, self.axis.texts
        zero = scale.ticks.index(0)
        anchors = {scale.low: "start", scale.high: "end"}
        return [
            Tick(scale.place(value), text, value == 0, bool((at - zero) % 2), anchors.get(value, "middle"))
            for at, (value, text) in enumerate(zip(scale.ticks, texts, strict=True))
        ]

    @property
    def rows(self) -> list[Row]:
        """The bars as they are drawn."""
        return [self._row(at * ROW_PX, bar) for at, bar in enumerate(self.bars)]

    @property
    def description(self) -> str:
        """What it shows, in words."""
        told = "; ".join(f"{bar.name}: {self.unit.write(bar.value)}" for bar in self.bars[:TOLD])
        if (more := len(self.bars) - TOLD) > 0:
            told += "; " + _("and %(count)s more") % {"count": more}
        return f"{told}."

    def _row(self, top: int, bar: Bar) -> Row:
        scale = self.scale
        x, width = scale.place(min(bar.value, 0)), percent(abs(bar.value), scale.high - scale.low)
        return Row(bar.name, self.unit.write(bar.value), top + 16, top + 22, x, width, bar.value < 0)
