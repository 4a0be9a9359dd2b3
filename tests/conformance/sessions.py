"""Other sessions, which see what is committed and don't wait: they are refused where others would have to wait."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import pytest
from django.db import OperationalError, connection, transaction

from eventstore.backends import store

T = TypeVar("T")

# How a session says that it does not wait for others, by the engine.
IMPATIENT = {"postgresql": "SET lock_timeout = '1ms'", "sqlite": "PRAGMA busy_timeout = 0"}

several_writers = pytest.mark.skipif(connection.vendor == "sqlite", reason="one writer at a time: nobody meets anybody")


class Elsewhere:
    """A session of its own, in a thread of its own; each call of it waits for what it does there."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self.pool = pool
        self(_lose_patience)

    def __call__(self, work: Callable[[], T]) -> T:
        """The result of work done there; raises what it raises there."""
        return self.pool.submit(work).result()

    def in_transaction(self, work: Callable[[], T]) -> T:
        """The result of work done there in a transaction, which is committed."""
        return self(lambda: transacted(work))

    def begin(self) -> None:
        """Begin a transaction that stays open."""
        self(transaction.atomic().__enter__)

    def commit(self) -> None:
        """Commit it."""
        self(lambda: transaction.atomic().__exit__(None, None, None))

    def roll_back(self) -> None:
        """Undo it."""
        self(lambda: transaction.set_rollback(True))
        self.commit()


@contextmanager
def elsewhere() -> Iterator[Elsewhere]:
    """Another session, which is closed at the end of the block, and loses what it has not committed."""
    with ThreadPoolExecutor(1) as pool:
        session = Elsewhere(pool)
        try:
            yield session
        finally:
            session(lambda: connection.close())  # noqa: PLW0108 - the connection of that thread


def transacted(work: Callable[[], T]) -> T:
    """The result of work done in one transaction, once."""
    with transaction.atomic():
        return work()


def undone(work: Callable[[], object]) -> None:
    """Work is done in a transaction that is rolled back."""
    with transaction.atomic():
        work()
        transaction.set_rollback(True)


def without_waiting(session: Elsewhere, work: Callable[[], object]) -> bool:
    """Whether work could be done in another session, in a transaction; or had to wait, which it does not want to."""
    try:
        session.in_transaction(work)
    except OperationalError as refusal:
        if not store(connection).is_transient(refusal):
            raise
        return False
    return True


def _lose_patience() -> None:
    with connection.cursor() as cursor:
        cursor.execute(IMPATIENT[connection.vendor])
