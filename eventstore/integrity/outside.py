"""The file SEAL_FILE, to which heads are appended: out of reach of the database's owner, if it lies with somebody else.

It is best a file that can only be appended to, on another machine or under another user: docs/operations.md.
"""

import mmap
import os
from collections.abc import Iterable
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Final

from django.conf import settings

from eventstore.verifier import notes
from eventstore.verifier.seal_file import CUT_OFF, END, ends_whole, notes_in

__all__ = ["append", "file", "newest", "sync_folder"]

TAIL: Final = 8_192  # bytes at the end of the file that tell whether it ends well; a signature is a line of 200


def file() -> Path | None:
    """The file, if there is to be one."""
    text = str(getattr(settings, "SEAL_FILE", ""))
    return Path(text) if text else None


def append(note: str) -> None:
    """Append a note to the file and wait until the disk has it; nothing happens where there is no file.

    What a crash has cut off before is marked as such. Raises OSError, with nothing promised; what a full disk has taken
    of the note is removed, unless the file may only grow.
    """
    path = file()
    if path is None:
        return
    is_new = not path.exists()
    with path.open("ab+", buffering=0) as opened:
        end = opened.seek(0, os.SEEK_END)
        opened.seek(max(0, end - TAIL))
        cut_off = "" if ends_whole(opened.read()) else CUT_OFF
        try:
            _write(opened.fileno(), f"{cut_off}{note}{END}".encode())
        except OSError:
            with suppress(OSError):
                opened.truncate(end)
            raise
    if is_new:
        sync_folder(path)


def _write(file: int, content: bytes) -> None:
    """Write all of it, and wait until the disk has it."""
    while content:
        content = content[os.write(file, content) :]
    os.fsync(file)


def newest(origin: str, keys: Iterable[notes.Key]) -> notes.Head | None:
    """The last head of an origin in the file that one of the keys has signed; None if there is none, or no file.

    It is looked for from the end, so a file of years costs no more than one of days.
    """
    path = file()
    if path is None or not path.exists() or not path.stat().st_size:
        return None
    known = list(keys)
    with path.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
        line = f"{origin}\n".encode()
        at = content.rfind(line)
        while at >= 0:
            if (at == 0 or content[at - 1 : at] == b"\n") and (head := _head_at(content, at, known)):
                return head
            at = content.rfind(line, 0, at)
    return None


def sync_folder(path: Path) -> None:
    """Wait until the disk knows of a file that was made or renamed."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _head_at(content: mmap.mmap, at: int, keys: Iterable[notes.Key]) -> notes.Head | None:
    """The head of the note that begins at a place; None if it was cut off, or if none of the keys has signed it."""
    signatures = content.find(b"\n\n", at) + 2
    end = content.find(b"\n\n", signatures)
    if signatures < 2 or end < 0:
        return None
    text = content[at : end + 2].decode(errors="replace")
    for note in notes_in(StringIO(text, newline="\n")):
        try:
            return notes.read_head(notes.opened(note, keys)[0])
        except notes.InvalidNote:
            return None
    return None
