"""SQLite: what can be read is committed, so the end of the log is the tidemark, and nothing holds it back."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext as _

from eventstore.backends.activity import BlockingTransaction, HeldStreams
from eventstore.backends.rows import Identity, MarkRow, Writer
from eventstore.backends.sqlite.driver import query
from eventstore.backends.sqlite.encoding import identity_of
from eventstore.backends.sqlite.holders import can_begin, file_of, writers_of
from eventstore.backends.sqlite.statements import IDENTITY, LAST_DRAWN, READ_MARK


class Mark:
    """The part of the backend that knows the end of the log."""

    connection: BaseDatabaseWrapper

    @property
    def file(self) -> Path | None:
        return file_of(self.connection)

    def follows(self) -> bool:
        return False  # a copy of the file that somebody else keeps up has no rows that are ahead of its mark

    def last_drawn(self) -> tuple[int, int]:
        ((position, number),) = query(self.connection, LAST_DRAWN)
        return position, number

    def subscribes(self) -> bool:
        return False

    def writers(self) -> frozenset[Writer]:
        return frozenset()  # what can be read is committed, and nothing lower can follow

    def block_writers(self) -> None:
        """Do nothing: the transaction has been the only writer since it began."""

    def read_mark(self) -> MarkRow:
        ((position, number, *identity),) = query(self.connection, READ_MARK)
        return MarkRow(position, number, identity_of(*identity))

    def identity(self) -> Identity | None:
        """The log's identity, as `read_mark` has it."""
        return next((identity_of(*row) for row in query(self.connection, IDENTITY)), None)

    def place(self) -> Mapping[str, Any]:
        """Nothing: a file does not know whether it was copied. What a node has seen is in its LOG_STATE_FILE."""
        return {}

    def promoted_from(self) -> int | None:
        """None: a file is not promoted."""
        return None

    def raise_mark(self, position: int, number: int, *, notify: bool) -> bool:
        """Return False: the end of the log is the mark."""
        return False

    def listen(self) -> None:
        """Return None: SQLite has no notifications."""

    def mark_state(self) -> None:
        """Return None: the end of the log is the mark."""

    def open_writers(self) -> list[BlockingTransaction]:
        return []

    def mark_blockers(self) -> list[BlockingTransaction]:
        return []

    def mark_holders(self) -> list[BlockingTransaction]:
        return []

    def stream_blockers(self) -> list[HeldStreams]:
        """Who has been the only writer for so long that nobody else could begin; not within a caller's transaction."""
        if self.connection.in_atomic_block or not (file := self.file) or can_begin(self.connection):
            return []
        return [HeldStreams(holder, waiting=1, streams=(_("the database"),)) for holder in writers_of(file)]

    def checkpoint_blockers(self) -> list[BlockingTransaction]:
        return []
