"""What this node last saw of the log, in the file LOG_STATE_FILE, which no copy of the database carries along.

Each node has one of its own, which its processes share.
"""

import logging
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import msgspec
from django.conf import settings

from eventstore import feed
from eventstore.backends.rows import Identity
from eventstore.log.database import primary_rows
from eventstore.models import Command, Event

__all__ = ["LastSeen", "Row", "file", "look", "read", "write"]

MODE: Final = 0o600

logger = logging.getLogger(__name__)


class Row(msgspec.Struct, frozen=True):
    """The last row of one of the two stores: its position or number, and its digest; 0 and "" in an empty store."""

    place: int = 0
    digest: str = ""


class LastSeen(msgspec.Struct, frozen=True):
    """The identity of the log, and the last event and the last command below the tidemark."""

    log_id: UUID
    epoch: int
    began: int
    event: Row
    command: Row

    @property
    def identity(self) -> Identity:
        return Identity(self.log_id, self.epoch, self.began)


def file() -> Path | None:
    """The file, if there is to be one."""
    text = str(getattr(settings, "LOG_STATE_FILE", "") or "")
    return Path(text) if text else None


def read() -> LastSeen | None:
    """What the file says; None without a file, or if it can't be understood, which is logged."""
    path = file()
    if path is None or not path.exists():
        return None
    try:
        return msgspec.json.decode(path.read_bytes(), type=LastSeen)
    except (OSError, msgspec.MsgspecError) as error:
        logger.warning("%s can't be read, so no restore is noticed by it; it is written anew. %s", path, error)
        return None


def look() -> LastSeen | None:
    """The log as it is; None before `migrate` has given it an identity."""
    mark = feed.mark()
    if mark.identity is None:
        return None
    event, command = _last(Event, "position", mark.position), _last(Command, "number", mark.number)
    return LastSeen(*mark.identity, event=event, command=command)


def write(seen: LastSeen) -> None:
    """Replace the file: after a crash there is the old one or the new one, whole. Raises OSError."""
    path = file()
    if path is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(msgspec.json.encode(seen))
            opened.flush()
            os.fsync(opened.fileno())
        Path(name).chmod(MODE)
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
    _sync(path.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _last(model: type[Any], column: str, to: int) -> Row:
    found = primary_rows(model).filter(**{f"{column}__lte": to}).order_by(f"-{column}").values_list(column, "digest")
    place, digest = found.first() or (0, b"")
    return Row(place, bytes(digest).hex())
