"""CSV files that a spreadsheet opens without running any of their text.

A spreadsheet evaluates a cell that begins with one of a few signs, and decides by itself where cells begin: where the
decimal sign is a comma it splits at `;`, and many split at tabs, whatever the quotes say. So a text gets a quote before
each place where such a cell could begin; the spreadsheet then shows it as text. It can be taken back: a quote was put
wherever one stands before such a place now, and one only.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

SIGNS: Final = "=+\\-@＝＋－＠"  # noqa: RUF001 - the wide ones are evaluated as well
SEPARATORS: Final = ",;|\t\r\n\v\f\x1c-\x1e\x85\u2028\u2029"  # also those that end a line for some programs
PASSED_OVER: Final = "\\s\"'`\\x00-\\x1f\\x7f-\\x9f\xad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"

# The beginning of a cell, to whoever splits there, that is evaluated.
# White space at the very beginning counts too: some take off what follows it as well.
_FORMULA: Final = re.compile(f"^(?='*[\t\r\n])|(?:^|(?<=[{SEPARATORS}]))(?=[{PASSED_OVER}]*[{SIGNS}])")


def escape_formula(text: str) -> str:
    """Puts a quote before each place at which a spreadsheet could take the text for a formula."""
    return _FORMULA.sub("'", text)


def csv_lines(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Converts rows to lines of CSV (RFC 4180), each when it is asked for; texts are escaped, numbers are not."""
    write = csv.writer(_Echo()).writerow
    return (write([escape_formula(cell) if isinstance(cell, str) else cell for cell in row]) for row in rows)


class _Echo:
    """A file whose `write` returns the text instead of storing it."""

    def write(self, line: str) -> str:
        return line
