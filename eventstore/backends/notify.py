"""PostgreSQL's LISTEN and NOTIFY: a hint that the mark was raised, for those who wait. Nothing relies on it.

A notification belongs to a session, so whoever listens needs a connection of its own that is not shared by a pooler.
"""

from typing import TYPE_CHECKING

from django.db.backends.base.base import BaseDatabaseWrapper

if TYPE_CHECKING:
    import psycopg

CHANNEL = "eventstore_tidemark"

# Only ever upwards, whoever comes late; a row tells that it was this statement that raised the mark.
RAISE_MARK = """
UPDATE eventstore_tidemark SET
    position = greatest(position, %(position)s), number = greatest(number, %(number)s), raised_at = clock_timestamp()
WHERE id = 1 AND (position < %(position)s OR number < %(number)s)
RETURNING position
"""

# The hint leaves when the raised mark is committed, once for however many events lie below it.
RAISE_MARK_AND_NOTIFY = f"WITH raised AS ({RAISE_MARK}) SELECT pg_notify('{CHANNEL}', '') FROM raised"  # noqa: S608 - constants


class Pooled(Exception):
    """Sessions are handed out by a pooler, so a notification would reach whoever has the session just then."""


def raise_mark(connection: BaseDatabaseWrapper, position: int, number: int, *, tell: bool) -> bool:
    """Raise the mark to a position and a command number, if it is lower; whether it was."""
    with connection.cursor() as cursor:
        cursor.execute(RAISE_MARK_AND_NOTIFY if tell else RAISE_MARK, {"position": position, "number": number})
        return cursor.fetchone() is not None


class Listener:
    """Hears, on a connection of its own, when somebody raises the mark.

    Raises Pooled if the connection leads to a pooler, and Django's errors if there is none to be had.
    """

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        """Connect to the same database as `connection`, and listen."""
        self._wrapper = connection.copy()
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
                raise Pooled(str(Pooled.__doc__))
            cursor.execute(f"LISTEN {CHANNEL}")

    @property
    def _session(self) -> "psycopg.Connection[object]":
        session: psycopg.Connection[object] = self._wrapper.connection
        return session

    def hear(self, timeout: float) -> bool:
        """Wait for a hint, `timeout` seconds at most; whether there was one. What has come meanwhile counts as one."""
        with self._wrapper.wrap_database_errors:
            return len(list(self._session.notifies(timeout=timeout, stop_after=1))) > 0

    def close(self) -> None:
        """Give the connection back."""
        self._wrapper.close()
