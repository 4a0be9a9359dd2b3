"""Places where a transaction can come to a sudden end: around each thing that the engine asks of the database.

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

# What the engine asks of its backend when it changes something.
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
OF_A_COMMAND = (
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
COMMITTED = ("after commit", "told after commit", "after write_if")
WITH_THE_LAST = ("after send_deferred", "before commit")  # committed by then, if rows went out together with COMMIT
UNCOMMITTED = tuple(point for point in OF_A_COMMAND if point not in COMMITTED + WITH_THE_LAST)
OF_A_DELIVERY = ("before put", "after put", "before commit", "after commit")
OF_A_REBUILD = tuple(f"{when} {step}" for step in (*STEPS[3:4], *STEPS[5:], "commit") for when in ("before", "after"))


class Crash(OperationalError):
    """The connection breaks, the machine stops: nothing that another attempt by itself would mend."""


@dataclass
class Fuse:
    """Goes off once, when a point is reached for the `nth` time."""

    point: str
    explode: Callable[[], None]
    nth: int = 1
    burnt: bool = False
    is_too_late: bool = False  # whether everything was committed by then

    def reach(self, point: str) -> None:
        """Called at each point."""
        if point == self.point and not self.burnt:
            self.nth -= 1
            if not self.nth:
                self.burnt = True
                self.is_too_late = point in COMMITTED or (point in WITH_THE_LAST and is_over())
                self.explode()


@contextmanager
def crashing(point: str, explode: Callable[[], None], nth: int = 1) -> Iterator[Fuse]:
    """Within the block, `explode` is called at a point, once."""
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

    watched: Any = partial(Watched, backends.backend_class(connection.vendor), fuse)
    with (
        patch.object(backends, "backend_class", lambda _: watched),
        patch.object(connection, "commit", watched_commit),
        listening(appended, recorded),
    ):
        yield fuse


def is_over() -> bool:
    """Whether the database has no transaction open for us, whatever Django thinks."""
    session = connection.connection
    if connection.vendor == "sqlite":
        return not session.in_transaction
    return bool(session.info.transaction_status == TransactionStatus.IDLE)


class Watched:
    """A backend that tells before and after each of its steps."""

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
def listening(appended: Callable[..., None], recorded: Callable[..., None]) -> Iterator[None]:
    """Receivers, as somebody else's app would have them: they come after the projections."""
    events_appended.connect(appended)
    commands_recorded.connect(recorded)
    try:
        yield
    finally:
        events_appended.disconnect(appended)
        commands_recorded.disconnect(recorded)
