"""Exact sums of any size, from databases that add in 64 bits.

SQLite refuses a sum that needs more bits, so an amount is split into an upper and a lower part, each added for itself.
"""

from collections.abc import Mapping
from typing import Any, Final

from django.db.models import BigIntegerField, Case, F, QuerySet, Sum, Value, When
from django.db.models.expressions import Combinable

from projections.models import Entry

UPPER_UNIT: Final = 2**32  # what one of the upper part stands for
SIGNED: Final = Case(When(direction=Entry.Direction.CREDIT, then=F("amount")), default=-F("amount"))
ZERO_SUM: Final = {"upper": 0, "lower": 0}  # how `sum_parts` shows a sum of zero


def sum_parts(amount: Combinable) -> dict[str, Sum]:
    """Aggregates for the sums of both parts of an amount; `sum_of` joins them."""
    unit = Value(UPPER_UNIT, BigIntegerField())
    return {"upper": Sum(amount / unit), "lower": Sum(amount % unit)}


def sum_of(row: Mapping[str, Any]) -> int:
    """The sum whose parts a row holds; zero where there was nothing to add."""
    return (row["upper"] or 0) * UPPER_UNIT + (row["lower"] or 0)


def totals_by(rows: "QuerySet[Any, Any]", key: str) -> dict[Any, int]:
    """The sum of the amounts of the rows with each value of a column."""
    parts = rows.order_by(key).values(key).annotate(**sum_parts(F("amount")))
    return {row[key]: sum_of(row) for row in parts}
