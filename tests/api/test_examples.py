"""docs/api.md: each line that it shows is run, by a real shell with a real curl, and gets the answer that it shows.

`REWRITE=1` writes the answers of today into the document instead.
"""

import json
import os
import re
import shutil
import subprocess
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings
from pytest_django.live_server_helper import LiveServer

from accounts.users.roles import Role
from tests.factories import StaffFactory

DOCUMENT = Path(settings.BASE_DIR) / "docs" / "api.md"
BLOCK = re.compile(r"```(sh|json)\n(.*?)```\n", re.DOTALL)
SITE = "http://localhost:8000"
PASSWORD = "a long engine"
GLUE = "\0"  # stands for a space at which no line may end

VARYING = (  # from one run to the next; each is as good as any other of its kind
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "an id"),
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z"), "a time"),
    (re.compile(r"tmk_[A-Za-z0-9_-]{43}"), "a token"),
    (re.compile(r'("position"|"index"|"after"): \d+'), r"\1: a number"),
    (re.compile(r"\bA[Q-Za-f][A-Za-z0-9_-]{34,50}(?![\w-])"), "a cursor"),  # one in 64 ends in a hyphen
    (re.compile(r"staff:\d+"), "staff:a number"),
    (re.compile(r'"\d{4}-\d\d-\d\d"'), "a day"),
)

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not (shutil.which("curl") and shutil.which("bash")), reason="needs curl and bash"),
]


@pytest.fixture
def site(live_server: LiveServer) -> Iterator[LiveServer]:
    """The site, with the members of staff that the document makes."""
    for role in (Role.OPERATOR, Role.APPROVER):
        StaffFactory.create(email=f"{role}@example.org", role=role, password=PASSWORD)
    with override_settings(DEMO_RAILS=True):
        yield live_server


def test_every_example_is_true(site: LiveServer, tmp_path: Path) -> None:
    shown = BLOCK.findall(DOCUMENT.read_text())
    outputs = run([text for kind, text in shown if kind == "sh"], site.url, tmp_path)
    if os.environ.get("REWRITE"):
        DOCUMENT.write_text(rewritten(DOCUMENT.read_text(), outputs))
        return
    for script, expected, answer in answered(shown, outputs):
        assert general(answer) == general(json.loads(expected)), script


def run(scripts: list[str], url: str, place: Path) -> list[str]:
    """What each script wrote, all of them being run by one shell."""
    parts = [f"{{\n{script}\n}} > {place}/{number}\n" for number, script in enumerate(scripts)]
    program = "set -euo pipefail\n" + "".join(parts).replace(SITE, url)
    done = subprocess.run(["bash", "-c", program], capture_output=True, text=True, timeout=1_200, check=False)  # noqa: S607 - our own document, by whatever shell there is
    assert done.returncode == 0, done.stderr
    return [(place / str(number)).read_text().replace(url, SITE) for number in range(len(scripts))]


def answered(shown: list[tuple[str, str]], outputs: list[str]) -> Iterator[tuple[str, str, Any]]:
    """Each script that is followed by an answer, with that answer, and with what it got."""
    answers = iter(outputs)
    for (kind, script), (following, expected) in zip(shown, [*shown[1:], ("", "")], strict=True):
        if kind == "sh":
            answer = next(answers)
            if following == "json":
                yield script, expected, last(answer)


def last(text: str) -> Any:
    """The last of several JSON documents."""
    decoder, place, found = json.JSONDecoder(), 0, None
    while place < len(text):
        found, place = decoder.raw_decode(text, place)
    return found


def general(answer: Any) -> str:
    text = json.dumps(answer, sort_keys=True)
    for pattern, kind in VARYING:
        text = pattern.sub(kind, text)
    return text


def rewritten(document: str, outputs: list[str]) -> str:
    answers = (answer for _, _, answer in answered(BLOCK.findall(document), outputs))

    def block(match: re.Match[str]) -> str:
        return match[0] if match[1] == "sh" else f"```json\n{layout(next(answers))}\n```\n"

    return BLOCK.sub(block, document)


def layout(answer: Any) -> str:
    """In lines that end where a value ends."""
    text = re.sub(r'"(?:[^"\\]|\\.)*"|: ', lambda match: match[0].replace(" ", GLUE), json.dumps(answer))
    lines = textwrap.fill(text, 120, subsequent_indent=" ", break_long_words=False, break_on_hyphens=False)
    return lines.replace(GLUE, " ")
