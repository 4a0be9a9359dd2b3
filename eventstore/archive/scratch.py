"""What a look through an archive remembers, in bounded memory: the rest lies in a temporary file of SQLite's."""

import sqlite3
from collections.abc import Iterable
from typing import Final

from eventstore.integrity.digests import NO_DIGEST

HELD: Final = 50_000  # ends of streams in memory

# A database without a name lies in a temporary file, which nobody else can open, and is gone when the process is.
TABLES: Final = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -16000;
CREATE TABLE ends (stream BLOB PRIMARY KEY, version INTEGER, digest TEXT) WITHOUT ROWID;
CREATE TABLE heads (tree TEXT, size INTEGER, root BLOB, PRIMARY KEY (tree, size, root)) WITHOUT ROWID;
"""
END: Final = "SELECT version, digest FROM ends WHERE stream = ?"
SPILL: Final = "INSERT OR REPLACE INTO ends VALUES (?, ?, ?)"
KEEP_HEAD: Final = "INSERT OR IGNORE INTO heads VALUES (?, ?, ?)"
HEADS: Final = "SELECT size, root FROM heads WHERE tree = ? AND size >= ? AND size <= ? ORDER BY size"


class Scratch:
    """The ends of streams, and the roots of heads, in bounded memory."""

    def __init__(self) -> None:
        self.file = sqlite3.connect("", isolation_level=None)
        self.file.executescript(TABLES)
        self.held: dict[bytes, tuple[int, str]] = {}
        self.is_spilled = False

    def end(self, stream: bytes) -> tuple[int, str]:
        """The last version and digest of a stream: 0 and zeros of one that has not begun."""
        end: tuple[int, str] | None = self.held.get(stream)
        if end is None and self.is_spilled:
            end = self.file.execute(END, [stream]).fetchone()
        return end or (0, NO_DIGEST)

    def move_end(self, stream: bytes, version: int, digest: str) -> None:
        """Remember the last version and digest of a stream."""
        self.held[stream] = version, digest
        if len(self.held) > HELD:
            self.file.execute("BEGIN")
            self.file.executemany(SPILL, ((stream, *end) for stream, end in self.held.items()))
            self.file.execute("COMMIT")
            self.held.clear()
            self.is_spilled = True

    def keep_heads(self, heads: Iterable[tuple[str, int, bytes]]) -> None:
        """Remember the roots of heads, each with its tree and size."""
        self.file.execute("BEGIN")
        self.file.executemany(KEEP_HEAD, heads)
        self.file.execute("COMMIT")

    def heads(self, tree: str, first: int, last: int) -> list[tuple[int, bytes]]:
        """The heads of a tree from one size to another, the smallest first: sizes and roots."""
        return self.file.execute(HEADS, [tree, first, last]).fetchall()
