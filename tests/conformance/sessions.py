"""Other sessions, which see only committed rows and fail with a transient error instead of waiting for a lock."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import pytest
from django.db import OperationalError, connection, transaction

from eventstore.backends import store

T = TypeVar("T")

# How a session is set not to wait for locks, by the database.
SET_SHORT_LOCK_TIMEOUT = {"postgresql": "SET lock_timeout = '1ms'", "sqlite": "PRAGMA busy_timeout = 0"}

several_writers = pytest.mark.skipif(connection.vendor == "sqlite", reason="one writer at a time: no two meet")


class OtherSession:
    """A session in a thread of its own; calling it runs work there and waits for the result."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self.pool = pool
        self(_set_short_lock_timeout)

    def __call__(self, work: Callable[[], T]) -> T:
        """The result of work in this session; raises the work's errors."""
        return self.pool.submit(work).result()

    def in_transaction(self, work: Callable[[], T]) -> T:
        """The result of work in a transaction of this session, which is committed."""
        return self(lambda: run_and_commit(work))

    def begin(self) -> None:
        """Begin a transaction that stays open."""
        self(transaction.atomic().__enter__)

    def commit(self) -> None:
        """Commit the open transaction."""
        self(lambda: transaction.atomic().__exit__(None, None, None))

    def roll_back(self) -> None:
        """Roll back the open transaction."""
        self(lambda: transaction.set_rollback(True))
        self.commit()


@contextmanager
def other_session() -> Iterator[OtherSession]:
    """Another session, which is closed at the end of the block, and loses uncommitted work."""
    with ThreadPoolExecutor(1) as pool:
        session = OtherSession(pool)
        try:
            yield session
        finally:
            session(lambda: connection.close())  # noqa: PLW0108 - the connection of that thread


def run_and_commit(work: Callable[[], T]) -> T:
    """The result of work in one transaction, without retries."""
    with transaction.atomic():
        return work()


def run_and_roll_back(work: Callable[[], object]) -> None:
    """Run work in a transaction that is rolled back."""
    with transaction.atomic():
        work()
        transaction.set_rollback(True)


def without_waiting(session: OtherSession, work: Callable[[], object]) -> bool:
    """Whether work could commit in another session; False if it would have had to wait for a lock."""
    try:
        session.in_transaction(work)
    except OperationalError as refusal:
        if not store(connection).is_transient(refusal):
            raise
        return False
    return True


def _set_short_lock_timeout() -> None:
    with connection.cursor() as cursor:
        cursor.execute(SET_SHORT_LOCK_TIMEOUT[connection.vendor])
