"""Chooses the database and the environment of the tests before Django reads its settings."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.postgres import running_postgres

ENVIRONMENT = {
    "ENV_FILE": os.devnull,  # what this machine's `.env` says is not for the tests
    "DEBUG": "1",  # public secrets, plain static files; pytest-django then turns settings.DEBUG off
    "DEMO_RAILS": "1",
}
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
MARKERS = (
    "postgresql: needs PostgreSQL, is skipped on SQLite",
    "sqlite: needs SQLite, is skipped on PostgreSQL",
    "browser: needs Chromium, is skipped where it is missing",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the command line choose the database."""
    parser.getgroup("tidemark").addoption(
        "--database",
        choices=("sqlite", "postgresql"),
        default="sqlite",
        help="run on the embedded SQLite (default), or on a PostgreSQL that is started for the tests",
    )


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Sets the environment before pytest-django reads the settings."""
    os.environ.update(ENVIRONMENT)
    if "PYTEST_XDIST_WORKER" not in os.environ:  # workers get what their controller made
        os.environ["DATABASE_URL"] = _database_url(early_config)
    return (yield)


def _database_url(config: pytest.Config) -> str:
    options = config.known_args_namespace
    if options.database == "sqlite" or options.help or options.version:
        return "sqlite://:memory:"  # conftest.py puts the test database into a file
    stack = ExitStack()
    config.add_cleanup(stack.close)
    return stack.enter_context(running_postgres())


def pytest_configure(config: pytest.Config) -> None:
    """Registers the markers."""
    for line in MARKERS:
        config.addinivalue_line("markers", line)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip tests that can't run here, with the reason."""
    missing = {
        "postgresql": config.option.database == "sqlite" and "needs PostgreSQL: --database=postgresql",
        "sqlite": config.option.database == "postgresql" and "needs SQLite: --database=sqlite",
        "browser": not CHROMIUM and "NO BROWSER TEST RUNS: Chromium is not installed",
    }
    for item in items:
        for marker, reason in missing.items():
            if reason and item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Report journeys that were skipped for want of a browser."""
    if not CHROMIUM:
        terminalreporter.write_line("Chromium is missing: no browser test has run.", red=True, bold=True)
