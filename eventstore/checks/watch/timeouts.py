"""Bounded reads: the watcher has to work while everything else hangs."""

from contextlib import AbstractContextManager
from typing import Final

from eventstore.backends import store

STATEMENT_TIMEOUT_SECONDS: Final = 2.0  # seconds that one statement may take


def statement_timeout() -> AbstractContextManager[None]:
    """Let statements in the block read only, and fail rather than wait; a transaction around it is left as it was.

    Readers of SQLite never wait, and a transaction would wait for the writer: there it does nothing.
    """
    return store().read_only(timeout_seconds=STATEMENT_TIMEOUT_SECONDS)
