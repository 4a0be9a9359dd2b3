"""What an archive costs for each row, in calls and in memory: neither is a matter of how busy the machine is."""

import sys
import threading
import tracemalloc
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest

from eventstore import log
from eventstore.archive import format as layout
from eventstore.archive import pages, rows, rows_sqlite
from eventstore.archive.errors import CannotArchive
from eventstore.archive.write import archive
from tests.eventstore.archive import history
from tests.eventstore.sample import Counted

pytestmark = pytest.mark.django_db(transaction=True)

ROWS, PAGE = 4_000, 2_000
BYTES = 600  # of Python's, for each row of a segment that is being written: its leaf is kept, and few pages
CALLS = 8  # for each row: 5 hash it


def write_rows(count: int) -> None:
    tally = uuid4()
    log.append("tally", tally, [Counted(tally, 1, number) for number in range(1, count + 1)], actor="ann")


def calls_of_archive(folder: Path) -> int:
    """The calls of functions, of Python's and of others, in all threads of an archive."""
    calls = 0

    def called(_: object, event: str, __: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    threading.setprofile(called)
    sys.setprofile(called)
    try:
        archive(str(folder))
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    return calls


def peak_of_archive(folder: Path) -> int:
    """The most bytes that Python has held during an archive; Arrow's own are not among them."""
    tracemalloc.start()
    try:
        archive(str(folder))
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.fixture
def warm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One large segment; what is imported and cached at first is there."""
    monkeypatch.setattr(layout, "SEGMENT_HEIGHT", 16)
    monkeypatch.setattr(rows, "PAGE", PAGE)
    write_rows(10)
    archive(str(tmp_path / "warm"))


@pytest.mark.usefixtures("warm")
def test_no_row_is_taken_apart_by_itself(tmp_path: Path) -> None:
    few = calls_of_archive(tmp_path / "few")
    write_rows(ROWS)
    assert calls_of_archive(tmp_path / "many") - few < CALLS * ROWS


@pytest.mark.usefixtures("warm")
def test_rows_are_no_objects_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "PAGE", 100)
    few = peak_of_archive(tmp_path / "few")
    write_rows(ROWS)
    assert peak_of_archive(tmp_path / "many") - few < BYTES * ROWS


def test_pages_make_the_same_segments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    history.write(30)
    history.write_persons()
    archive(str(tmp_path / "whole"))
    monkeypatch.setattr(rows, "PAGE", 3)
    archive(str(tmp_path / "parts"))
    names = [
        sorted(file.name for store in ("events", "commands") for file in (tmp_path / folder / store).iterdir())
        for folder in ("whole", "parts")
    ]
    assert names[0] == names[1]


@pytest.mark.once("looks at no database")
@pytest.mark.parametrize(
    ("ids", "texts"),
    [
        ("00", "5 1 1 2026-01-01 tally counted  {} {}"),  # an id that is cut short
        ("00" * 80, "5 1 1 2026-01-01 tally counted  {} {} {}"),  # one value too many
        ("00" * 80, "5 1 1 2026-01-01 tally counted x {} {}"),  # a command's id that is none
        ("00" * 80, "5 1 1 today tally counted  {} {}"),
    ],
)
def test_rows_that_the_program_did_not_write_are_refused(ids: str, texts: str) -> None:
    content = texts.replace(" ", pages.BREAK).encode()
    page = rows.Page(1, 5, partial(rows_sqlite._table, "events", 1, ids, content))
    with pytest.raises(CannotArchive, match=r"^Some of the 1 rows up to 5 .* manage.py verify"):
        page.table()
