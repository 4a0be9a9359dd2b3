"""System checks of the project: who may read its files, and whether what travels is encrypted."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Tags
from django.db import connections

from config.private_files import is_file

OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
ENDINGS: Final = ("", "-wal", "-shm", "-journal")  # of SQLite's files


def register() -> None:
    """Registers the checks: `doctor` runs them all, and `check` with `--deploy` or `--database default` one."""
    checks.register(check_private_files, Tags.security, Tags.database)
    checks.register(check_https, Tags.security, deploy=True)


def check_https(**_: Any) -> list[CheckMessage]:
    """Checks that HTTPS is on, from which the settings that Django checks follow."""
    if settings.HTTPS:
        return []
    return [
        checks.Warning(
            "HTTPS is off, so passwords and cookies travel in clear.",
            hint="Set HTTPS=1 and, behind a proxy that ends HTTPS, TRUSTED_PROXIES=1.",
            id="tidemark.W002",
        )
    ]


def check_private_files(databases: Any = None, **_: Any) -> list[CheckMessage]:
    """Checks that nobody but their owner reads the files of the database and of the secrets.

    Only where databases are checked, too: not whenever a command starts.
    """
    if databases is None or os.name != "posix":
        return []
    return [
        checks.Warning(
            f"{path} may be read or changed by others than its owner (its mode is {mode:o}).",
            hint=f"Type: chmod 600 {path}",
            id="tidemark.W001",
        )
        for path in _files()
        if (mode := _open_mode(path))
    ]


def _files() -> Iterator[Path]:
    yield Path(settings.ENV_FILE)
    for connection in connections.all():
        name = connection.settings_dict["NAME"]
        if connection.vendor == "sqlite" and is_file(name):
            yield from (Path(f"{name}{ending}") for ending in ENDINGS)


def _open_mode(path: Path) -> int:
    """The mode of a file that others may open; 0 for one that is private, or none.

    What belongs to another, such as root, may be read by a group: else we could not.
    """
    try:
        found = path.stat()
    except OSError:
        return 0
    ours = found.st_uid == os.geteuid()
    mode = stat.S_IMODE(found.st_mode)
    is_open = mode & (OTHERS if ours else OTHERS & ~stat.S_IRGRP)
    return mode if stat.S_ISREG(found.st_mode) and is_open else 0
