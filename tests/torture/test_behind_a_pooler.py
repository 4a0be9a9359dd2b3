"""Runners behind a real pgbouncer that hands out its connections by transaction, of which it has one for all."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import psycopg
import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore.backends.postgresql.notify import NotificationListener, PooledConnection
from eventstore.execute import execute
from tests.eventstore.sample import Count
from tests.eventstore.sample_projections import Grand, Line
from tests.torture.kills import processes, wait_until
from tests.torture.runners import RUNNER, all_is_read, stop

PGBOUNCER = shutil.which("pgbouncer", path=os.environ["PATH"] + ":/usr/sbin")

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("empty_trails"),
    pytest.mark.skipif(not PGBOUNCER, reason="NO TEST BEHIND A POOLER: pgbouncer is not installed"),
]

CONFIGURATION = """
[databases]
* = host={server} port=5432
[pgbouncer]
pool_mode = transaction
default_pool_size = {size}
listen_port = 6432
unix_socket_dir = {folder}
auth_type = trust
auth_file = {folder}/users
logfile = {folder}/log
ignore_startup_parameters = extra_float_digits
"""


@pytest.fixture
def pooler() -> Iterator[Path]:
    """The folder with the socket of a pgbouncer before the test's server."""
    with TemporaryDirectory(prefix="tidemark-pool-", dir="/tmp") as name:
        folder = Path(name)
        server = connection.settings_dict["HOST"] or connection.get_connection_params()["host"]
        (folder / "users").write_text('"tidemark" ""\n')
        (folder / "ini").write_text(CONFIGURATION.format(folder=folder, server=server, size=1))
        account = {}
        if os.geteuid() == 0:  # pgbouncer refuses to be root
            nobody = pwd.getpwnam("nobody")
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
            account = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        assert PGBOUNCER
        process = subprocess.Popen([PGBOUNCER, "--quiet", str(folder / "ini")], **account)  # type: ignore[call-overload]
        wait_until((folder / ".s.PGSQL.6432").exists, [process])
        yield folder
        process.terminate()
        process.wait()


@pytest.fixture
def environment(program_environment: dict[str, str], pooler: Path) -> dict[str, str]:
    url = f"postgres://tidemark@:6432/{connection.settings_dict['NAME']}?host={pooler}"
    return {**program_environment, "DATABASE_URL": url, "PREPARE": "0", "DISABLE_SERVER_SIDE_CURSORS": "1"}


@pytest.fixture
def pooled(pooler: Path) -> Iterator[BaseDatabaseWrapper]:
    """Django's connection to the test database by way of the pooler."""
    wrapper = connection.copy()
    options = {**wrapper.settings_dict["OPTIONS"], "host": str(pooler), "prepare_threshold": None}
    wrapper.settings_dict = {**wrapper.settings_dict, "HOST": "", "PORT": "6432", "OPTIONS": options}
    yield wrapper
    wrapper.close()


def test_runners_that_share_one_connection_do_their_work(environment: dict[str, str]) -> None:
    with processes(RUNNER, 2, environment) as running:
        for number in range(60):
            execute(Count(UUID(int=1 + number % 6), 1), f"count {number}", actor="ann")
        wait_until(all_is_read, running)
        nothing_is_left_in_the_session(environment["DATABASE_URL"])
        stop(running)
    assert Line.objects.count() == Grand.objects.get().total == 60


def nothing_is_left_in_the_session(url: str) -> None:
    """Assert that the one shared session has no LISTEN, no lock and no prepared statement."""
    with psycopg.connect(url.replace("postgres:", "postgresql:"), prepare_threshold=None, autocommit=True) as session:
        left = session.execute(
            "SELECT (SELECT count(*) FROM pg_listening_channels()), (SELECT count(*) FROM pg_prepared_statements),"
            " (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid())"
        ).fetchone()
    assert left == (0, 0, 0)


def test_behind_a_pooler_no_runner_listens(pooled: BaseDatabaseWrapper) -> None:
    with pytest.raises(PooledConnection):
        NotificationListener(pooled)
    with pooled.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_listening_channels()")
        assert cursor.fetchone() == (0,)
