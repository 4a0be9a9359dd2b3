"""Which commands there are, and how each is run to find out what ends it."""

import json
import os
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import get_commands, load_command_class

# Django's own, a little changed.
NOT_OURS = {"flush", "makemessages"}
# Valid arguments, where a command needs some; of those that would go on until stopped, the one that ends them.
ARGUMENTS: dict[str, list[str]] = {
    "analyse": ["SELECT 1"],
    "archive": ["{folder}/new"],
    "begin_epoch": ["--reason", "a test"],
    "change_staff": ["--email", "ada@example.org", "--activate"],
    "create_staff": ["--email", "ada@example.org", "--role", "auditor", "--password", "kelp-harbour-4711"],
    "demo_data": ["--customers", "2"],
    "metrics": ["--once"],
    "print_grants": ["somebody"],
    "record_shapes": ["--check"],
    "record_zones": ["--check"],
    "relay": ["--once"],
    "replicate_log": ["--status"],
    "restore": ["{folder}/archive"],
    "run_projections": ["--once"],
    "serve": ["--site-only", "--port", "{port}"],
    "show_projection": ["accounts"],
    "watch_projections": ["--once"],
}
# Without a database, and what examines one: these tell of it in their report.
REPORTERS = {"catalogue", "doctor", "metrics", "record_shapes", "record_zones", "watch_projections"}


def ours() -> list[str]:
    """The commands of this repository."""
    of_us = {config.name for config in apps.get_app_configs() if Path(config.path).parent == settings.BASE_DIR}
    return sorted(name for name, app in get_commands().items() if app in of_us and name not in NOT_OURS)


def with_json() -> list[str]:
    """Those of them that can be asked for JSON."""
    return [name for name in ours() if "--json" in parser_of(name)._option_string_actions]


def parser_of(name: str) -> ArgumentParser:
    """The parser of a command's arguments."""
    return load_command_class(get_commands()[name], name).create_parser("manage.py", name)


def run_all(runs: list[list[str]], environment: dict[str, str]) -> list[dict[str, Any]]:
    """Run commands, with all of their arguments, in one program; returns how each has ended."""
    program = [sys.executable, "-m", "tests.commands.sweep", json.dumps(runs)]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", **environment}
    done = subprocess.run(
        program, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    ended: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return ended


def error_in(ended: dict[str, Any]) -> dict[str, Any]:
    """The object that tells programs what has ended a command."""
    error: dict[str, Any] = json.loads(ended["out"])["error"]
    return error
