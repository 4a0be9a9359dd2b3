"""What a session may take, where others need the machine too, and the period that it looks at."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, Final

from eventstore.analysis.errors import TookTooLong

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

INTERVAL_SECONDS: Final = 0.1  # between two interruptions: one that comes between two queries ends neither


@dataclass(frozen=True)
class Bounds:
    """What a session may take; the defaults are those of a program of its own.

    `live_limit` is how many rows of each store are read from the database, and held in memory. Beyond `memory`, DuckDB
    writes up to `disk` to a temporary folder. Without `threads` it has all cores, without `seconds` all the time.
    """

    live_limit: int = 500_000
    memory: str = "2GB"
    disk: str = ""
    threads: int | None = None
    seconds: float | None = None

    def configuration(self) -> dict[str, Any]:
        """DuckDB's settings."""
        given = {"memory_limit": self.memory, "max_temp_directory_size": self.disk, "threads": self.threads}
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True)
class Period:
    """Times of recording, from the first to before the second; None for no bound."""

    since: datetime | None = None
    until: datetime | None = None

    def condition(self) -> str:
        """A condition in SQL on `recorded_at` as it is stored, so that segments of other times are passed over."""
        bounds = [(">=", self.since), ("<", self.until)]
        return "".join(f" AND recorded_at {sign} {_microseconds(at)}" for sign, at in bounds if at)


@contextmanager
def ended_in_time(connection: "DuckDBPyConnection", seconds: float | None) -> Iterator[Callable[[], None]]:
    """Within the block, queries are interrupted from so many seconds on.

    Yields what raises TookTooLong from then on, for what goes on between queries.
    """
    if seconds is None:
        yield lambda: None
        return
    end, done = time.monotonic() + seconds, Event()
    thread = Thread(target=_interrupt, args=(connection, seconds, done), name="analysis-limit", daemon=True)
    thread.start()
    try:
        yield partial(_must_be_before, end)
    finally:
        done.set()
        thread.join()


def too_long() -> TookTooLong:
    """What is raised when the time is over."""
    return TookTooLong("This takes longer than it may. Ask about a shorter period.")


def _interrupt(connection: "DuckDBPyConnection", seconds: float, done: Event) -> None:
    pause = seconds
    while not done.wait(pause):
        connection.interrupt()
        pause = INTERVAL_SECONDS


def _must_be_before(end: float) -> None:
    if time.monotonic() >= end:
        raise too_long()


def _microseconds(at: datetime) -> int:
    """A time as the archive stores it: exact, where a float is not."""
    since = at - datetime.fromtimestamp(0, at.tzinfo)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
