"""Sums of any size: both databases add in 64 bits, and SQLite refuses what is beyond."""

from collections.abc import Mapping
from typing import Any, Final

from django.db.models import BigIntegerField, Case, F, Sum, Value, When
from django.db.models.expressions import Combinable

from projections.models import Entry

HALF: Final = 2**32
SIGNED: Final = Case(When(direction=Entry.Direction.CREDIT, then=F("amount")), default=-F("amount"))


def halves(amount: Combinable) -> dict[str, Sum]:
    """The sums of the upper and of the lower halves of amounts, to be asked for together."""
    half = Value(HALF, BigIntegerField())
    return {"upper": Sum(amount / half), "lower": Sum(amount % half)}


def whole(row: Mapping[str, Any]) -> int:
    """The sum whose halves a row holds; zero where there was nothing to add."""
    return (row["upper"] or 0) * HALF + (row["lower"] or 0)
