"""Who reads a command's output may stop when they have seen enough: the command ends in silence, as others do."""

import json
import os
import subprocess
import sys
from typing import Any

import django
import pytest
from django.conf import settings
from django.core.management import CommandParser

from eventstore.management.command import READER_LEFT, EngineCommand

pytestmark = pytest.mark.once("output reaches no database")

CASES = {
    "a short output": ["--lines", "1"],
    "a long output": ["--lines", "1000"],
    "an object at the end": ["--lines", "1", "--json"],
    "its help": ["--help"],
}


class Talkative(EngineCommand):
    """Says a number of lines."""

    requires_system_checks = []  # they take longer than all the rest

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--lines", type=int, default=1)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: object, lines: int, **options: object) -> None:
        try:
            for _ in range(lines):
                self.stdout.write("a line of output")
        except OSError as error:
            self.stderr.write(f"a command takes it for a trouble of its own: {error}")
        finally:
            self.stderr.write("tidied up")


def ending(arguments: list[str]) -> dict[str, Any]:
    """How a copy of this program ends that writes into a pipe whose other end is closed; what it says, and its code."""
    errors, said = os.pipe()
    if not (child := os.fork()):
        reading, writing = os.pipe()
        os.close(reading)
        os.dup2(writing, 1)
        os.dup2(said, 2)
        Talkative().run_from_argv(["manage.py", "talk", *arguments])
        raise SystemExit
    os.close(said)
    with os.fdopen(errors) as lines:
        told = lines.read()
    return {"said": told, "code": os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}


def test_a_command_whose_reader_leaves_ends_in_silence() -> None:
    """With real pipes and programs that end by themselves, as what Python does at its end is a part of it."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.commands.test_readers_leave"],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONUNBUFFERED": ""},
        capture_output=True,
        check=True,
        timeout=120,
    )
    silent = {"said": "tidied up\n", "code": READER_LEFT}
    assert json.loads(done.stdout) == {**dict.fromkeys(CASES, silent), "its help": {"said": "", "code": READER_LEFT}}


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(json.dumps({name: ending(arguments) for name, arguments in CASES.items()}))
