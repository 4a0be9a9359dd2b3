"""Chooses the database and the environment of the tests before Django reads its settings."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.postgres import running_postgres

ENVIRONMENT = {
    "ENV_FILE": os.devnull,  # what this machine's `.env` says is not for the tests
    "DEBUG": "1",  # public secrets, plain static files; pytest-django then turns settings.DEBUG off
    "DEMO_RAILS": "1",
    "LOG_STATE_FILE": "",  # positions come again in each test, which a node that remembers takes for a restore
    "SEAL_KEY": "lJ3hHc6bVqQ0sY1n5m0t2r8uWkz4xCeDfA7gB9iKjLM=",  # of the tests, so that none makes a file
    "SEAL_FILE": "",
}
PROGRAMS = {  # what some tests need, and the tests that do not run without
    "barman": "no backup by barman was restored",
    "haproxy": "no test has run behind the proxy",
    "litestream": "no backup by Litestream was restored",
    "pgbackrest": "no backup by pgBackRest was restored",
    "pgbouncer": "no test has run behind a pooler",
    "systemd-analyze": "no unit was verified",
    "msgfmt": "no translation was compiled",
    "openssl": "no time stamp was made",
    "gcc": "no disk has failed, and no power was cut",
}
ENVIRONMENTS = (str(Path(sys.executable).parent), str(Path(__file__).parent.parent / ".venv-barman" / "bin"))
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DATABASES = {"db", "transactional_db", "program_environment", "sample_tables"}  # fixtures that open one
OWN_DATABASES = (  # tests that start programs or threads on a database of the chosen kind, and need no fixture for it
    "tests/benchmarks/",
    "tests/conformance/",
    "tests/demo/",
    "tests/mail/",
    "tests/packaging/",
    "tests/torture/",
)
MARKERS = (
    "postgresql: needs PostgreSQL, is skipped on SQLite",
    "sqlite: needs SQLite, is skipped on PostgreSQL",
    "browser: needs Chromium, is skipped where it is missing",
    "once(reason): runs on SQLite alone, as another database can't change what it shows",
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
    """Skip tests that can't run here, with the reason; leave out what another database can't change."""
    if config.option.database == "postgresql":
        alike = [item for item in items if _is_alike_everywhere(item)]
        config.hook.pytest_deselected(items=alike)
        items[:] = [item for item in items if item not in set(alike)]
    missing = {
        "postgresql": config.option.database == "sqlite" and "needs PostgreSQL: --database=postgresql",
        "sqlite": config.option.database == "postgresql" and "needs SQLite: --database=sqlite",
        "browser": not CHROMIUM and "NO BROWSER TEST RUNS: Chromium is not installed",
    }
    for item in items:
        for marker, reason in missing.items():
            if reason and item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))


def _is_alike_everywhere(item: pytest.Item) -> bool:
    """Whether a test has run on SQLite for all: it says so, or it opens no database."""
    if item.get_closest_marker("once"):
        return True
    if item.get_closest_marker("postgresql") or item.nodeid.startswith(OWN_DATABASES):
        return False
    fixtures = set(getattr(item, "fixturenames", ()))
    return not (item.get_closest_marker("django_db") or fixtures & DATABASES)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Report tests that were skipped for want of a program."""
    folders = (*ENVIRONMENTS, os.environ["PATH"], "/usr/sbin")
    path = ":".join(folders)
    missing = {program: loss for program, loss in PROGRAMS.items() if not shutil.which(program, path=path)}
    if not CHROMIUM:
        missing["chromium"] = "no browser test has run"
    for program, loss in missing.items():
        terminalreporter.write_line(f"{program} is missing: {loss}.", red=True, bold=True)
