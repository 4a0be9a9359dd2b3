"""The making of proofs, from the rows of the log and the tiles of its trees."""

import base64
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet

from eventstore import feed
from eventstore.backends import store
from eventstore.integrity import trees
from eventstore.integrity.digests import NO_DIGEST
from eventstore.integrity.trees import Tree
from eventstore.log import primary_rows
from eventstore.messages import commands
from eventstore.models import Command, Event, TreeHead
from eventstore.proofs.rows import command_as_stored, event_as_stored, personal_fields
from eventstore.proofs.signers import keys_of
from eventstore.verifier import merkle
from eventstore.verifier.documents import FORMAT

__all__ = [
    "NotSealed",
    "command_proof",
    "consistency_proof",
    "event_proof",
    "head_over_event",
    "head_over_stream",
    "stream_proof",
]

ROWS_PER_PAGE: Final = 500  # of a stream's events that are read together


class NotSealed(Exception):
    """No signed head covers this row yet: ask again after the next seal.

    `sealed` is the position, or number, up to which there is a head, `mark` the one up to which the log can be sealed.
    """

    def __init__(self, sealed: int, mark: int) -> None:
        self.sealed, self.mark = sealed, mark
        super().__init__(f"No head covers this yet. The newest one reaches {sealed} of {mark}.")


def event_proof(position: int) -> dict[str, Any]:
    """The proof that an event is in the log.

    Raises LookupError if there is none at this position, and NotSealed.
    """
    event = primary_rows(Event).filter(position=position).first()
    if event is None:
        store().must_hold("events", position)
        raise LookupError(f"There is no event at position {position}.")
    return {
        **_titled("event", position=position),
        "event": event_as_stored(event),
        "personal": personal_fields(event),
        "previous": _digest_before(event),
        "digest": _hex(event.digest),
        **_inclusion(Tree.EVENTS, position),
    }


def command_proof(number: int) -> dict[str, Any]:
    """The proof that a command is in the command store, with its answer.

    Raises LookupError if there is none with this number, and NotSealed.
    """
    command = primary_rows(Command).filter(number=number).first()
    if command is None:
        store().must_hold("commands", number)
        raise LookupError(f"There is no command with the number {number}.")
    return {
        **_titled("command", number=number),
        "command": command_as_stored(command),
        "personal": personal_fields(command, commands),
        "digest": _hex(command.digest),
        **_inclusion(Tree.COMMANDS, number),
    }


def stream_proof(stream_id: UUID, begin: datetime, end: datetime) -> Iterator[str]:
    """The proof of what a stream recorded from `begin` until before `end`, and the last event before, in parts of JSON.

    One path is enough, that of the last event: each digest covers the one before it. Raises LookupError, at once, if
    nothing was recorded before `end`, and NotSealed.
    """
    first, last = _event_before(stream_id, begin), _event_before(stream_id, end)
    if last is None:
        raise LookupError("The stream had no event before the end of this time.")
    events = _of_stream(stream_id).filter(version__lte=last.version)
    if first is not None:
        events = events.filter(version__gte=first.version)
    document = {
        **_titled("stream", position=last.position),
        "previous": _digest_before(first) if first else NO_DIGEST,
        "digest": _hex(last.digest),
        **_inclusion(Tree.EVENTS, last.position),
    }
    return _in_parts(document, events)


def consistency_proof(tree: str, old: int, new: int) -> dict[str, Any]:
    """The proof that the head with `new` leaves continues that with `old`.

    Both are heads of the tree as it is today, which may be of earlier epochs. Raises LookupError if there is no such
    head, and ValueError for an unknown tree or an old head that is larger.
    """
    if old > new:
        raise ValueError("The old head must not be larger than the new one.")
    known = Tree(tree)
    heads = [_head_with(known, size) for size in (old, new)]
    path = merkle.consistency_proof(trees.node(known), old, new)
    notes = {"old": heads[0].note, "new": heads[1].note}
    return {**_titled("consistency"), **notes, "path": _base64(path), "keys": keys_of(*notes.values())}


def head_over_event(position: int) -> TreeHead | None:
    """The earliest head that covers the event at a position; None while there is none."""
    try:
        return trees.head_over(Tree.EVENTS, trees.index_of(Tree.EVENTS, position))
    except LookupError:
        return None


def head_over_stream(stream_id: UUID, end: datetime) -> TreeHead | None:
    """The earliest head that covers all that a stream recorded before a time; None while there is none."""
    last = _event_before(stream_id, end)
    return head_over_event(last.position) if last else None


def _inclusion(tree: Tree, position: int) -> dict[str, Any]:
    """How a leaf leads to the root of the earliest head that covers it; raises NotSealed."""
    try:
        index = trees.index_of(tree, position)
    except LookupError as error:
        raise _not_sealed(tree) from error
    head = trees.head_over(tree, index)
    if head is None:
        raise _not_sealed(tree)
    path = merkle.inclusion_proof(trees.node(tree), index, head.size)
    return {"index": index, "size": head.size, "path": _base64(path), "head": head.note, "keys": keys_of(head.note)}


def _not_sealed(tree: Tree) -> NotSealed:
    head, mark = trees.newest_head(tree), feed.mark()
    return NotSealed(head.position if head else 0, mark.position if tree == Tree.EVENTS else mark.number)


def _head_with(tree: Tree, size: int) -> TreeHead:
    head = trees.head_over(tree, size - 1) if size else None
    if head is None or head.size != size:
        raise LookupError(f"The tree of {tree} has no head with {size} leaves.")
    return head


def _of_stream(stream_id: UUID) -> "QuerySet[Event]":
    return primary_rows(Event).filter(stream_id=stream_id)


def _event_before(stream_id: UUID, moment: datetime) -> Event | None:
    """The last event of a stream before a time, found by halving, as times rise with versions."""
    newest = _of_stream(stream_id).order_by("-version").first()
    if newest is None or newest.recorded_at < moment:
        return newest
    low, high = 0, newest.version  # the event at `low` is before the time, that at `high` is not
    while high - low > 1:
        middle = (low + high) // 2
        recorded_at = _of_stream(stream_id).values_list("recorded_at", flat=True).get(version=middle)
        low, high = (middle, high) if recorded_at < moment else (low, middle)
    return _of_stream(stream_id).get(version=low) if low else None


def _digest_before(event: Event) -> str:
    if event.version == 1:
        return NO_DIGEST
    return _hex(_of_stream(event.stream_id).values_list("digest", flat=True).get(version=event.version - 1))


def _in_parts(document: dict[str, Any], events: "QuerySet[Event]") -> Iterator[str]:
    yield f'{json.dumps(document, ensure_ascii=False)[:-1]}, "events": [\n'
    comma = ""
    for page in _pages(events):
        rows = (json.dumps(event_as_stored(event), ensure_ascii=False) for event in page)
        yield comma + ",\n".join(rows)
        comma = ",\n"
    yield "\n]}\n"


def _pages(events: "QuerySet[Event]") -> Iterator[list[Event]]:
    page = list(events.order_by("version")[:ROWS_PER_PAGE])
    while page:
        yield page
        page = list(events.filter(version__gt=page[-1].version).order_by("version")[:ROWS_PER_PAGE])


def _titled(kind: str, **leaf: int) -> dict[str, Any]:
    return {"format": FORMAT, "kind": kind, **leaf}


def _hex(digest: bytes | memoryview) -> str:
    return bytes(digest).hex()


def _base64(hashes: Iterable[bytes]) -> list[str]:
    return [base64.b64encode(each).decode() for each in hashes]
