"""Statements as CSV: a row with the opening balance, the entries, and a row with the closing balance."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from accounts.domain.money import decimal_amount
from projections.entry_cells import COLUMNS, entry_cells
from projections.spreadsheets import csv_lines
from projections.statements.sheets import LINES_PER_PAGE, NotAsIssued, Sheet


def csv_response(sheet: Sheet, headers: Mapping[str, str]) -> HttpResponseBase:
    """The file as a response: in parts, unless all of it is one page of entries anyway."""
    kind = HttpResponse if sheet.month.entries <= LINES_PER_PAGE else StreamingHttpResponse
    return kind(as_csv(sheet), content_type="text/csv; charset=utf-8", headers=headers)


def as_csv(sheet: Sheet) -> Iterator[str]:
    """The file, some lines at a time. Raises NotAsIssued as `Sheet.pages` does.

    A server may end a response that fails half-way like any other, so the file itself says that it failed: its last row
    is then `invalid`, and not `closing`.
    """
    month = sheet.month
    yield "".join(csv_lines([COLUMNS, _balance("opening", month.opening, month.currency)]))
    try:
        for page in sheet.pages():
            yield "".join(csv_lines(entry_cells(line, month.currency, reversed_by) for line, reversed_by in page))
    except NotAsIssued:
        yield "".join(csv_lines([_row(kind="invalid")]))
        raise
    yield "".join(csv_lines([_balance("closing", month.closing, month.currency)]))


def _balance(kind: str, amount: int, currency: str) -> Sequence[Any]:
    return _row(kind=kind, balance=decimal_amount(amount, currency), currency=currency)


def _row(**cells: Any) -> Sequence[Any]:
    return [cells.get(name) for name in COLUMNS]
