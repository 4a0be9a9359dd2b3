"""docs/guarantees.md names for each promise the settings under which it holds, and tests that exist.

That the paths and names exist is seen by `tests/architecture/test_docs.py`, as in all documents.
"""

import ast
import re
from typing import Final, NamedTuple

import pytest

from tests.architecture.test_docs import ROOT

SHOWN: Final = re.compile(r"`(tests/[\w/]+\.py)(?:: (test_\w+))?`")
CHAPTERS: Final = ["Promises", "Settings", "How it is tested", "Figures", "Not promised"]


class Promise(NamedTuple):
    """A line of the table."""

    said: str
    holds_with: str
    tests: str


def chapters() -> dict[str, str]:
    parts = (ROOT / "docs/guarantees.md").read_text().split("\n## ")[1:]
    return {title: body for title, _, body in (part.partition("\n") for part in parts)}


def promises() -> list[Promise]:
    lines = re.findall(r"^\| (.*) \|$", chapters()["Promises"], re.MULTILINE)
    return [Promise(*(cell.strip() for cell in line.split(" | "))) for line in lines[1:]]


def test_the_chapters_are_all_there() -> None:
    assert list(chapters()) == CHAPTERS
    assert len(promises()) >= 10


@pytest.mark.parametrize("promise", promises(), ids=lambda promise: promise.said[:40])
def test_each_promise_has_its_settings_and_its_tests(promise: Promise) -> None:
    assert promise.said
    assert promise.holds_with
    tests = SHOWN.findall(promise.tests)
    assert tests, "a promise is held by a test"
    assert promise.tests == ", ".join(f"`{path}: {name}`" if name else f"`{path}`" for path, name in tests)
    for path, name in tests:
        defined = [
            node.name for node in ast.walk(ast.parse((ROOT / path).read_text())) if isinstance(node, ast.FunctionDef)
        ]
        assert any(each == name or (not name and each.startswith("test_")) for each in defined)


def test_each_test_of_long_runs_is_named_by_a_promise() -> None:
    named = {path for promise in promises() for path, _ in SHOWN.findall(promise.tests)}
    long = [path for path in (ROOT / "tests/torture").glob("test_*.py") if "size.rounds" in path.read_text()]
    assert {str(path.relative_to(ROOT)) for path in long} <= named


def test_figures_tell_when_and_on_what_they_were_seen() -> None:
    figures = chapters()["Figures"]
    assert re.search(r"20\d\d-\d\d-\d\d", figures)
    assert "cores" in figures
