"""What the site is made of is listed, pinned and checked by its hash: an inventory that can't go stale."""

import re
from pathlib import Path

import pytest

from tests.architecture.test_docs import ROOT

LISTS = sorted([*ROOT.glob("requirements*.txt"), *ROOT.glob("deploy/*/requirements.txt")])
ENTRY = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)(.*?)(?=^\S|\Z)", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("path", LISTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_component_has_one_version_and_its_hashes(path: Path) -> None:
    text = path.read_text()
    found = ENTRY.findall(text)
    assert len(found) == len(re.findall(r"^[A-Za-z0-9]", text, re.MULTILINE)) > 0
    for name, version, rest in found:
        assert "--hash=sha256:" in rest, (name, version)
    assert not re.search(r"index-url|find-links|git\+|https?://", text), "all come from the Python Package Index"


def test_what_is_installed_is_what_is_listed() -> None:
    makefile = (ROOT / "Makefile").read_text()
    assert makefile.count("pip install") == makefile.count("--require-hashes") == 5


def test_each_that_the_site_names_says_what_it_is_for() -> None:
    lines = [line for line in (ROOT / "requirements.in").read_text().splitlines() if line and not line.startswith("#")]
    assert [line for line in lines if "#" not in line] == []
