"""One pass over the events in the order of their positions: digests, versions, times and slots, stream by stream."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _

from eventstore.backends import store
from eventstore.integrity.digests import NO_DIGEST
from eventstore.integrity.verify.faults import Code, Faults, Place
from eventstore.integrity.verify.keys import KeyPass
from eventstore.integrity.verify.pages import Pages
from eventstore.integrity.verify.pairs import Pairs
from eventstore.integrity.verify.regrown import Regrown
from eventstore.integrity.verify.rows import (
    MALFORMED,
    Row,
    WholeEvent,
    canonical,
    decode,
    encode,
    fits_rewritten,
    records_of,
)
from eventstore.integrity.verify.states import States
from eventstore.log.records import Recorded
from eventstore.log.slots import slot_of

MAX_ENDS: Final = 50_000  # ends of streams that are kept in memory; others are looked up when they are needed
FIRST: Final = bytes.fromhex(NO_DIGEST)
LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)

End = tuple[int, bytes | None, datetime, int, int]  # version, digest, time, slot, position


class EventPass:
    """The pass: each page of events is checked, grown into the tree, and matched with the commands that caused it."""

    def __init__(
        self,
        faults: Faults,
        tree: Regrown | None,
        pairs: Pairs,
        after: int,
        to: int,
        *,
        keys: KeyPass,
        states: States | None = None,
    ) -> None:
        self.faults, self.tree, self.pairs, self.keys, self.states = faults, tree, pairs, keys, states
        self.at, self.to = after, to
        self._stored = Pages(faults, Place.EVENTS, to)
        self.count = 0
        self.ends: dict[str, End] = {}
        self._metadata: tuple[Any, bytes, dict[str, Any]] = (None, b"", {})

    def page(self) -> int:
        """Take the next page, and return the number of events in it; 0 when there are no more."""
        rows = self._stored.after(self.at)
        if rows:
            self.take(rows)
            self.at = rows[-1][0]
            self.count += len(rows)
        return len(rows)

    def take(self, rows: Sequence[Row]) -> None:
        """Check the events of a page."""
        self._look_up(rows)
        records = records_of(rows)
        leaves = [self._take(row, record) for row, record in zip(rows, records, strict=True)]
        self.keys.take(records)
        if self.states is not None:
            self.states.take(rows, records)
        if self.tree is not None:
            self.tree.extend(leaves, [row[0] for row in rows])

    def _take(self, row: Row, record: Recorded[Any] | None) -> bytes:
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
            if "command_id" in described:
                self.pairs.event(row, described, end[2], record)
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
        if not fits and type(event.data) is bytes:
            beginning = (end[1] or b"", encode((*event[1:7], event.recorded_at)))
            fits = fits_rewritten(event.digest, beginning, (event.metadata, event.data))
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

    def _fault(self, code: Code, sentence: str, row: Row) -> None:
        self.faults.add(Place.EVENTS, code, sentence, position=row[0], subject=str(row[3]))


def _slot(stream: str) -> int:
    try:
        return slot_of(UUID(stream))
    except ValueError:
        return -1
