"""CSV files that a spreadsheet opens without running any of their text."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

# With these a cell begins that a spreadsheet evaluates; the wide ones are evaluated as well.
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001


def escape_formula(text: str) -> str:
    """Quotes text that a spreadsheet would take for a formula: the spreadsheet hides the quote and shows the text."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def csv_lines(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Converts rows to lines of CSV (RFC 4180), each when it is asked for."""
    return map(csv.writer(_Echo()).writerow, rows)


class _Echo:
    """A file whose `write` returns the text instead of storing it."""

    def write(self, line: str) -> str:
        return line
