"""Crash points: the places where a transaction can end suddenly, before and after each step of the backend.

Tests raise there, or kill their own process.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from unittest.mock import patch

from django.db import OperationalError, connection, transaction
from psycopg.pq import TransactionStatus

from eventstore import backends
from eventstore.signals import commands_recorded, events_appended

# The steps of a backend that write.
STEPS = (
    "open",
    "write",
    "write_if",
    "put",
    "send_deferred",
    "create_like",
    "complete_like",
    "block_writers",
    "exchange_tables",
)

# In the order in which a command reaches them.
COMMAND_POINTS = (
    "before open",
    "after open",
    "before write",
    "after write",
    "before put",
    "after put",
    "events appended",
    "commands recorded",
    "before send_deferred",
    "after send_deferred",
    "before commit",
    "after commit",
    "told after commit",
)
COMMITTED_POINTS = ("after commit", "told after commit", "after write_if")
LAST_STATEMENT_POINTS = (
    "after send_deferred",
    "before commit",
)  # committed by then, if rows went out together with COMMIT
UNCOMMITTED_POINTS = tuple(point for point in COMMAND_POINTS if point not in COMMITTED_POINTS + LAST_STATEMENT_POINTS)
DELIVERY_POINTS = ("before put", "after put", "before commit", "after commit")
REBUILD_POINTS = tuple(f"{when} {step}" for step in (*STEPS[3:4], *STEPS[5:], "commit") for when in ("before", "after"))


class Crash(OperationalError):
    """The connection breaks, or the machine stops; no retry follows."""


@dataclass
class Fuse:
    """Calls `explode` once, when a point is reached for the `nth` time."""

    point: str
    explode: Callable[[], None]
    nth: int = 1
    burnt: bool = False
    is_too_late: bool = False  # whether everything was committed by then

    def reach(self, point: str) -> None:
        """Count a point that is reached, and explode at the `nth`."""
        if point == self.point and not self.burnt:
            self.nth -= 1
            if not self.nth:
                self.burnt = True
                self.is_too_late = point in COMMITTED_POINTS or (
                    point in LAST_STATEMENT_POINTS and transaction_is_over()
                )
                self.explode()


@contextmanager
def crashing(point: str, explode: Callable[[], None], nth: int = 1) -> Iterator[Fuse]:
    """Within the block, call `explode` once, at a point."""
    fuse = Fuse(point, explode, nth)
    commit = connection.commit

    def watched_commit() -> None:
        fuse.reach("before commit")
        commit()
        fuse.reach("after commit")

    def appended(**_: Any) -> None:
        fuse.reach("events appended")
        transaction.on_commit(lambda: fuse.reach("told after commit"))

    def recorded(**_: Any) -> None:
        fuse.reach("commands recorded")

    watched: Any = partial(WatchedBackend, backends.backend_class(connection.vendor), fuse)
    with (
        patch.object(backends, "backend_class", lambda _: watched),
        patch.object(connection, "commit", watched_commit),
        receivers_connected(appended, recorded),
    ):
        yield fuse


def transaction_is_over() -> bool:
    """Whether the database has no transaction open for us, whatever Django thinks."""
    session = connection.connection
    if connection.vendor == "sqlite":
        return not session.in_transaction
    return bool(session.info.transaction_status == TransactionStatus.IDLE)


class WatchedBackend:
    """A backend that reports to the fuse before and after each of its steps."""

    def __init__(self, backend: Callable[[Any], object], fuse: Fuse, connection: Any) -> None:
        self.backend, self.fuse = backend(connection), fuse

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.backend, name)
        if name not in STEPS:
            return method

        def step(*args: Any, **options: Any) -> Any:
            self.fuse.reach(f"before {name}")
            result = method(*args, **options)
            self.fuse.reach(f"after {name}")
            return result

        return step


@contextmanager
def receivers_connected(appended: Callable[..., None], recorded: Callable[..., None]) -> Iterator[None]:
    """Connect receivers, as another app would: they run after the projections."""
    events_appended.connect(appended)
    commands_recorded.connect(recorded)
    try:
        yield
    finally:
        events_appended.disconnect(appended)
        commands_recorded.disconnect(recorded)
