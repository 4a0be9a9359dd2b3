"""Where a restore ends: with the archive, or before it at a position or a time, and never within a command."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from eventstore.archive import cut, reader
from eventstore.archive.errors import CannotRestore
from eventstore.archive.format import Manifest
from eventstore.archive.places import Place
from eventstore.feed import Mark


def chosen(place: Place, manifest: Manifest, *, to_position: int | None, to_time: datetime | None) -> Mark:
    """The cut of a restore; raises CannotRestore for a position that the archive does not reach.

    Up to a time: before the first event, and the first command, that was recorded later. A command whose events lie on
    both sides of a cut is left out, with all of its events and whatever follows them. Of commands without events, those
    before the first command that is left out are in.
    """
    end = Mark(manifest.mark.position, manifest.mark.number)
    if to_position is None and to_time is None:
        return end
    wanted = end
    if to_position is not None:
        if not 0 <= to_position <= end.position:
            raise CannotRestore(f"The archive goes from position 0 to {end.position}, and not to {to_position}.")
        wanted = Mark(to_position, wanted.number)
    if to_time is not None:
        if to_time.tzinfo is None:
            raise CannotRestore("A time needs an offset from UTC, as in 2026-03-01T12:00:00+01:00.")
        position = _last_until(place, manifest, "events", to_time, wanted.position)
        wanted = Mark(position, _last_until(place, manifest, "commands", to_time, wanted.number))
    return cut.lowered(wanted, partial(_commands, place, manifest))


def _commands(place: Place, manifest: Manifest) -> Iterator[tuple[int, int, int]]:
    """The commands that have events: the number, and the positions of the first and the last of these."""
    for segment in manifest.commands.segments:
        for number, positions in reader.read(place, "commands", segment, ["number", "positions"]):
            if positions:
                yield number, min(positions), max(positions)


def _last_until(place: Place, manifest: Manifest, store: str, time: datetime, last: int) -> int:
    """The position, or number, before the first row that was recorded after a time."""
    column = "position" if store == "events" else "number"
    limit = (time - reader.BEGINNING) // timedelta(microseconds=1)
    for segment in manifest.tree(store).segments:
        for position, moment in reader.read(place, store, segment, [column, "recorded_at"]):
            if moment > limit:
                return min(last, int(position) - 1)
    return last
