"""Line charts: one or more series of values over the same points, such as days."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Final

from django.utils.translation import gettext as _

from projections.charts.scale import Scale, percent, scale_of
from projections.charts.units import Axis, Unit, axis_of

LABELS: Final = 6  # below the axis; on a phone every other one is left out, or two of three
SHORT: Final = 6  # letters of a label of which three have room on a phone
DOTS: Final = 62  # points that are marked by a dot; more would hide the line


@dataclass(frozen=True)
class Series:
    """A name, and a value for each point."""

    name: str
    values: Sequence[int]


@dataclass(frozen=True)
class Tick:
    """A line across the chart, or a label below it: its place in percent, and its text."""

    place: str
    text: str
    is_zero: bool = False
    is_minor: bool = False
    anchor: str = "middle"


@dataclass(frozen=True)
class Dot:
    """A point of a line, with what it stands for."""

    x: str
    y: str
    text: str


@dataclass(frozen=True)
class Line:
    """A series as it is drawn; `kind` is the number of its looks."""

    kind: int
    name: str
    points: str
    dots: list[Dot]


@dataclass(frozen=True)
class LineChart:
    """Lines over points in order; `key` names the chart on its page."""

    key: str
    title: str
    points: Sequence[str]  # what each is called
    series: Sequence[Series]
    unit: Unit

    template: ClassVar[str] = "projections/charts/line.html"

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not self.points or not self.series

    @cached_property
    def scale(self) -> Scale:
        """The scale of all series."""
        return scale_of(value for each in self.series for value in each.values)

    @cached_property
    def axis(self) -> Axis:
        """The words beside the lines across."""
        return axis_of(self.scale, self.unit)

    @property
    def ticks(self) -> list[Tick]:
        """The lines across, from the bottom on."""
        ticks = zip(self.scale.ticks, self.axis.texts, strict=True)
        return [Tick(self._height(value), text, is_zero=value == 0) for value, text in ticks]

    @property
    def labels(self) -> list[Tick]:
        """The names of some points, evenly spread, the first one among them."""
        every = -(-len(self.points) // LABELS)
        shown = range(0, len(self.points), every)
        major = 3 if max(map(len, self.points)) > SHORT else 2
        return [
            Tick(self._across(at), self.points[at], is_minor=number % major > 0, anchor=self._anchor(at))
            for number, at in enumerate(shown)
        ]

    @property
    def lines(self) -> list[Line]:
        """The series as they are drawn."""
        return [self._line(kind, each) for kind, each in enumerate(self.series, 1)]

    @property
    def description(self) -> str:
        """What it shows, in words."""
        text = _("%(series)s: least %(least)s, greatest %(greatest)s, last %(last)s.")
        span = _("From %(first)s to %(last)s.") % {"first": self.points[0], "last": self.points[-1]}
        return " ".join([span, *(text % found for found in self._extremes())])

    def _extremes(self) -> Iterator[dict[str, str]]:
        for each in self.series:
            found = {"least": min(each.values), "greatest": max(each.values), "last": each.values[-1]}
            yield {"series": each.name, **{name: self.unit.write(value) for name, value in found.items()}}

    def _line(self, kind: int, series: Series) -> Line:
        places = [(self._across(at), self._height(value)) for at, value in enumerate(series.values)]
        named = zip(self.points, series.values, places, strict=True)
        dots = [Dot(x, y, f"{point}, {series.name}: {self.unit.write(value)}") for point, value, (x, y) in named]
        return Line(kind, series.name, " ".join(map(",".join, places)), dots if len(dots) <= DOTS else [])

    def _across(self, at: int) -> str:
        return percent(at, len(self.points) - 1) if len(self.points) > 1 else "50.00"

    def _anchor(self, at: int) -> str:
        """The first label begins, and the last one ends, where the chart does."""
        if len(self.points) == 1:
            return "middle"
        return "start" if at == 0 else "end" if at == len(self.points) - 1 else "middle"

    def _height(self, value: int) -> str:
        """From the top, as SVG counts."""
        return percent(self.scale.high - value, self.scale.high - self.scale.low)
