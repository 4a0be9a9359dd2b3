"""Statements as CSV: a row with the opening balance, the entries, and a row with the closing balance."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from accounts.domain.money import format_amount
from projections.api.serializers import EntrySerializer
from projections.spreadsheets import csv_lines, escape_formula
from projections.statements.sheets import Sheet

COLUMNS: Final = tuple(EntrySerializer().fields)


def as_csv(sheet: Sheet) -> Iterator[str]:
    """The lines of the file; a reference that a spreadsheet would run as a formula is quoted."""
    month = sheet.month
    yield from csv_lines([COLUMNS, _balance("opening", month.opening, month.currency)])
    yield from csv_lines(_cells(EntrySerializer(entry).data) for entry in sheet.entries)
    yield from csv_lines([_balance("closing", month.closing, month.currency)])


def _balance(kind: str, amount: int, currency: str) -> list[str]:
    cells = {"kind": kind, "balance": format_amount(amount, currency), "currency": currency}
    return [cells.get(name, "") for name in COLUMNS]


def _cells(line: Mapping[str, Any]) -> list[Any]:
    return [escape_formula(line[name]) if name == "reference" else line[name] for name in COLUMNS]
