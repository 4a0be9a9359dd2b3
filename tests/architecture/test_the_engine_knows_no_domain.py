"""The engine can be installed by any project, so it names nothing of this one's domain."""

import re
from pathlib import Path

import eventstore

DOMAIN = re.compile(r"account|customer|money|currency|withdraw|deposit|transfer|balance|bank", re.IGNORECASE)
HTTP = re.compile("Transfer-Encoding")  # a header of every HTTP request, whatever the domain
SOURCES = sorted(Path(eventstore.__file__).parent.rglob("*.py"))


def test_the_engine_names_no_domain_word() -> None:
    found = [
        f"{source.name}:{number}: {line.strip()}"
        for source in SOURCES
        for number, line in enumerate(source.read_text().splitlines(), start=1)
        if DOMAIN.search(HTTP.sub("", line))
    ]
    assert SOURCES
    assert found == []
