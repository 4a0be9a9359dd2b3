"""Axes are written in the reader's language: short, by the currency's decimals, and in its own words for many."""

import pytest
from django.utils.translation import gettext, override

from projections.charts import Count, Money, Unit
from projections.charts.scale import scale_of
from projections.charts.units import Axis, axis_of

pytestmark = pytest.mark.once("it reads no database")


@pytest.mark.parametrize(
    ("language", "unit", "greatest", "caption", "texts"),
    [
        ("en", Count(), 3, "", ["0", "1", "2", "3"]),
        ("en", Count(), 8_000, "", ["0", "2,000", "4,000", "6,000", "8,000"]),
        ("en", Count(), 9_999, "thousands", ["0", "5", "10"]),
        ("en", Count(), 40_000, "thousands", ["0", "10", "20", "30", "40"]),
        ("en", Count(), 4_500_000, "millions", ["0", "2", "4", "6"]),
        ("en", Money("EUR"), 3, "EUR", ["0.00", "0.01", "0.02", "0.03"]),
        ("en", Money("EUR"), 100, "EUR", ["0.00", "0.50", "1.00"]),
        ("en", Money("EUR"), 400_000, "EUR", ["0", "1,000", "2,000", "3,000", "4,000"]),
        ("en", Money("JPY"), 400, "JPY", ["0", "100", "200", "300", "400"]),
        ("en", Money("KWD"), 4_000, "KWD", ["0", "1", "2", "3", "4"]),
        ("en", Money("EUR"), 8 * 10**17, "EUR, trillions", ["0", "2,000", "4,000", "6,000", "8,000"]),
        ("zh-hans", Money("CNY"), 4_000_000, "CNY, ten thousands", ["0", "1", "2", "3", "4"]),
        ("zh-hans", Count(), 3 * 10**8, "hundred millions", ["0", "1", "2", "3"]),
    ],
)
def test_ticks_are_short(language: str, unit: Unit, greatest: int, caption: str, texts: list[str]) -> None:
    with override(language):
        words = ", ".join(map(gettext, filter(None, caption.split(", "))))
        assert axis_of(scale_of([greatest]), unit) == Axis(words, texts)


def test_negative_ticks_have_a_true_minus_sign() -> None:
    assert axis_of(scale_of([-250]), Money("EUR")).texts == ["−3", "−2", "−1", "0"]


def test_values_are_written_in_full() -> None:
    assert Money("EUR").write(-123_456) == "−1,234.56 EUR"
    assert Count().write(1_234_567) == "1,234,567"
