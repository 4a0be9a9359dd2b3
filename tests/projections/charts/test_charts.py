"""What is drawn: every value at its place, with words for whoever does not see it, and nothing inline."""

import re
from xml.etree import ElementTree

import pytest

from projections.charts import Bar, BarChart, Count, LineChart, Money, Series
from projections.templatetags.charts import chart

pytestmark = pytest.mark.once("it reads no database")


def lines(*values: int, unit: Count | Money = Count()) -> LineChart:  # noqa: B008 - it never changes
    return LineChart("c", "Flows", [f"day {at}" for at in range(len(values))], [Series("in", values)], unit)


def bars(*values: int, unit: Count | Money = Count()) -> BarChart:  # noqa: B008 - likewise
    return BarChart("c", "Balances", [Bar(f"bar {at}", value) for at, value in enumerate(values)], unit)


def drawn(found: BarChart | LineChart) -> ElementTree.Element:
    """The figure, which must be well-formed."""
    return ElementTree.fromstring(chart(found))  # noqa: S314 - our own


def test_a_line_goes_through_its_values_from_the_top() -> None:
    (line,) = lines(0, 50, 100).lines
    assert line.points == "0.00,100.00 50.00,50.00 100.00,0.00"
    assert line.dots[1].text == "day 1, in: 50"


def test_a_single_value_is_a_dot_in_the_middle() -> None:
    found = lines(10)
    assert [(dot.x, dot.y) for dot in found.lines[0].dots] == [("50.00", "0.00")]
    assert [(label.place, label.anchor) for label in found.labels] == [("50.00", "middle")]


def test_negative_values_lie_below_the_zero_line() -> None:
    found = lines(-100, 100)
    (zero,) = (tick.place for tick in found.ticks if tick.is_zero)
    assert zero == "50.00"
    assert found.lines[0].points == "0.00,100.00 100.00,0.00"
    row, other = bars(-100, 100).rows
    assert (row.x, row.width, row.is_negative) == ("0.00", "50.00", True)
    assert (other.x, other.width, other.is_negative) == ("50.00", "50.00", False)


@pytest.mark.parametrize("found", [lines(), bars()])
def test_without_values_it_says_so(found: BarChart | LineChart) -> None:
    figure = drawn(found)
    assert figure.find(".//svg") is None
    assert "nothing to draw" in "".join(figure.itertext())


def test_sums_beyond_64_bits_are_drawn() -> None:
    assert drawn(lines(2**70, -(2**70), unit=Money("EUR"))) is not None
    assert bars(2**70, unit=Money("EUR")).rows[0].text == "11,805,916,207,174,113,034.24 EUR"


def test_many_points_have_few_labels_and_no_dots() -> None:
    found = lines(*range(744))
    assert len(found.labels) == 6
    assert found.labels[0].anchor == "start"
    assert not found.lines[0].dots


@pytest.mark.parametrize("found", [lines(1, 3, unit=Money("EUR")), bars(1, 3, unit=Money("EUR"))])
def test_it_has_a_name_and_a_description(found: BarChart | LineChart) -> None:
    svg = drawn(found).find(".//svg[@role='img']")
    assert svg is not None
    named = [element.text for element in svg if element.get("id") in svg.attrib["aria-labelledby"].split()]
    assert named == [found.title, found.description]
    assert "0.03 EUR" in found.description


@pytest.mark.parametrize("found", [lines(1, 2), bars(1, 2)])
def test_nothing_is_inline_and_names_are_escaped(found: BarChart | LineChart) -> None:
    assert not re.search(r"style=|<script|<style|\son[a-z]+=", chart(found))
    named = BarChart("c", "<b>&", [Bar("<script>", 1)], Count())
    assert "<script>" not in chart(named)
    assert drawn(named) is not None
