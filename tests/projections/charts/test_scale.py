"""Axes have round steps, show zero, and stay exact however large the values are."""

import pytest

from projections.charts.scale import percent, round_step, scale_of

pytestmark = pytest.mark.once("it reads no database")


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([], [0, 1]),
        ([0, 0], [0, 1]),
        ([1], [0, 1]),
        ([3], [0, 1, 2, 3]),
        ([7], [0, 2, 4, 6, 8]),
        ([100], [0, 50, 100]),
        ([101], [0, 50, 100, 150]),
        ([-3, 8], [-5, 0, 5, 10]),
        ([-1], [-1, 0]),
        ([-250], [-300, -200, -100, 0]),
        ([2**80], [0, 5 * 10**23, 10**24, 15 * 10**23]),
    ],
)
def test_ticks_are_round_and_zero_is_among_them(values: list[int], ticks: list[int]) -> None:
    scale = scale_of(values)
    assert scale.ticks == ticks
    assert all(scale.low <= value <= scale.high for value in values)


@pytest.mark.parametrize("span", [1, 9, 99, 1_000, 12_345, 10**18 + 1])
def test_a_step_is_the_smallest_round_one_that_does(span: int) -> None:
    step = round_step(span)
    assert str(step).rstrip("0") in {"1", "2", "5"}
    assert 4 * step >= span


def test_places_are_exact_where_a_float_is_not() -> None:
    assert percent(2**80, 2**81) == "50.00"
    assert percent(2**80 - 1, 2**80) == "100.00"
    assert percent(1, 3) == "33.33"
    assert percent(0, 0) == "0.00"
    assert scale_of([-1, 1]).place(0) == "50.00"
