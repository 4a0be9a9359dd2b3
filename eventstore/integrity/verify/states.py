"""States of streams, folded from the events as the pass over the log reads them, so that they are read once."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from eventstore.decider import deciders
from eventstore.integrity.verify.rows import MALFORMED, Row, WholeHead, rewritten
from eventstore.log.records import Recorded

MAX_STATES: Final = 20_000  # in memory; the events of further streams are read again for their heads


class Kept(NamedTuple):
    """The state of a stream after a version."""

    category: str
    version: int
    state: Any


class States:
    """The states of streams whose events have come from the first one on, without a gap.

    They show that a head is right, never that it is wrong: of whatever is not kept here, or differs, the events are
    read again, stream by stream.
    """

    def __init__(self) -> None:
        self._kept: dict[str, Kept] = {}

    def take(self, rows: Sequence[Row], records: Sequence[Recorded[Any] | None]) -> None:
        """Fold the events of a page, None among them for those that can't be decoded."""
        by_stream = defaultdict[str, list[Recorded[Any] | None]](list)
        for row, record in zip(rows, records, strict=True):
            by_stream[row[3]].append(record)
        for stream, own in by_stream.items():
            before = self._kept.pop(stream, None) or self._first(own[0])
            after = before and _folded(before, own)
            if after:
                self._kept[stream] = after

    def show(self, head: WholeHead) -> bool:
        """Whether the state in a head is shown to be the fold of its events; a head is asked for once."""
        kept = self._kept.pop(head.stream_id, None)
        if kept is None or kept[:2] != (head.category, head.version):
            return False
        try:
            return is_same_state(head.state, deciders[kept.category].encode(kept.state))
        except Exception:  # of the project's rules; those who read the events again tell
            return False

    def _first(self, record: Recorded[Any] | None) -> Kept | None:
        if record is None or record.version != 1 or len(self._kept) >= MAX_STATES:
            return None
        kind = deciders.get(record.category)
        return None if kind is None else Kept(record.category, 0, kind.first_state)


def _folded(before: Kept, records: Sequence[Recorded[Any] | None]) -> Kept | None:
    """The state after more events of a stream; None unless they go on from there and can be folded."""
    category, version, state = before
    facts = []
    for record in records:
        version += 1
        if record is None or record.version != version:
            return None
        facts.append(record.event)
    try:
        return Kept(category, version, deciders[category].fold(state, facts))
    except Exception:  # of the project's rules; those who read the events again tell
        return None


def is_same_state(stored: Any, state: bytes) -> bool:
    """Whether a stored state is this one, whatever the order of its keys."""
    try:
        return stored == state.decode() or rewritten(stored) == state
    except MALFORMED:
        return False
