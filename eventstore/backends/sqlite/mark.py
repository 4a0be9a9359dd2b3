"""SQLite: what can be read is committed, so the end of the log is the tidemark, and nothing holds it back."""

from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore.backends.activity import BlockingTransaction
from eventstore.backends.rows import Writer
from eventstore.backends.sqlite.driver import query
from eventstore.backends.sqlite.statements import LAST_DRAWN


class Mark:
    """The part of the backend that knows the end of the log."""

    connection: BaseDatabaseWrapper

    def last_drawn(self) -> tuple[int, int]:
        ((position, number),) = query(self.connection, LAST_DRAWN)
        return position, number

    def writers(self) -> frozenset[Writer]:
        return frozenset()  # what can be read is committed, and nothing lower can follow

    def block_writers(self) -> None:
        """Do nothing: the transaction has been the only writer since it began."""

    def read_mark(self) -> tuple[int, int]:
        return self.last_drawn()

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

    def checkpoint_blockers(self) -> list[BlockingTransaction]:
        return []
