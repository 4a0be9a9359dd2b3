"""CSV: no cell is evaluated, wherever a spreadsheet splits the line."""

import csv
import io
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.spreadsheets import PASSED_OVER, SEPARATORS, SIGNS, csv_lines, escape_formula

STARTS = "=+-@＝＋－＠"
IGNORED = ' \t\r\n\v\f\xa0\u3000"\u200b\ufeff'  # what a spreadsheet may take off the beginning of a cell

hostile = st.text(st.sampled_from("=+-@＝＠;,|\t\r\n \"'x1\u200b\u3000"), max_size=12)


def restored(text: str) -> str:
    """The text without the quotes that were put into it, as the module says."""
    return re.sub(f"^'(?='*[\t\r\n])|(?:^|(?<=[{SEPARATORS}]))'(?=[{PASSED_OVER}]*[{SIGNS}])", "", text)


def is_evaluated(cell: str) -> bool:
    return cell.lstrip(IGNORED).startswith(tuple(STARTS))


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("=1+1", "'=1+1"),
        ("x;=1+2", "x;'=1+2"),
        ("x\t=1", "x\t'=1"),
        ("x|-1", "x|'-1"),
        ("x,@y", "x,'@y"),
        ("x; =1", "x;' =1"),
        ('x;"=1"', 'x;\'"=1"'),
        ("x;＝1", "x;'＝1"),
        ("a;b;=1;+2", "a;b;'=1;'+2"),
        ("\t=1", "'\t'=1"),
        ("\r=1", "'\r'=1"),
        ("\n=1", "'\n'=1"),
        ("\tx", "'\tx"),
        ("x\n=1", "x\n'=1"),
        (" =1", "' =1"),
        ("\u3000=1", "'\u3000=1"),
        ("\u200b=1", "'\u200b=1"),
        ("\ufeff=1", "'\ufeff=1"),
        ("'=1", "''=1"),
        ("-", "'-"),
    ],
)
def test_a_quote_is_put_where_a_formula_could_begin(text: str, escaped: str) -> None:
    assert escape_formula(text) == escaped


@pytest.mark.parametrize(
    "text", ["", "Dinner", "1-2", "a=b", "Tom's", "a; b", "a | b", "x@example.org", "50 % - thanks"]
)
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert escape_formula(text) == text


@given(st.one_of(hostile, st.text(max_size=20)))
def test_no_cell_is_evaluated_wherever_a_spreadsheet_splits(text: str) -> None:
    escaped = escape_formula(text)
    for separators in (";", ",", "\t", "|", ";,", ";,\t|", ";,\t|\r\n"):
        assert not any(map(is_evaluated, re.split(f"[{re.escape(separators)}]", escaped)))


@given(st.one_of(hostile, st.text(max_size=20)))
def test_the_text_can_be_taken_back(text: str) -> None:
    assert restored(escape_formula(text)) == text


@given(st.lists(st.one_of(hostile, st.integers(), st.none()), min_size=2, max_size=5))
def test_every_text_of_a_line_is_escaped(row: list[str | int | None]) -> None:
    (line,) = csv_lines([row])
    (read,) = csv.reader(io.StringIO(line, newline=""))
    assert read == [
        "" if cell is None else escape_formula(cell) if isinstance(cell, str) else str(cell) for cell in row
    ]


def test_numbers_stay_numbers() -> None:
    assert list(csv_lines([[Decimal("-10.50"), -1, "-1"]])) == ["-10.50,-1,'-1\r\n"]
