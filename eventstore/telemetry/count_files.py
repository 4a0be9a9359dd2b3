"""The files in which processes count: prometheus_client's, of its "multiprocess mode", in one folder for a machine.

A process holds a lock on its files for as long as it lives; the kernel lets it go however the process ends. Files that
nobody holds are added up into one, so that no count ever falls, and short-lived programs leave nothing behind. They are
mapped into memory, and their space is taken before: a write for which a full disk has none would end the process.
"""

import fcntl
import os
import socket
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, Final

from prometheus_client.mmap_dict import MmapedDict

from eventstore.telemetry import catalogue

__all__ = ["fold_ended", "own_name", "reserve"]

FILE_BYTES: Final = 262_144  # of each file: some thousand series
KINDS: Final = (catalogue.COUNTER, catalogue.HISTOGRAM)
ENDED: Final = "ended"  # stands for the name of a process in the file of those that have ended

_host: Final = socket.gethostname().replace("_", "-")  # containers that share a folder have equal process ids
_held: list[BinaryIO] = []


def own_name() -> str:
    """The name of this process among those that count in a folder; another one after a fork."""
    return f"{_host}-{os.getpid()}"


def reserve(folder: Path) -> None:
    """Make the folder, take the space for this process's files, and hold them. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    for held in _held:  # those of the parent, after a fork
        held.close()
    _held.clear()
    for kind in KINDS:
        file = (folder / f"{kind}_{own_name()}.db").open("ab")
        _held.append(file)
        fcntl.flock(file, fcntl.LOCK_SH)
        if os.fstat(file.fileno()).st_size == 0:
            os.posix_fallocate(file.fileno(), 0, FILE_BYTES)


def fold_ended(folder: Path) -> None:
    """Add up the files of processes that have ended into one file of each kind."""
    for kind in KINDS:
        kept = folder / f"{kind}_{ENDED}.db"
        with ExitStack() as stack:
            ended = [file for file in folder.glob(f"{kind}_*.db") if file != kept and _is_left(file, stack)]
            if ended:
                _add_up(ended, kept)


def _is_left(file: Path, stack: ExitStack) -> bool:
    """Whether nobody holds a file; then it is held here, until the stack ends."""
    try:
        held = stack.enter_context(file.open("rb"))
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # it is held, or gone
        return False
    return True


def _add_up(ended: Sequence[Path], kept: Path) -> None:
    """Add files to the one of those that have ended before, and delete them."""
    total = defaultdict[str, float](float)
    for file in [kept, *ended] if kept.exists() else ended:
        for key, value, _, _ in MmapedDict.read_all_values_from_file(str(file)):
            total[key] += value
    new = kept.with_suffix(".new")
    new.unlink(missing_ok=True)
    written = MmapedDict(str(new))
    for key, value in total.items():
        written.write_value(key, value, 0.0)
    written.close()
    new.replace(kept)
    for file in ended:
        file.unlink()
