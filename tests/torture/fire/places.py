"""A database of its own for programs that are killed: a file of SQLite or a server of PostgreSQL, on a disk that fails.

The database of the tests can't be used: other tests share its server, and no machine with it may lose power.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any, Final, Protocol

import psycopg

from tests import postgres
from tests.torture.fire.disk import Disk

Program = subprocess.Popen[bytes]

# PostgreSQL's defaults, and what a promise of durability needs: a test turns them off, and sees it lose.
DURABLE: Final = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
POLL_SECONDS: Final = 0.02  # between two looks
START_SECONDS: Final = 300.0  # against a server that never starts; no measure


def site_environment(database_url: str) -> dict[str, str]:
    """The environment of a site's programs."""
    return {**os.environ, "DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": "tests.torture.fire.settings"}


class Place(Protocol):
    """Where a site keeps its data."""

    folder: Path
    disk: Disk | None

    def environment(self) -> dict[str, str]:
        """What a program of the site is started with."""

    def start(self) -> None:
        """Serve the files that are there."""

    def stop(self) -> None:
        """Stop, with all that was written on the disk."""

    def kill(self) -> None:
        """End the server and all its processes, without a chance to clean up."""

    def revive(self) -> None:
        """Wait until it serves again after a fault, and start it if it has ended by itself."""

    def said(self) -> str:
        """The end of its log."""


class SQLiteFile:
    """A file of SQLite, which the programs write themselves; `init` is added to the site's PRAGMAs."""

    def __init__(self, folder: Path, *, on_a_disk: bool = False, init: str = "") -> None:
        self.folder = folder / "data"
        self.disk = Disk(self.folder, folder / "disk") if on_a_disk else None
        self.init = init

    def environment(self) -> dict[str, str]:
        own = site_environment(f"sqlite:///{self.folder / 'site.sqlite3'}") | {"TORTURE_PRAGMAS": self.init}
        return own | (self.disk.environment() if self.disk and self.disk.log.exists() else {})

    def start(self) -> None:
        """Nothing is served: a program opens the file."""

    def stop(self) -> None:
        """Nothing is served."""

    def kill(self) -> None:
        """Nothing is served."""

    def revive(self) -> None:
        """Nothing is served."""

    def said(self) -> str:
        return ""


class PostgreSQLServer:
    """A server of PostgreSQL, whose files are on a disk that can fail, if that is asked for."""

    def __init__(
        self, folder: Path, *, on_a_disk: bool = False, options: Mapping[str, str] = {}, programs: Path | None = None
    ) -> None:
        self.root, self.folder = folder, folder / "data"
        self.options = (
            postgres.OPTIONS | DURABLE | {"unix_socket_directories": str(folder), "port": "5432"} | dict(options)
        )
        if postgres._is_root():
            os.chown(folder, *postgres._unprivileged_user())
        self.programs = programs or postgres.programs(folder)
        self.disk = Disk(self.folder, self.root / "disk") if on_a_disk else None
        self.server: Program | None = None

    def make(self) -> None:
        """Make an empty cluster with the site's role and database."""
        postgres._run(
            self.root, self.programs / "initdb", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync"
        )
        self.start()
        with self.connect("postgres", "postgres") as connection:
            connection.execute("CREATE ROLE tidemark LOGIN CREATEDB")
            connection.execute("CREATE DATABASE tidemark OWNER tidemark")

    def environment(self) -> dict[str, str]:
        return site_environment(f"postgres://tidemark@/tidemark?host={self.root}")

    def connect(self, user: str = "postgres", database: str = "tidemark") -> "psycopg.Connection[Any]":
        """A session; a superuser's, unless told otherwise."""
        return psycopg.connect(host=str(self.root), user=user, dbname=database, autocommit=True)

    def start(self) -> None:
        given = [part for name, value in self.options.items() for part in ("-c", f"{name}={value}")]
        account: dict[str, Any] = {}
        if postgres._is_root():
            user, group = postgres._unprivileged_user()
            account = {"user": user, "group": group, "extra_groups": []}
        own = self.disk.environment() if self.disk and self.disk.log.exists() else {}
        with (self.root / "log").open("ab") as log:
            self.server = subprocess.Popen(
                [str(self.programs / "postgres"), "-D", str(self.folder), *given],
                cwd=self.root, stdout=log, stderr=log, env={**os.environ, **own}, **account,
            )  # fmt: skip
        self._wait_until_it_answers()

    def stop(self) -> None:
        if self.server:
            self.server.send_signal(signal.SIGINT)  # a fast shutdown, with a checkpoint
            self.server.wait()
            self.server = None

    def kill(self) -> None:
        if self.server:
            kill_all([self.server.pid, *children(self.server.pid)])
            self.server.wait()
            self.server = None

    def kill_postmaster(self) -> None:
        """Kill the first process alone: the others notice, and end."""
        assert self.server
        others = children(self.server.pid)
        self.server.kill()
        self.server.wait()
        self.server = None
        while any(is_alive(each) for each in others):
            time.sleep(POLL_SECONDS)

    def kill_a_backend(self, chance: Random) -> None:
        """Kill a session of the site: the server ends all the others, and recovers."""
        with self.connect() as connection:
            found = connection.execute("SELECT pid FROM pg_stat_activity WHERE usename = 'tidemark' ORDER BY pid")
            sessions = [pid for (pid,) in found.fetchall()]
        if sessions:
            os.kill(chance.choice(sessions), signal.SIGKILL)

    def revive(self) -> None:
        while not self._answers():
            assert self.server
            if self.server.poll() is not None:
                self.kill()  # what is left of its processes
                self.start()
            time.sleep(POLL_SECONDS)

    def said(self) -> str:
        return (self.root / "log").read_text()[-100_000:]

    def _wait_until_it_answers(self) -> None:
        until = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self.server
            assert self.server.poll() is None, self.said()[-3_000:]
            assert time.monotonic() < until, "PostgreSQL does not answer."
            time.sleep(POLL_SECONDS)

    def _answers(self) -> bool:
        try:
            self.connect("postgres", "postgres").close()
        except psycopg.OperationalError:
            return False
        return True


def children(process: int) -> list[int]:
    """The processes below a process, at any depth."""
    found, waiting = [], [process]
    while waiting:
        for task in Path(f"/proc/{waiting.pop()}/task").glob("*"):
            try:
                own = [int(each) for each in (task / "children").read_text().split()]
            except OSError:
                continue
            found += own
            waiting += own
    return found


def is_alive(process: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def kill_all(processes: list[int]) -> None:
    """Kill processes, and wait until they are gone."""
    for each in processes:
        try:
            os.kill(each, signal.SIGKILL)
        except ProcessLookupError:
            continue
    while any(is_alive(each) for each in processes):
        time.sleep(POLL_SECONDS)


def run(module: str, *arguments: str, environment: Mapping[str, str]) -> str:
    """The output of a module that is run to its end; asserts that it does well."""
    done = subprocess.run(
        [sys.executable, *module.split(), *arguments], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{module} ended with {done.returncode}:\n{done.stdout[-2_000:]}{done.stderr[-3_000:]}"
    return done.stdout


def copied(source: Path, target: Path) -> None:
    """Copy files with their owners."""
    shutil.copytree(source, target, symlinks=True)
    for each in [target, *target.rglob("*")]:
        before = (source / each.relative_to(target)).lstat()
        os.chown(each, before.st_uid, before.st_gid, follow_symlinks=False)
