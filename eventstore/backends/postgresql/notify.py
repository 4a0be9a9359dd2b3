"""PostgreSQL's LISTEN and NOTIFY: a hint that the mark was raised, on which nothing relies.

A notification belongs to a session, so a listener needs a connection of its own that no pooler shares.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
from django.db import Error
from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore.backends.base import CannotListen

CHANNEL = "eventstore_tidemark"


class PooledConnection(CannotListen):
    """A pooler hands out the sessions, so a notification would reach whichever client has the session just then."""


class NotificationListener:
    """A connection of its own, on which PostgreSQL announces that the mark was raised.

    Raises PooledConnection if the connection leads to a pooler, and CannotListen if there is none to be had.
    """

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        """Connect to the same database as `connection`, and listen."""
        self._wrapper = connection.copy()
        with _as_cannot_listen():
            self._wrapper.ensure_connection()
            try:
                self._listen()
            except Exception:
                self.close()
                raise

    def _listen(self) -> None:
        with self._wrapper.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            if cursor.fetchone() != (self._session.info.backend_pid,):  # a pooler gives its clients numbers of its own
                raise PooledConnection(str(PooledConnection.__doc__))
            cursor.execute(f"LISTEN {CHANNEL}")

    @property
    def _session(self) -> "psycopg.Connection[object]":
        session: psycopg.Connection[object] = self._wrapper.connection
        return session

    def wait(self, timeout_seconds: float) -> bool:
        """Wait for a notification, which may have come earlier; whether there was one. Raises CannotListen."""
        with _as_cannot_listen():
            return len(list(self._session.notifies(timeout=timeout_seconds, stop_after=1))) > 0

    def close(self) -> None:
        """Give the connection back; one that is lost is given back already."""
        with suppress(Error, psycopg.Error):
            self._wrapper.close()


@contextmanager
def _as_cannot_listen() -> Iterator[None]:
    try:
        yield
    except (Error, psycopg.Error) as error:
        raise CannotListen(str(error)) from error
