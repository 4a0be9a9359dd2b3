"""SQLite: who is the writer at this moment. SQLite keeps no list, but the kernel does."""

from pathlib import Path
from typing import Final

from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext as _

from eventstore.backends.activity import BlockingTransaction

TRIAL_MILLISECONDS: Final = 2_000  # in which a transaction has to get its turn
WRITE_LOCK: Final = "120"  # the byte of the -shm file that the writer locks: https://www.sqlite.org/walformat.html
LOCKS: Final = Path("/proc/locks")  # of Linux


def file_of(connection: BaseDatabaseWrapper) -> Path | None:
    """The database's file; None for one in memory."""
    name = str(connection.settings_dict["NAME"])
    return None if ":memory:" in name or "mode=memory" in name else Path(name)


def can_begin(connection: BaseDatabaseWrapper) -> bool:
    """Whether another connection gets its turn to write, within two seconds; nothing is written."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute(f"PRAGMA busy_timeout = {TRIAL_MILLISECONDS}")
            cursor.execute("BEGIN IMMEDIATE")
            cursor.execute("ROLLBACK")
    except OperationalError:
        return False
    finally:
        other.close()
    return True


def writers_of(file: Path) -> list[BlockingTransaction]:
    """The process that is the writer; where the kernel does not tell, one without a name. Its age is not known."""
    pid = next(iter(_pids(file)), None)
    state = _("the writer for %(seconds)d s at least") % {"seconds": TRIAL_MILLISECONDS / 1000}
    return [BlockingTransaction(pid, None, _program(pid) if pid else None, state, None, None, None)]


def _pids(file: Path) -> list[int]:
    """The processes that the kernel names as holders of the lock.

    The file itself is not opened: closing it again would drop the locks that this process holds on it.
    """
    shared = Path(f"{file}-shm")
    if not (LOCKS.exists() and shared.exists()):
        return []
    inode = str(shared.stat().st_ino)
    rows = [line.split() for line in LOCKS.read_text().splitlines() if "->" not in line]
    return [
        int(row[4])
        for row in rows
        if row[3] == "WRITE" and row[5].split(":")[-1] == inode and row[6] == WRITE_LOCK and int(row[4]) > 0
    ]


def _program(pid: int) -> str | None:
    """The beginning of a process's command line."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return None
    return " ".join(words).strip()[:80] or None
