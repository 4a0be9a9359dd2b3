"""The feed: all events in order, read up to the tidemark, below which nothing is missing any more.

See `eventstore/backends/postgresql.py` for why this is so and what it costs. On SQLite the mark is simply the end.
"""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connections, router
from django.db.models import Q
from django.db.models.functions import Greatest, Now

from eventstore import codec
from eventstore.backends import backend_of, writing
from eventstore.backends.rows import Writer
from eventstore.models import Tidemark
from eventstore.records import CommandRecord, Recorded

PAGE = 5_000
GLANCE = 0.001  # seconds between two looks at the writers that the mark waits for


@dataclass(frozen=True, slots=True)
class Mark:
    """How far the log, and the command store, can be read without missing anything."""

    position: int
    number: int


@dataclass
class Tide:
    """Raises the mark, step by step: it remembers whom it waits for between two looks."""

    target: Mark | None = None
    awaited: frozenset[Writer] = field(default_factory=frozenset)

    def advance(self) -> bool:
        """Look once; whether the mark now stands where the sequences stood when this round began.

        The order is what makes it safe: first what has been drawn, then who may not have committed it.
        """
        connection = writing()
        backend = backend_of(connection)
        if self.target is None:
            self.target = Mark(*backend.last_drawn(connection))
            self.awaited = backend.writers(connection)
        elif self.awaited:
            self.awaited &= backend.writers(connection)
        if self.awaited:
            return False
        _raise_to(self.target)
        self.target = None
        return True


def advance(timeout: float = 1.0) -> Mark:
    """Raise the tidemark as far as it goes within `timeout` seconds, and return it.

    The timeout bounds the patience of the caller, never the safety: an open writer holds the mark where it is.
    """
    tide = Tide()
    until = time.monotonic() + timeout
    while not tide.advance() and time.monotonic() < until:
        time.sleep(GLANCE)
    return mark()


def mark() -> Mark:
    """Where the tidemark stands now, without raising it."""
    connection = connections[router.db_for_read(Tidemark)]
    if connection.vendor == "sqlite":
        return Mark(*backend_of(connection).last_drawn(connection))
    row = Tidemark.objects.using(connection.alias).values_list("position", "number").first()
    return Mark(*row) if row else Mark(0, 0)


def tidemark() -> int:
    """The highest position up to which every event is known to be committed."""
    return mark().position


def read(
    after: int,
    *,
    limit: int = PAGE,
    to: int | None = None,
    types: Collection[str] | None = None,
    slots: Collection[int] | None = None,
) -> list[Recorded[Any]]:
    """Events after a position, in order, at most `limit` of them and none above the tidemark (or `to`, if lower)."""
    highest = tidemark() if to is None else min(to, tidemark())
    return between(after, highest, limit=limit, types=types, slots=slots)


def between(
    after: int,
    to: int,
    *,
    limit: int = PAGE,
    types: Collection[str] | None = None,
    slots: Collection[int] | None = None,
) -> list[Recorded[Any]]:
    """Events after a position up to and with another, which the caller knows to be committed."""
    where, parameters = "position > %s AND position <= %s", [after, to]
    for column, values in (("type", types), ("slot", slots)):
        if values is not None:
            where, parameters = _narrow(where, parameters, column, sorted(values))
    connection = writing()
    return codec.recorded(backend_of(connection).events(connection, f"{where} ORDER BY position", parameters, limit))


def read_commands(after: int, to: int, *, limit: int = PAGE) -> list[CommandRecord]:
    """Commands after a number up to and with another, in order; refused ones too."""
    connection = writing()
    where = "number > %s AND number <= %s ORDER BY number"
    return codec.command_records(backend_of(connection).commands(connection, where, [after, to], limit))


def blocking() -> list[Writer]:
    """The transactions that may hold the mark back at this moment, with their process ids."""
    return sorted(backend_of(writing()).writers(writing()))


def _narrow(where: str, parameters: Sequence[Any], column: str, values: Sequence[Any]) -> tuple[str, list[Any]]:
    places = ", ".join(["%s"] * len(values))
    return f"{where} AND {column} IN ({places})", [*parameters, *values]


def _raise_to(target: Mark) -> None:
    if writing().vendor == "sqlite":
        return  # the end of the log is the mark
    behind = Q(position__lt=target.position) | Q(number__lt=target.number)
    Tidemark.objects.using(writing().alias).filter(behind, id=1).update(
        position=Greatest("position", target.position),
        number=Greatest("number", target.number),
        raised_at=Now(),
    )
