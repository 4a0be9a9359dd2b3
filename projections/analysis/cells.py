"""The table beside the charts: every figure of the answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from accounts.domain.money import EXPONENTS
from accounts.templatetags.money import money
from eventstore.admin import show
from projections.analysis.questions import Column, Kind
from projections.charts.units import number


@dataclass(frozen=True)
class Cell:
    """A value as it is shown."""

    column: Column
    text: Any


@dataclass(frozen=True)
class Table:
    """Rows of cells under their columns."""

    columns: Sequence[Column]
    rows: list[list[Cell]]


def table_of(columns: Sequence[Column], rows: Sequence[dict[str, Any]]) -> Table:
    """The rows as they are shown."""
    return Table(columns, [[Cell(column, _shown(column, row)) for column in columns] for row in rows])


def _shown(column: Column, row: dict[str, Any]) -> Any:
    found = row[column.name]
    if found is None:
        return show.NOTHING
    match column.kind:
        case Kind.AMOUNT:
            return money(int(found), row["currency"]) if row["currency"] in EXPONENTS else number(int(found))
        case Kind.NUMBER:
            return number(int(found))
        case Kind.TIME:
            return show.moment(found.replace(tzinfo=UTC))
        case Kind.DAY | Kind.TEXT:
            return str(found)
