"""Comparing a live table, or a live row, with the right one of the same shape."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models

from eventstore.backends import store
from eventstore.projecting.tables.table import Table

MAX_DIFFERENCES = 100  # rows that are named; the others are only counted


@dataclass(frozen=True)
class Difference:
    """A row that differs: its key, and for each differing column the actual and the expected value."""

    key: str
    columns: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    problem: str = "differs"


def differences(live: Table, right: Table) -> tuple[list[Difference], int]:
    """The first rows of the live table that are not as in the right one, and how many such rows there are."""
    unequal = [*live.rows_not_in(right, MAX_DIFFERENCES), *right.rows_not_in(live, MAX_DIFFERENCES)]
    keys = sorted({row.pk for row in unequal})[:MAX_DIFFERENCES]
    # Both lists are cut, each at another key: only the tables tell which rows have the same key.
    actual, expected = live.read(keys), right.read(keys)
    named = [d for key in keys if (d := difference(actual.get(key), expected.get(key)))]
    return named, _count(live, right) if named else 0


def difference(live: models.Model | None, right: models.Model | None) -> Difference | None:
    """How a live row differs from the right one; None if it does not. At least one of the rows exists."""
    if live is None or right is None:
        present = live or right
        assert present is not None
        return Difference(str(present.pk), problem="missing" if live is None else "should not be there")
    names = [column.attname for column in live._meta.concrete_fields]
    unequal = unequal_pairs({name: (getattr(live, name), getattr(right, name)) for name in names})
    return Difference(str(live.pk), unequal) if unequal else None


def unequal_pairs(pairs: Mapping[str, tuple[Any, Any]]) -> dict[str, tuple[Any, Any]]:
    """The pairs of an actual and an expected value that are unequal."""
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _count(live: Table, right: Table) -> int:
    """The number of keys whose rows differ, or exist in one table only."""
    one, other = _rows_only_in(live, right), _rows_only_in(right, live)
    with store().connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({one} UNION {other}) AS differing")  # noqa: S608 - tables of ours
        (count,) = cursor.fetchone()
    return int(count)


def _rows_only_in(table: Table, other: Table) -> str:
    return f'SELECT "{table.key.column}" FROM ({table.without(other)}) AS "{table.name}_only"'  # noqa: S608 - tables of ours
