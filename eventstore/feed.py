"""The feed: all events in order, read up to the tidemark, below which nothing is missing any more.

See `eventstore/backends/postgresql` for why this is so and what it costs. On SQLite the mark is simply the end.
"""

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar
from uuid import UUID

from django.conf import settings

from eventstore.backends import store
from eventstore.backends.rows import Identity, StoredEvent, Writer
from eventstore.log import codec
from eventstore.log.records import CommandRecord, Recorded
from eventstore.log.slots import SLOTS
from eventstore.messages.arguments import number_of

__all__ = [
    "Mark",
    "MarkRaiser",
    "advance",
    "between",
    "blocking",
    "last_drawn",
    "mark",
    "read",
    "read_commands",
    "tidemark",
]

R = TypeVar("R")

COLUMNS: Final = {"events": "position", "commands": "number"}
PAGE = 5_000  # events or commands read at a time
NOT_PARKED = "stream_id NOT IN (SELECT stream_id FROM eventstore_parked WHERE projection_id = %s)"
POLL_SECONDS = 0.001  # between two looks at the writers that the mark waits for


@dataclass(frozen=True, slots=True)
class Mark:
    """The position in the log, and the number in the command store, up to which nothing is missing.

    A mark that was read from the database tells the log's identity, too, as it was then.
    """

    position: int
    number: int
    identity: Identity | None = field(default=None, compare=False)


@dataclass
class MarkRaiser:
    """Raises the mark step by step; between two steps it remembers the writers that it waits for.

    `reached` is a mark that is known to have been reached, so a step on an idle log is one query; `raised` is whether
    the last step raised the mark.
    """

    target: Mark | None = None
    awaited: frozenset[Writer] = field(default_factory=frozenset)
    reached: Mark | None = None
    raised: bool = False

    def advance(self) -> bool:
        """Take one step; whether the mark has reached what was drawn when this round began.

        The order makes it safe: first the last drawn position is read, then the writers that may not have committed.
        """
        backend = store()
        self.raised = False
        if self.target is None:
            drawn = Mark(*backend.last_drawn())
            if drawn == self.reached:
                return True
            if backend.follows():  # there the replicated row is the end, and nobody raises it
                self.reached = drawn
                return True
            self.target, self.awaited = drawn, backend.writers()
        elif self.awaited:
            self.awaited &= backend.writers()
        if self.awaited:
            return False
        self.raised = backend.raise_mark(self.target.position, self.target.number, notify=notifies())
        if not self.raised and not self._is_reached():
            return False  # somebody has the mark locked, and may be about to raise it
        self.reached, self.target = self.target, None
        return True

    def _is_reached(self) -> bool:
        position, number, _identity = store().read_mark()
        return self.target is not None and position >= self.target.position and number >= self.target.number


def advance(timeout: float = 1.0) -> Mark:
    """Raise the tidemark as far as it goes within `timeout` seconds, and return it.

    The timeout bounds the caller's wait, never the safety: an open writer holds the mark where it is. In a database
    that follows another it is returned as it was replicated.
    """
    before = mark()
    tide = MarkRaiser(reached=before)
    until = time.monotonic() + timeout
    while not tide.advance():
        if time.monotonic() >= until:
            return mark()
        time.sleep(POLL_SECONDS)
    return mark() if tide.reached != before else before  # nothing was drawn since


def mark() -> Mark:
    """The tidemark as it is, without raising it."""
    return Mark(*store().read_mark())


def last_drawn() -> Mark:
    """The last position and the last command number given out, committed or not: the mark can rise no higher."""
    return Mark(*store().last_drawn())


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
    highest = tidemark() if to is None else min(number_of("to", to), tidemark())
    return between(after, highest, limit=limit, types=types, slots=slots)


def between(
    after: int,
    to: int,
    *,
    limit: int = PAGE,
    types: Collection[str] | None = None,
    slots: Collection[int] | None = None,
) -> list[Recorded[Any]]:
    """Events after a position, up to and including another, which the caller knows to be committed."""
    number_of("after", after), number_of("to", to)
    return codec.recorded(stored(after, to, limit=limit, types=types, slots=slots))


def stored(
    after: int,
    to: int,
    *,
    limit: int = PAGE,
    types: Collection[str] | None = None,
    slots: Collection[int] | None = None,
    not_parked_for: str | None = None,
) -> list[StoredEvent]:
    """Events after a position, up to and including another, as they are stored, even if they can't be decoded.

    `not_parked_for` leaves out the streams that are parked for a projection.
    """
    where, parameters = "position > %s AND position <= %s", list[Any]([after, to])
    for column, values in (("type", types), ("slot", slots)):
        if values is not None:
            where, parameters = _narrow(where, parameters, column, sorted(values))
    if not_parked_for is not None:
        where, parameters = f"{where} AND {NOT_PARKED}", [*parameters, not_parked_for]
    return _held("events", store().events, where, parameters, after, to, limit)


def stored_in(stream_id: UUID, after: int, to: int, *, limit: int = PAGE) -> list[StoredEvent]:
    """Events of one stream after a position, up to and including another, as they are stored."""
    where = "stream_id = %s AND position > %s AND position <= %s"
    return _held("events", store().events, where, [stream_id, after, to], after, to, limit)


def read_commands(
    after: int, to: int, *, limit: int = PAGE, slots: Collection[int] | None = None
) -> list[CommandRecord]:
    """Commands after a number, up to and including another, in order, refused ones too. Slots go by number."""
    where, parameters = "number > %s AND number <= %s", [number_of("after", after), number_of("to", to)]
    if slots is not None:
        where, parameters = _narrow(where, parameters, f"number %% {SLOTS}", sorted(slots))
    return codec.command_records(_held("commands", store().commands, where, parameters, after, to, limit))


def _held(  # noqa: PLR0917 - what the three reads share
    name: str,
    read: Callable[[str, Sequence[Any], int | None], list[R]],
    where: str,
    parameters: Sequence[Any],
    after: int,
    to: int,
    limit: int,
) -> list[R]:
    """The rows of a range in order; raises RangeDetached if some of it lie in an archive alone."""
    held, column = store().holds_from(name), COLUMNS[name]
    if held:
        where, parameters = f"{where} AND {held}", [*parameters, after + 1]
    found = read(f"{where} ORDER BY {column}", parameters, limit)
    if held and not found and after < to:
        store().must_hold(name, after + 1)
    return found


def blocking() -> list[Writer]:
    """The transactions that may hold the mark back at this moment, with their process ids."""
    return sorted(store().writers())


def notifies() -> bool:
    """Whether raising the mark notifies waiting runners; with the setting EVENTSTORE_NOTIFY off they poll instead."""
    return bool(getattr(settings, "EVENTSTORE_NOTIFY", True))


def _narrow(where: str, parameters: Sequence[Any], column: str, values: Sequence[Any]) -> tuple[str, list[Any]]:
    places = ", ".join(["%s"] * len(values))
    return f"{where} AND {column} IN ({places})", [*parameters, *values]
