"""Fixtures of all tests: the test database, quick passwords, and an environment for programs."""

import os
from collections.abc import Iterator
from typing import Final

import pytest
from django.core.cache import cache
from django.core.management.commands import flush
from django.db import connection
from django.test import override_settings

from eventstore.keys import installation as keys

ENVIRONMENT: Final = pytest.StashKey[dict[str, str]]()

pytest_plugins = ["tests.sample_fixtures", "tests.role_fixtures", "tests.clock_fixtures", "tests.span_fixtures"]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Put SQLite's test database into a file: threads and other programs can't share one in memory.

    The file need not survive a power cut, so no test waits for the disk.
    """
    if connection.vendor == "sqlite":
        file = tmp_path_factory.mktemp("database") / "tidemark.sqlite3"
        connection.settings_dict["TEST"]["NAME"] = str(file)
        connection.settings_dict["OPTIONS"]["init_command"] += "PRAGMA synchronous = OFF;"


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """A safe password hash is slow on purpose."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(scope="session", autouse=True)
def quick_flush() -> Iterator[None]:
    """After each test with real transactions only the keys are looked at anew, not all that `migrate` makes.

    Those rows are there again: `eventstore.testing.flush` has kept them. To find that out takes ten times the flush.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush, "emit_post_migrate_signal", lambda verbosity, interactive, db: keys.install(using=db))
        yield


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    """No test is throttled for what another did."""
    cache.clear()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """Notes the environment, before any fixture changes it."""
    item.stash[ENVIRONMENT] = _environment()
    return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """Fails a test that leaves a variable changed: every program of a later test would get it."""
    yield
    changed = dict(_environment().items() ^ item.stash[ENVIRONMENT].items())
    assert not changed, f"The test has left the environment changed: {', '.join(sorted(changed))}."


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}


@pytest.fixture
def program_environment(transactional_db: None) -> dict[str, str]:
    """The environment in which another program (`manage.py …`) works on the test database."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return {**os.environ, "DATABASE_URL": f"sqlite:///{name}"}
    return {**os.environ, "DATABASE_URL": os.environ["DATABASE_URL"].replace("/tidemark?", f"/{name}?")}
