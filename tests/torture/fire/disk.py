"""The disk below a database: what is left after a power cut, and how a disk that fails is played.

A library (`disk.c`) is preloaded into the program that writes the files. It keeps a log of what was written and what
was synced; no write that was not synced need survive. `after_power_cut` makes the files as they may be then: what was
synced, and of the rest nothing, or some pieces in any order, as the write cache of a machine may have kept them.
That a file has been made, renamed or removed is taken as durable at once, which no file system promises.
"""

import os
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import BinaryIO, Final, NamedTuple

import pytest

COMPILER: Final = (shutil.which("gcc") or shutil.which("cc")) if sys.platform == "linux" else None
needs_a_compiler = pytest.mark.skipif(COMPILER is None, reason="NO DISK FAILS: a C compiler on Linux makes it fail")
SOURCE: Final = Path(__file__).with_name("disk.c")
SECTOR: Final = 512  # bytes that a disk writes whole or not at all


class Change(NamedTuple):
    """A change of a file: bytes that were written (`W`), or a new length (`T`; `E` makes it no shorter)."""

    kind: str
    offset: int
    data: bytes = b""


@dataclass
class Disk:
    """A folder whose files are on a disk that can lose power."""

    folder: Path  # what the database may write
    notes: Path  # where the log and the switches of the faults are

    def __post_init__(self) -> None:
        self.notes.mkdir(exist_ok=True)
        self.faults = self.notes / "faults"
        self.faults.mkdir(exist_ok=True)
        self.log, self.before = self.notes / "log", self.notes / "before"
        self.library = self.notes / "disk.so"
        assert COMPILER, "See `needs_compiler`."
        if not self.library.exists():
            command = [COMPILER, "-shared", "-fPIC", "-O2", "-o", str(self.library), str(SOURCE), "-ldl"]
            subprocess.run(command, check=True)
        for folder in (self.notes, self.faults):
            folder.chmod(0o755)

    def environment(self) -> dict[str, str]:
        """What the program that writes the files is started with."""
        return {
            "LD_PRELOAD": str(self.library),
            "DISK_ROOT": str(self.folder),
            "DISK_LOG": str(self.log),
            "DISK_FAULTS": str(self.faults),
        }

    def watch(self) -> None:
        """Take the files as they are for durable. Only while no program writes them."""
        shutil.rmtree(self.before, ignore_errors=True)
        shutil.copytree(self.folder, self.before, ignore=shutil.ignore_patterns("*.s.PGSQL.*", "postmaster.pid"))
        self.log.write_bytes(b"")
        self.log.chmod(0o666)

    @contextmanager
    def failing(self, kind: str) -> Iterator[None]:
        """Within the block it fails: `sync` with EIO, or `full` with ENOSPC; or it `lies`, and syncs nothing."""
        switch = self.faults / kind
        switch.touch()
        try:
            yield
        finally:
            switch.unlink()

    def cut_power(self, chance: Random, *, keeps_some: bool) -> None:
        """Put what may be left after a power cut in the place of the files; all programs have to be dead.

        What was not synced is gone, or, if it keeps some, there in pieces.
        """
        owner = self.folder.stat()
        left = self.notes / "left"
        shutil.rmtree(left, ignore_errors=True)
        shutil.copytree(self.before, left, symlinks=True)
        with self.log.open("rb") as log:
            _Replay(left, chance).run(log, keeps_some=keeps_some)
        shutil.rmtree(self.folder)
        left.rename(self.folder)
        _give_to(self.folder, owner.st_uid, owner.st_gid, owner.st_mode)


@dataclass
class _Replay:
    """A log of changes that is applied to the files that were there before it."""

    folder: Path
    chance: Random
    pending: dict[str, list[Change]] = field(default_factory=lambda: defaultdict(list))

    def run(self, log: BinaryIO, *, keeps_some: bool) -> None:
        """Apply what was synced, and, if it keeps some, a part of the rest."""
        while line := log.readline():
            operation, offset, length, rest = line.decode().split(" ", 3)
            path, other = rest.rstrip("\n").split("\t")
            data = log.read(int(length)) if operation == "W" else b""
            self._take(operation, int(offset), data, path, other)
        for path, changes in self.pending.items():
            if keeps_some and (self.folder / path).exists():
                self._apply(path, [piece for change in changes for piece in self._pieces(change)])

    def _take(self, operation: str, offset: int, data: bytes, path: str, other: str) -> None:
        match operation:
            case "W" | "T" | "E":
                self.pending[path].append(Change(operation, offset, data))
            case "S":
                self._apply(path, self.pending.pop(path, []))
            case "F":
                self.pending.pop(path, None)  # the kernel has given it up
            case "C":
                (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
                (self.folder / path).touch()
            case "U":
                (self.folder / path).unlink(missing_ok=True)
                self.pending.pop(path, None)
            case "R":
                self._rename(path, other)
            case "D":
                (self.folder / path).mkdir(parents=True, exist_ok=True)
            case "X":
                shutil.rmtree(self.folder / path, ignore_errors=True)

    def _rename(self, path: str, other: str) -> None:
        if (self.folder / path).exists():
            (self.folder / path).rename(self.folder / other)
        self.pending[other] = self.pending.pop(path, [])

    def _apply(self, path: str, changes: list[Change]) -> None:
        file = self.folder / path
        if not changes or file.is_dir():
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("r+b" if file.exists() else "w+b") as opened:
            for change in changes:
                _change(opened, change)

    def _pieces(self, change: Change) -> Iterator[Change]:
        """What of a change that was not synced may have reached the disk: sectors, each or not."""
        if change.kind != "W":
            return
        if self.chance.random() < 0.5:
            for start in range(0, len(change.data), SECTOR):
                if self.chance.random() < 0.8:
                    yield Change("W", change.offset + start, change.data[start : start + SECTOR])


def _change(file: BinaryIO, change: Change) -> None:
    if change.kind == "W":
        file.seek(change.offset)
        file.write(change.data)
    elif change.kind == "T" or os.fstat(file.fileno()).st_size < change.offset:
        file.truncate(change.offset)


def _give_to(folder: Path, user: int, group: int, mode: int) -> None:
    folder.chmod(mode)
    for each in [folder, *folder.rglob("*")]:
        os.chown(each, user, group)
