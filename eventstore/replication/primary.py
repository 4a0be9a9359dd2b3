"""The primary, as a read database reaches it: by the same connection string that its subscription uses."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, LiteralString

from eventstore.replication.errors import NotPublished, ReplicationError
from eventstore.replication.publication import PUBLICATIONS, must_be_logical
from eventstore.replication.tables import FACTS, STATE, names

if TYPE_CHECKING:
    import psycopg

CONNECT_SECONDS = 10

PUBLISHED: LiteralString = """
SELECT pubname::text, tablename::text FROM pg_publication_tables WHERE pubname = ANY(%s)
"""
PRESENT: LiteralString = "SELECT log_id, epoch, began_at FROM eventstore_epoch ORDER BY epoch DESC LIMIT 1"
MIGRATIONS: LiteralString = "SELECT name FROM django_migrations WHERE app = 'eventstore'"
SETTINGS: LiteralString = "SELECT current_setting('wal_level'), current_setting('server_version_num')::int"
MARK: LiteralString = "SELECT position, number, pg_current_wal_lsn()::text FROM eventstore_tidemark"
ROWS: LiteralString = """
SELECT relname::text, greatest(reltuples, 0)::bigint FROM pg_class
WHERE relname = ANY(%s) AND relnamespace = current_schema()::regnamespace
"""


@dataclass(frozen=True)
class Primary:
    """A connection to the primary, which only reads."""

    session: "psycopg.Connection[Any]"

    def rows(self, statement: LiteralString, parameters: Sequence[Any] = ()) -> list[Any]:
        """The rows that a statement gives."""
        return self.session.execute(statement, parameters or None).fetchall()

    def identity(self) -> tuple[Any, ...]:
        """The log's id, its newest epoch, and when that began."""
        found = self.rows(PRESENT)
        if not found:
            raise ReplicationError("The primary's log has no identity yet. Run `manage.py migrate` there.")
        identity: tuple[Any, ...] = found[0]
        return identity

    def version(self) -> int:
        """The version of its server, as a number: 180000 is 18.0."""
        version: int = self.rows(SETTINGS)[0][1]
        return version

    def sizes(self) -> dict[str, int]:
        """About how many rows each table of the log has, as its last analysis counted them."""
        return dict(self.rows(ROWS, [[*names(FACTS), *names(STATE)]]))

    def mark(self) -> tuple[int, int, str]:
        """Its tidemark, as position and number, and the end of its write-ahead log."""
        position, number, end = self.rows(MARK)[0]
        return position, number, end

    def must_publish(self) -> None:
        """Raises NotPublished, or ReplicationError, unless it publishes all tables of the log."""
        must_be_logical(self.rows(SETTINGS)[0][0])
        found = {(name, table) for name, table in self.rows(PUBLISHED, [list(PUBLICATIONS)])}
        wanted = {(name, table) for name, (_what, tables) in PUBLICATIONS.items() for table in names(tables)}
        if lacking := sorted(table for _name, table in wanted - found):
            raise NotPublished(f"{NotPublished.__doc__} It lacks: {', '.join(lacking)}.")

    def must_have_migrations(self, applied: set[str]) -> None:
        """Raises ReplicationError unless the read database has all migrations of the log that the primary has."""
        if lacking := sorted({name for (name,) in self.rows(MIGRATIONS)} - applied):
            raise ReplicationError(
                f"The primary has migrations that are not applied here: {', '.join(lacking)}. The read database is "
                "migrated first: run `manage.py migrate` here."
            )


@contextmanager
def connected(conninfo: str) -> Iterator[Primary]:
    """The primary that a connection string of libpq leads to; raises ReplicationError if it does not answer."""
    import psycopg  # noqa: PLC0415 - SQLite needs no driver

    try:
        session = psycopg.connect(conninfo, autocommit=True, connect_timeout=CONNECT_SECONDS)
    except psycopg.Error as error:
        raise ReplicationError(f"The primary does not answer: {' '.join(str(error).split())}") from error
    with session:
        try:
            yield Primary(session)
        except psycopg.Error as error:
            raise ReplicationError(f"The primary refuses to tell: {' '.join(str(error).split())}") from error
