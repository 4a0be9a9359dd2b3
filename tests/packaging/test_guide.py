"""The guide shows the files of `examples/lending` as they are, so what it shows is what `test_wheel` runs."""

import re
from pathlib import Path

import pytest
from django.conf import settings

GUIDE: Path = settings.BASE_DIR / "docs" / "engine.md"
EXAMPLE: Path = settings.BASE_DIR / "examples" / "lending"
BLOCKS = re.findall(r"^```python\n(.*?)^```$", GUIDE.read_text(), re.MULTILINE | re.DOTALL)


def test_there_is_code() -> None:
    assert len(BLOCKS) > 20


@pytest.mark.parametrize("block", BLOCKS)
def test_each_block_is_a_file_or_parts_of_one(block: str) -> None:
    head, _, body = block.partition("\n")
    assert re.fullmatch(r"# [\w/]+\.py", head), f"The first line of a block names its file, not {head!r}."
    text = EXAMPLE.joinpath(head.removeprefix("# ")).read_text()
    for part in re.split(r"^# …$", body, flags=re.MULTILINE):
        for piece in re.split(r"\n\n\n+", part.strip("\n")):
            assert piece in text, f"{head} has no such lines:\n{piece}"
