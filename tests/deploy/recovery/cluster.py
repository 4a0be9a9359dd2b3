"""Servers of PostgreSQL that are backed up, and their restored twins."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import psycopg
from django.conf import settings

from tests.postgres import OPTIONS, account, programs

SETTINGS: Final = settings.BASE_DIR / "deploy" / "postgresql" / "backup.conf"


class Cluster:
    """A server on a data folder; it listens in that folder's parent alone."""

    def __init__(self, data: Path, binaries: Path) -> None:
        self.data, self.binaries, self.socket = data, binaries, data.parent

    @property
    def url(self) -> str:
        """The site's database, whose role is no superuser."""
        return f"postgres://tidemark@/tidemark?host={self.socket}"

    def make(self, *more: str) -> None:
        """A new data folder with the settings of deploy/postgresql/backup.conf, and lines of more."""
        self.socket.mkdir(exist_ok=True)
        hand_over(self.socket)
        self.run("initdb", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync", "--pgdata", self.data)
        lines = [f"{name} = '{value}'" for name, value in OPTIONS.items()]
        known = [line for line in SETTINGS.read_text().splitlines() if self.knows(line)]
        with (self.data / "postgresql.conf").open("a") as file:
            file.write("\n".join([*lines, f"unix_socket_directories = '{self.socket}'", *known, *more, ""]))

    def knows(self, line: str) -> bool:
        """Whether this version has the setting of a line."""
        return (self.binaries / "pg_combinebackup").exists() or "summar" not in line

    @contextmanager
    def running(self) -> Iterator["Cluster"]:
        """The server, once it has recovered and takes commands."""
        options = f"-c unix_socket_directories={self.socket} -c hot_standby=off"
        log = self.socket / f"{self.data.name}.log"
        start: list[str | Path] = [
            "start",
            "--wait",
            "--timeout=300",
            "--log",
            log,
            "--options",
            options,
            "--pgdata",
            self.data,
        ]
        try:
            self.run("pg_ctl", *start)
        except AssertionError as error:
            error.add_note(log.read_text())
            raise
        try:
            yield self
        finally:
            self.run("pg_ctl", "stop", "--mode=immediate", "--pgdata", self.data)

    def run(self, program: str, *arguments: str | Path, **options: Any) -> str:
        """What one of PostgreSQL's programs prints; it must not fail."""
        command = [str(self.binaries / program), *map(str, arguments)]
        return run_as_postgres(self.socket, command, **options)

    def ask(self, statement: str, database: str = "postgres") -> Any:
        """The answer to a statement of a superuser's: its first column."""
        with psycopg.connect(host=str(self.socket), user="postgres", dbname=database, autocommit=True) as connection:
            done = connection.execute(statement.encode())
            row = done.fetchone() if done.description else None
            return row[0] if row else None

    def make_database(self) -> None:
        """The site's role and database."""
        with psycopg.connect(host=str(self.socket), user="postgres", dbname="postgres", autocommit=True) as connection:
            connection.execute("CREATE ROLE tidemark LOGIN")
            connection.execute("CREATE DATABASE tidemark OWNER tidemark")


def run_as_postgres(folder: Path, command: list[str], **options: Any) -> str:
    """What a program of the server's user prints; to a file, as a server would keep a pipe open."""
    with (folder / "output").open("w+") as output:
        done = subprocess.run(command, cwd=folder, stdout=output, stderr=output, check=False, **account(), **options)
        output.seek(0)
        printed = output.read()
    assert done.returncode == 0, f"{' '.join(command)}\n{printed}"
    return printed


def hand_over(folder: Path) -> None:
    """Give a folder, and all that is in it, to the server's user, as whoever restores it has to."""
    if owner := account().get("user"):
        for path in (folder, *folder.rglob("*")):
            os.chown(path, owner, account()["group"], follow_symlinks=False)
    if folder.name.startswith("data"):
        folder.chmod(0o700)


@contextmanager
def room() -> Iterator[Path]:
    """A folder for servers, which their user may enter."""
    with TemporaryDirectory(prefix="tidemark-", dir="/tmp" if os.geteuid() == 0 else None) as name:  # noqa: S108
        folder = Path(name)
        hand_over(folder)
        yield folder


@contextmanager
def server(*more: str, binaries: Path | None = None) -> Iterator[Cluster]:
    """A running server with the site's empty database."""
    with room() as folder:
        cluster = Cluster(folder / "live" / "data", binaries or programs(folder))
        cluster.make(*more)
        with cluster.running():
            cluster.make_database()
            yield cluster


def twin(live: Cluster, data: Path) -> Cluster:
    """The server of a restored data folder."""
    hand_over(data.parent)
    hand_over(data)
    return Cluster(data, live.binaries)


def version(folder: Path) -> Path | None:
    """A folder of PostgreSQL's programs, if they are there."""
    return folder if (folder / "initdb").exists() else None


def found(program: str, *folders: Path) -> str:
    """The path of a program, or an empty text."""
    path = ":".join([*map(str, folders), os.environ["PATH"]])
    return shutil.which(program, path=path) or ""
