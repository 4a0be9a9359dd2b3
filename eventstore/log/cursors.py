"""Cursors: places in the log that leave the house, which name the same event for ever, or nothing.

A position alone does not: after a restore, a promotion or a recovery to a point in time, other events come under
positions that were told of already. So a cursor carries the log's id and epoch, and one of another log or epoch is
refused with LOG_CHANGED.

The identity is always read before what it is told with, or in one snapshot with it. Should the log change in between,
a cursor is of an epoch that is over, and is refused; the other way round it would be a lie. Nothing is kept between
requests: a database may be replaced under a process that runs.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

from django.utils.formats import date_format

from eventstore.backends.rows import Identity
from eventstore.decider import Refused, phrase
from eventstore.log.cursor_text import Cursor, Store, read_cursor
from eventstore.log.database import primary_rows
from eventstore.log.identity import identity, identity_in, identity_of_command
from eventstore.models import Epoch

__all__ = [
    "cursor",
    "cursor_of_command",
    "place_of",
    "position_in",
    "present",
    "read_place",
    "telling",
    "with_one_identity",
]

T = TypeVar("T")

_told: ContextVar[Identity | None] = ContextVar("the identity with which cursors are told", default=None)


@contextmanager
def telling(of: Identity | None) -> Iterator[None]:
    """Within the block, cursors are told and understood with an identity that was read before; None has it read."""
    token = _told.set(of)
    try:
        yield
    finally:
        _told.reset(token)


def with_one_identity(parts: Iterator[T]) -> Iterator[T]:
    """The parts of an answer, each made when it is sent, all with cursors of the identity that is present now."""
    return _with_identity(present(), parts)


def _with_identity(of: Identity, parts: Iterator[T]) -> Iterator[T]:
    while True:
        with telling(of):
            part = next(parts, None)
        if part is None:
            return
        yield part


def present() -> Identity:
    """The identity that cursors are told with: that of `telling`, or else the log's as it is."""
    return _told.get() or identity()


def cursor(position: int, store: Store = Store.EVENTS) -> str:
    """The cursor of a position that was read after the present identity, or of a number of the command store."""
    return Cursor(present(), position, store).text


def cursor_of_command(number: int, position: int) -> str | None:
    """The cursor that the answer to a stored command has: of the epoch in which the command was stored.

    None for one that was stored before the log had epochs: its sender was told of no cursor.
    """
    of = identity_of_command(number)
    return None if of is None else Cursor(of, position).text


def position_in(text: str, *, field: str | None = None) -> int:
    """The position in a cursor, or in plain digits, which are a position of the present epoch.

    Raises Refused: MALFORMED for any other text, LOG_CHANGED for a cursor of another log or epoch.
    """
    return place_of(read_place(text, field=field), field=field)


def read_place(text: str, store: Store = Store.EVENTS, *, field: str | None = None) -> int | Cursor:
    """The place in a text, which is not compared with the log yet; raises Refused MALFORMED."""
    if text.isascii() and text.isdigit() and len(text) <= 19 and (number := int(text)) < 2**63:
        return number
    found = read_cursor(text)
    if found is None:
        message = phrase("This is no cursor, or a damaged one, and no position. Take one as an answer has it.")
        raise Refused("MALFORMED", message, field=field)
    if found.store != store:
        raise Refused("MALFORMED", phrase("This cursor is of another list."), field=field)
    return found


def place_of(found: int | Cursor, *, field: str | None = None) -> int:
    """The place in the log as it is at present; raises Refused LOG_CHANGED for one of another log or epoch."""
    if isinstance(found, int):
        return found
    if not found.is_of(present()):
        raise _log_changed(found, field)
    return found.place


def _log_changed(old: Cursor, field: str | None) -> Refused:
    """The refusal, which says what happened and from where to go on."""
    epochs = list(primary_rows(Epoch).order_by("epoch"))
    newest = epochs[-1]
    facts = {"epoch": newest.epoch, "began_at": newest.began_at.isoformat(), "cause": newest.cause}
    start = Cursor(identity_in(newest), _kept(old, epochs), old.store).text
    if old.identity.log_id not in {epoch.log_id for epoch in epochs}:
        message = phrase("This is of another log. Begin with the cursor in the details.")
        return Refused("LOG_CHANGED", message, field=field, details={"changed": "log", **facts, "cursor": start})
    return Refused(
        "LOG_CHANGED",
        phrase(
            "The log began a new epoch on %(began_at)s (%(cause)s), and this is of another one. Go on with the cursor "
            "in the details."
        ),
        field=field,
        details={"changed": "epoch", **facts, "cursor": start},
        began_at=date_format(newest.began_at, "Y-m-d H:i:s e"),
        cause=newest.get_cause_display(),
    )


def _kept(old: Cursor, epochs: list[Epoch]) -> int:
    """The last place, up to the cursor's, that no later epoch has changed; 0 where the cursor's epoch is not known."""
    known = [index for index, epoch in enumerate(epochs) if old.is_of(identity_in(epoch))]
    if not known:
        return 0
    later = epochs[known[0] + 1 :]
    ends = [epoch.number if old.store == Store.COMMANDS else epoch.position for epoch in later]
    return min([old.place, *ends])
