"""A PostgreSQL server with fsync on, as in production, and a database for each contender."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

import psycopg

from tests import postgres

# What the tests do without is on: what is measured is what survives a power cut. All else is PostgreSQL's default.
DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
SHOWN = (*DURABLE, "server_version", "shared_buffers", "max_wal_size", "wal_sync_method")


@dataclass(frozen=True)
class Server:
    """A running server: the folder of its socket, and the role that may make databases."""

    host: str
    user: str

    @contextmanager
    def database(self, name: str) -> Iterator[str]:
        """Yields the name of an empty database, which is dropped at the end."""
        self._execute(f'CREATE DATABASE "{name}"')
        try:
            yield name
        finally:
            with suppress(psycopg.errors.InsufficientPrivilege):  # autovacuum is at work in it; it goes with the server
                self._execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def settings(self) -> dict[str, str]:
        """The server's values of the settings that matter for speed."""
        with self._connect() as connection:
            rows = connection.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [list(SHOWN)])
            return dict(rows.fetchall())

    def _execute(self, statement: str) -> None:
        with self._connect() as connection:
            connection.execute(statement.encode())

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(host=self.host, user=self.user, dbname="postgres", autocommit=True)


@contextmanager
def durable_postgres() -> Iterator[Server]:
    """Yields a fresh server, which is stopped and removed at the end."""
    with patch.dict(postgres.OPTIONS, DURABLE), postgres.running_postgres() as url:
        parts = urlsplit(url)
        yield Server(host=parse_qs(parts.query)["host"][0], user=parts.username or "")
