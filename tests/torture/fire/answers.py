"""What a sender was answered, in the order of its commands: a file of records of one length, so a place is a number.

A million of them are counted without being read, and looked at without being held in memory.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

DIGITS: Final = 32  # hexadecimal; of the digest of all that a sender is told by a receipt
RECORD: Final = DIGITS + 1  # with the end of the line


class Answers:
    """The answers to the commands 0, 1, 2 … of a sender; a record that a kill has cut off was not read by anybody."""

    def __init__(self, folder: Path, sender: int) -> None:
        self.sender = sender
        self.file = folder / f"answers-{sender}"

    @classmethod
    def of_all(cls, folder: Path) -> "list[Answers]":
        """Those of all senders that have written any."""
        return [cls(folder, int(file.name.partition("-")[2])) for file in sorted(folder.glob("answers-*"))]

    def __len__(self) -> int:
        return self.file.stat().st_size // RECORD if self.file.exists() else 0

    def open(self) -> int:
        """A descriptor to append by, with what a kill has cut off removed."""
        descriptor = os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.ftruncate(descriptor, len(self) * RECORD)
        return descriptor

    def read(self, numbers: Sequence[int]) -> list[str]:
        """The answers to these commands."""
        found = []
        with self.file.open() as opened:
            for number in numbers:
                opened.seek(number * RECORD)
                found.append(opened.read(DIGITS))
        return found

    def pages(self, page: int, *, first: int = 0) -> Iterator[range]:
        """The numbers of all commands that were answered, from the first on, in pages."""
        end = len(self)
        for start in range(max(0, first), end, page):
            yield range(start, min(start + page, end))


def written(descriptor: int, digests: Sequence[str]) -> None:
    """Append answers to a file that `Answers.open` has opened."""
    os.write(descriptor, "".join(f"{digest[:DIGITS]}\n" for digest in digests).encode())
