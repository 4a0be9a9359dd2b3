"""A primary and a read database, each a PostgreSQL of its own, and sites on them."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any, Final

import psycopg

from tests.deploy.recovery.cluster import Cluster, server
from tests.deploy.recovery.drive import Site, site

NODE: Final = "tests.replication.node"
LOGICAL: Final = "wal_level = 'logical'"
PATIENCE_SECONDS: Final = 120


@dataclass(frozen=True)
class Pair:
    """The two servers, a site on each, and one on the read database whose role may subscribe."""

    primary: Cluster
    reader: Cluster
    there: Site
    here: Site
    operator: Site

    @property
    def conninfo(self) -> str:
        """How the read database reaches the primary."""
        return f"host={self.primary.socket} dbname=tidemark user=copier"

    def mark(self) -> int:
        """The tidemark of the primary, raised to the end of the log."""
        position: int = self.there.do("mark")[0]
        return position

    def reaches(self, position: int) -> None:
        """Wait until the read database knows everything up to a position."""
        eventually(lambda: self.here.do("mark")[0] >= position)

    def catches_up(self) -> int:
        """Wait until the read database has all that is recorded, and its read models too; returns the position."""
        position = self.mark()
        self.reaches(position)
        for each in (self.there, self.here):
            must(each, "run_projections", "--once")
        return position

    def read_models(self, cluster: Cluster) -> dict[str, list[str]]:
        """All rows of all read models, as PostgreSQL writes them."""
        with psycopg.connect(host=str(cluster.socket), user="postgres", dbname="tidemark") as connection:
            return {
                name: [row for (row,) in connection.execute(f"SELECT t::text FROM {table} AS t ORDER BY 1").fetchall()]
                for name, table in self.here.do("tables").items()
            }

    def must_be_equal(self) -> None:
        """The read models of both, row by row; and there are some."""
        self.catches_up()
        there, here = self.read_models(self.primary), self.read_models(self.reader)
        assert here == there
        assert len(here["entries"]) > 1
        assert here["audit_lines"]


def eventually(condition: Callable[[], object]) -> None:
    """Wait for a condition, for as long as a busy machine may take."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < until, "It did not come to that."
        time.sleep(0.05)


def must(node: Site, *command: str) -> str:
    """What a command of manage.py prints; it must end with 0."""
    code, printed = node.do("manage", *command)
    assert code == 0, printed
    return str(printed)


def ask(cluster: Cluster, *statements: str) -> Any:
    """The first value that the last of a superuser's statements gives, in the site's database."""
    with psycopg.connect(host=str(cluster.socket), user="postgres", dbname="tidemark", autocommit=True) as connection:
        for statement in statements:
            done = connection.execute(statement.encode())
        row = done.fetchone() if done.description else None
    return row[0] if row else None


@contextmanager
def pair() -> Iterator[Pair]:
    """A primary with some history, whose log is followed from its middle on: it goes on while it is copied."""
    with ExitStack() as stack:
        primary = stack.enter_context(server(LOGICAL))
        reader = stack.enter_context(server(LOGICAL, binaries=primary.binaries))
        there, here, operator = (
            stack.enter_context(site(url, module=NODE))
            for url in (primary.url, reader.url, reader.url.replace("tidemark@", "postgres@"))
        )
        found = Pair(primary, reader, there, here, operator)
        there.do("install")
        there.do("write", 10)
        must(there, "replicate_log", "--publish")
        rights = must(there, "replicate_log", "--publish", "--role", "copier", "--print")
        ask(primary, *(line.partition(";")[0] for line in rights.splitlines()))
        must(here, "migrate", "--verbosity=0")
        yield found


@contextmanager
def traffic(on: Pair) -> Iterator[None]:
    """Within the block commands go on on the primary without a pause; its site is not to be used meanwhile."""
    stop = Event()

    def go_on() -> None:
        while not stop.is_set():
            on.there.do("write", 2)
            on.mark()

    thread = Thread(target=go_on)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
