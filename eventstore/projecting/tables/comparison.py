"""Two tables, or two rows, of one shape are compared, and what differs is named."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models

from eventstore.backends import store
from eventstore.projecting.tables.table import Table

MAX_DIFFERENCES = 100  # differences that are named; the rest is only counted


@dataclass(frozen=True)
class Difference:
    """One row that is not what it should be: its key, and for each such column what is there and what should be."""

    key: str
    columns: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    problem: str = "differs"


def differences(live: Table, right: Table) -> tuple[list[Difference], int]:
    """What is not in the live table as it should be: the first such rows, and how many there are."""
    unequal = [*live.rows_not_in(right, MAX_DIFFERENCES), *right.rows_not_in(live, MAX_DIFFERENCES)]
    keys = sorted({row.pk for row in unequal})[:MAX_DIFFERENCES]
    # Both lists are cut, each where it likes: only the tables themselves tell what stands opposite a row.
    is_, ought = live.read(keys), right.read(keys)
    named = [d for key in keys if (d := difference(is_.get(key), ought.get(key)))]
    return named, _count(live, right) if named else 0


def difference(live: models.Model | None, right: models.Model | None) -> Difference | None:
    """How a live row differs from the right one; None if it does not."""
    if live is None or right is None:
        present = live or right
        assert present is not None
        return Difference(str(present.pk), problem="missing" if live is None else "should not be there")
    names = [column.attname for column in live._meta.concrete_fields]
    unequal = unequal_pairs({name: (getattr(live, name), getattr(right, name)) for name in names})
    return Difference(str(live.pk), unequal) if unequal else None


def unequal_pairs(pairs: Mapping[str, tuple[Any, Any]]) -> dict[str, tuple[Any, Any]]:
    """Those of what is there and what should be that are not the same."""
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _count(live: Table, right: Table) -> int:
    """How many keys have another row here than there, or none."""
    one, other = _rows_only_in(live, right), _rows_only_in(right, live)
    with store().connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({one} UNION {other}) AS differing")  # noqa: S608 - tables of ours
        (count,) = cursor.fetchone()
    return int(count)


def _rows_only_in(table: Table, other: Table) -> str:
    return f'SELECT "{table.key.column}" FROM ({table.without(other)}) AS "{table.name}_only"'  # noqa: S608 - tables of ours
