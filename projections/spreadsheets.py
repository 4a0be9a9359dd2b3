"""Tables as files that a spreadsheet opens, and runs nothing of."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

RUN: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - wide ones are run as well


def harmless(text: str) -> str:
    """What a person wrote, so that no spreadsheet takes it for a formula: it shows the text and hides the quote."""
    return f"'{text}" if text.startswith(RUN) else text


def lines_of(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Rows as lines of CSV (RFC 4180)."""
    return map(csv.writer(_Through()).writerow, rows)


class _Through:
    """A file that hands back what is written to it."""

    def write(self, line: str) -> str:
        return line
