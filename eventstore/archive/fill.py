"""Stores the rows of both stores from an archive, segment by segment, each in a transaction of its own."""

from collections.abc import Callable, Iterator
from uuid import UUID

from django.db.models import Count, Max

from eventstore.archive import guards, reader
from eventstore.archive.errors import CannotRestore
from eventstore.archive.format import Manifest, Segment, Tree
from eventstore.archive.places import Place
from eventstore.archive.scratch import Scratch
from eventstore.backends import store
from eventstore.feed import Mark
from eventstore.integrity.digests import NO_DIGEST, command_digest, event_digest
from eventstore.log.database import primary_rows
from eventstore.models import Command, Event

Done = Callable[[str, int], object]


def fill_events(place: Place, manifest: Manifest, cut: Mark, done: Done) -> None:
    """Store the events up to the cut that are not stored yet."""
    rows = primary_rows(Event).aggregate(last=Max("position"), count=Count("pk"))
    stored = rows["last"] or 0
    _must_be_of(manifest.events, "events", stored, rows["count"], cut.position)
    scratch = Scratch()
    for segment in _missing(manifest.events.segments, stored, cut.position, "events", done):
        with guards.positions_chosen():
            store().append_given(_digested(reader.events(place, segment), scratch, stored, cut.position))
        done("events", segment.rows)


def fill_commands(place: Place, manifest: Manifest, cut: Mark, done: Done) -> None:
    """Store the commands up to the cut that are not stored yet."""
    rows = primary_rows(Command).aggregate(last=Max("number"), count=Count("pk"))
    stored = rows["last"] or 0
    _must_be_of(manifest.commands, "commands", stored, rows["count"], cut.number)
    for segment in _missing(manifest.commands.segments, stored, cut.number, "commands", done):
        with guards.positions_chosen():
            store().store_given(_signed(reader.commands(place, segment), stored, cut.number))
        done("commands", segment.rows)


def _must_be_of(tree: Tree, name: str, stored: int, count: int, to: int) -> None:
    """Raise CannotRestore if what is stored is not what a restore that was killed has stored: whole segments."""
    whole = [segment for segment in tree.segments if segment.last <= stored]
    is_whole = stored == (whole[-1].last if whole else 0) and count == sum(segment.rows for segment in whole)
    is_last = any(segment.first <= stored <= to < segment.last for segment in tree.segments)  # it was cut there
    if not (is_whole or is_last):
        raise CannotRestore(
            f"Something else has stored {name} here since the restore began: the last is {stored}. Begin in a new "
            "database, and let nothing use it before the restore has ended."
        )


def _missing(segments: list[Segment], stored: int, to: int, name: str, done: Done) -> Iterator[Segment]:
    for segment in segments:
        if segment.first <= to and segment.last > stored:
            yield segment
        else:
            done(name, segment.rows)


def _digested(events: Iterator[reader.Event], scratch: Scratch, stored: int, to: int) -> Iterator[reader.Event]:
    """Events with their digests, which follow from the events before them in their streams."""
    for position, event in events:
        if position > to:
            return
        if position <= stored:
            continue
        stream = event.stream_id.bytes
        version, before = scratch.end(stream)
        if version == 0:
            before = _digest_before(event.stream_id, event.version)  # of a run that was killed
        event.digest = event_digest(before, event)
        scratch.move_end(stream, event.version, event.digest)
        yield position, event


def _digest_before(stream_id: UUID, version: int) -> str:
    if version == 1:
        return NO_DIGEST
    found = primary_rows(Event).filter(stream_id=stream_id, version=version - 1).values_list("digest", flat=True).get()
    return bytes(found).hex()


def _signed(commands: Iterator[reader.Command], stored: int, to: int) -> Iterator[reader.Command]:
    """Commands with their digests."""
    for number, command, positions in commands:
        if number > to:
            return
        if number > stored:
            command.digest = command_digest(command)
            yield number, command, positions
