"""One pass over the events in the order of their positions: digests, versions, times and slots, stream by stream."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _

from eventstore.backends import store
from eventstore.integrity.digests import NO_DIGEST
from eventstore.integrity.verify.faults import Code, Faults, Place
from eventstore.integrity.verify.pairs import Pairs
from eventstore.integrity.verify.regrown import Regrown
from eventstore.integrity.verify.rows import MALFORMED, Row, WholeEvent, canonical, decode, encode, read_page, rewritten
from eventstore.log.database import primary_rows
from eventstore.log.gc_pause import gc_paused
from eventstore.log.slots import slot_of
from eventstore.models import Event

PAGE: Final = 5_000
MAX_ENDS: Final = 50_000  # ends of streams that are kept in memory; others are looked up when they are needed
FIRST: Final = bytes.fromhex(NO_DIGEST)
LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)

End = tuple[int, bytes | None, datetime, int, int]  # version, digest, time, slot, position


class EventPass:
    """The pass: each page of events is checked, grown into the tree, and matched with the commands that caused it."""

    def __init__(self, faults: Faults, tree: Regrown | None, pairs: Pairs | None, after: int, to: int) -> None:
        self.faults, self.tree, self.pairs = faults, tree, pairs
        self.at, self.to = after, to
        self.count = 0
        self.ends: dict[str, End] = {}
        self._metadata: tuple[Any, bytes, dict[str, Any]] = (None, b"", {})

    def pages(self) -> Iterator[int]:
        """Take one page after the other, and yield the number of events in it."""
        while rows := self.next_rows():
            self.take(rows)
            self.at = rows[-1][0]
            self.count += len(rows)
            yield len(rows)

    def next_rows(self) -> list[Row]:
        """The next page of rows, as they are stored."""

        def read(after: int, limit: int) -> list[Row]:
            return store().whole_events("position > %s AND position <= %s ORDER BY position", [after, self.to], limit)

        return read_page(read, self.at, PAGE, self._skip)

    def take(self, rows: Sequence[Row]) -> None:
        """Check the events of a page."""
        self._look_up(rows)
        with gc_paused():
            leaves = [self._take(row) for row in rows]
        if self.tree is not None:
            self.tree.extend(leaves, [row[0] for row in rows])

    def _take(self, row: Row) -> bytes:
        """Check an event, and return the hash of its leaf."""
        sha256 = hashlib.sha256
        position, event_id, category, stream, version, name, schema, data, stored, at, slot, digest = row
        try:
            metadata, described = self._read_metadata(stored)
            end = self.ends.get(stream) or (0, FIRST, LONG_AGO, slot_of(UUID(stream)), 0)
            envelope = encode((event_id, category, stream, version, name, schema, at))
            if end[1] is None:
                fits = True  # the event before it is missing, which is told
            else:
                text = data if type(data) is bytes else canonical(data)
                fits = sha256(b"\n".join((end[1], envelope, metadata, text))).digest() == digest
            if not fits or version != end[0] + 1 or at < end[2] or slot != end[3] or position <= end[4]:
                self._explain(row, end, fits=fits)
            self.ends[stream] = (version, digest, at, end[3], position)
            if self.pairs is not None and "command_id" in described:
                self.pairs.event(row, described, end[2])
            return sha256(b"\x00" + position.to_bytes(8, "big") + digest).digest()
        except MALFORMED as error:
            self._fault(Code.UNREADABLE, _("It can't be read as an event: %(error)s.") % {"error": error}, row)
            return sha256(b"").digest()

    def _read_metadata(self, stored: Any) -> tuple[bytes, dict[str, Any]]:
        """Canonical metadata and what they say; the events of a command have the same, and follow each other."""
        if self._metadata[0] != stored:
            described = decode(stored)
            if not isinstance(described, dict):
                raise ValueError("its metadata are no object")
            text = stored if type(stored) is bytes else encode(described)
            self._metadata = stored, text, described
        return self._metadata[1:]

    def _look_up(self, rows: Sequence[Row]) -> None:
        """Look up the ends of streams that this page goes on with and that are not in memory."""
        if len(self.ends) > MAX_ENDS:
            self.ends.clear()
        wanted: dict[str, int] = {}
        for row in rows:
            if row[3] not in self.ends and row[3] not in wanted and type(row[4]) is int:
                wanted[row[3]] = row[4]
        wanted = {stream: version for stream, version in wanted.items() if version != 1}
        if not wanted:
            return
        found = store().events_before(list(wanted), list(wanted.values()))
        for stream, version, digest, at, position in found:
            self.ends[stream] = (version, digest, at, slot_of(UUID(stream)), position)
        for stream in wanted.keys() - self.ends.keys():
            self.ends[stream] = (-1, None, LONG_AGO, _slot(stream), 0)

    def _explain(self, row: Row, end: End, *, fits: bool) -> None:
        """Say what is wrong with an event, the cause before its consequences."""
        event = WholeEvent(*row)
        if not fits and type(event.data) is bytes and self._fits_rewritten(event, end):
            fits = True  # the same JSON in other bytes
        if event.version != end[0] + 1:
            before = _("version %(version)s") % {"version": end[0]} if end[0] > 0 else _("nothing")
            self._fault(
                Code.VERSION,
                _("It is version %(version)s of its stream, but before it there is %(before)s.")
                % {"version": event.version, "before": before},
                row,
            )
        elif not fits:
            self._fault(
                Code.DIGEST,
                _("Its digest does not fit: since it was written it was changed, or what is before it in its stream."),
                row,
            )
        elif event.slot != end[3]:
            self._fault(
                Code.SLOT,
                _("It is in slot %(slot)s, where projections do not look for its stream; that is %(right)s.")
                % {"slot": event.slot, "right": end[3]},
                row,
            )
        elif event.recorded_at < end[2]:
            self._fault(Code.TIME, _("It was recorded before the event before it in its stream."), row)
        elif event.position <= end[4]:
            self._fault(
                Code.ORDER, _("The event before it in its stream stands behind it, at %(at)s.") % {"at": end[4]}, row
            )

    def _fits_rewritten(self, event: WholeEvent, end: End) -> bool:
        envelope = encode((*event[1:7], event.recorded_at))
        parts = (end[1] or b"", envelope, rewritten(event.metadata), rewritten(event.data))
        return hashlib.sha256(b"\n".join(parts)).digest() == event.digest

    def _skip(self, after: int) -> int | None:
        """Tell of the event after a position, which can't be read; its position."""
        found = primary_rows(Event).filter(position__gt=after, position__lte=self.to).order_by("position")
        position: int | None = found.values_list("position", flat=True).first()
        if position is not None:
            self.faults.add(
                Place.EVENTS, Code.UNREADABLE, _("The database can't give this event out."), position=position
            )
        return position

    def _fault(self, code: Code, sentence: str, row: Row) -> None:
        self.faults.add(Place.EVENTS, code, sentence, position=row[0], subject=str(row[3]))


def _slot(stream: str) -> int:
    try:
        return slot_of(UUID(stream))
    except ValueError:
        return -1
