"""docs/security.md answers for each item of OWASP ASVS 5.0.0 on levels 1 and 2, once, and names tests that exist.

That the paths and tests exist is seen by `tests/architecture/test_docs.py`, as in all documents.
"""

import re
from typing import Final, NamedTuple

import pytest

from tests.architecture.test_docs import ROOT

# The items of each section: those of level 1, then those of level 2.
ITEMS: Final = """
V1.1: - | 1 2
V1.2: 1 2 3 4 5 | 6 7 8 9
V1.3: 1 2 | 3 4 5 6 7 8 9 10 11
V1.4: - | 1 2 3
V1.5: 1 | 2
V2.1: 1 | 2 3
V2.2: 1 2 | 3
V2.3: 1 | 2 3 4
V2.4: - | 1
V3.2: 1 2 | -
V3.3: 1 | 2 3 4
V3.4: 1 2 | 3 4 5 6
V3.5: 1 2 3 | 4 5
V3.7: - | 1 2
V4.1: 1 | 2 3
V4.2: - | 1
V4.3: - | 1 2
V4.4: 1 | 2 3 4
V5.1: - | 1
V5.2: 1 2 | 3
V5.3: 1 2 | -
V5.4: - | 1 2 3
V6.1: 1 | 2 3
V6.2: 1 2 3 4 5 6 7 8 | 9 10 11 12
V6.3: 1 2 | 3 4
V6.4: 1 2 | 3 4
V6.5: - | 1 2 3 4 5
V6.6: - | 1 2 3
V6.8: - | 1 2 3 4
V7.1: - | 1 2 3
V7.2: 1 2 3 4 | -
V7.3: - | 1 2
V7.4: 1 2 | 3 4 5
V7.5: - | 1 2
V7.6: - | 1 2
V8.1: 1 | 2
V8.2: 1 2 | 3
V8.3: 1 | -
V8.4: - | 1
V9.1: 1 2 3 | -
V9.2: 1 | 2 3 4
V10.1: - | 1 2
V10.2: - | 1 2
V10.3: - | 1 2 3 4
V10.4: 1 2 3 4 5 | 6 7 8 9 10 11
V10.5: - | 1 2 3 4 5
V10.6: - | 1 2
V10.7: - | 1 2 3
V11.1: - | 1 2
V11.2: - | 1 2 3
V11.3: 1 2 | 3
V11.4: 1 | 2 3 4
V11.5: - | 1
V11.6: - | 1
V12.1: 1 | 2 3
V12.2: 1 2 | -
V12.3: - | 1 2 3 4
V13.1: - | 1
V13.2: - | 1 2 3 4 5
V13.3: - | 1 2
V13.4: 1 | 2 3 4 5
V14.1: - | 1 2
V14.2: 1 | 2 3 4
V14.3: 1 | 2 3
V15.1: 1 | 2 3
V15.2: 1 | 2 3
V15.3: 1 | 2 3 4 5 6 7
V16.1: - | 1
V16.2: - | 1 2 3 4 5
V16.3: - | 1 2 3 4
V16.4: - | 1 2 3
V16.5: - | 1 2 3
V17.1: - | 1
V17.2: - | 1 2 3 4
V17.3: - | 1 2
"""

STATES: Final = ("not applicable: ", "**in part**: ", "**not met**: ")
SHOWN: Final = re.compile(r"`(tests/[\w/]+\.py)(?:: (test_\w+))?`")


class Row(NamedTuple):
    """A line of the map."""

    item: str
    level: str
    about: str
    held_by: str
    shown_by: str


def expected() -> dict[str, str]:
    """Each item with its level."""
    found: dict[str, str] = {}
    for line in ITEMS.strip().splitlines():
        section, _, numbers = line.partition(": ")
        for level, part in zip("12", numbers.split(" | "), strict=True):
            found |= {f"{section}.{number}": level for number in part.split() if number != "-"}
    return found


def the_map() -> str:
    return (ROOT / "docs/security.md").read_text().partition("\n## OWASP ASVS 5.0\n")[2]


def rows() -> list[Row]:
    lines = re.findall(r"^\| (V\d.*) \|$", the_map(), re.MULTILINE)
    return [Row(*(cell.strip() for cell in line.split(" | "))) for line in lines]


def state_of(row: Row) -> str:
    return next((state for state in STATES if row.held_by.startswith(state)), "held")


def test_there_are_253_items() -> None:
    levels = list(expected().values())
    assert (levels.count("1"), levels.count("2")) == (70, 183)


def test_each_item_stands_there_once_with_its_level_in_order() -> None:
    assert [(row.item, row.level) for row in rows()] == list(expected().items())


def test_each_item_stands_in_its_chapter() -> None:
    for chapter in the_map().split("\n### ")[1:]:
        number = chapter.split()[0]
        items = re.findall(r"^\| (V\d+)\.", chapter, re.MULTILINE)
        assert set(items) == {number}


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.item)
def test_each_item_has_a_holder_and_a_test_or_a_reason(row: Row) -> None:
    assert row.about
    state = state_of(row)
    tests = SHOWN.findall(row.shown_by)
    assert row.shown_by == ", ".join(_as_shown(*test) for test in tests) or row.shown_by == "–"
    if state == "held":
        assert row.held_by
        assert tests, "what is held is shown by a test"
    else:
        assert len(row.held_by.removeprefix(state).split()) >= 2, "a reason is more than a word"


def _as_shown(path: str, name: str) -> str:
    return f"`{path}: {name}`" if name else f"`{path}`"


def test_the_sums_are_right() -> None:
    states = [state_of(row) for row in rows()]
    said = re.search(
        r"Of the (\d+): (\d+) are held, (\d+) are not applicable, (\d+) are met in part, (\d+) ", the_map()
    )
    assert said
    counted = [len(states), states.count("held"), *(states.count(state) for state in STATES)]
    assert [int(number) for number in said.groups()] == counted
