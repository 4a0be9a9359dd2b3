"""Heads of streams: each is as its last event; its state, upon which the next command is decided, as all of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _

from eventstore.backends import store
from eventstore.backends.rows import StoredPayload
from eventstore.decider import deciders
from eventstore.integrity.verify.faults import Code, Faults, Place
from eventstore.integrity.verify.rows import Row, WholeHead, text_of
from eventstore.integrity.verify.states import States, is_same_state
from eventstore.log import codec
from eventstore.log.gc_pause import gc_paused

PAGE: Final = 500  # heads
EVENTS: Final = 5_000  # events that are folded at a time

# What a head says of its last event.
SAME: Final = (
    ("category", "last_category"),
    ("version", "last_version"),
    ("position", "last_position"),
    ("digest", "last_digest"),
    ("recorded_at", "last_recorded_at"),
)


@dataclass
class StreamPass:
    """The pass over heads; a head and its last event are read in one statement, so writers may go on."""

    faults: Faults
    states: States  # that the pass over the events has folded
    count: int = 0
    events: int = 0
    outdated: int = 0  # states of earlier code, which nobody uses: they are folded anew with the next command

    def pages(self) -> Iterator[int]:
        """Take one page of heads after the other, and yield the number of events that were folded."""
        after = UUID(int=0)
        while rows := self._read(after):
            heads = [WholeHead(*row) for row in rows]
            yield from self.take(heads)
            after = UUID(heads[-1].stream_id)
        position = store().first_without_head()
        if position is not None:
            self.faults.add(
                Place.EVENTS,
                Code.NO_HEAD,
                _("Its stream has no head: nothing can be decided there."),
                position=position,
            )

    def take(self, heads: Sequence[WholeHead]) -> Iterator[int]:
        """Compare heads with their last events, and the states that are used with what the events make."""
        unshown, shown = dict[str, WholeHead](), 0
        for head in heads:
            self.count += 1
            if self._is_right(head) and self._is_used(head):
                if self.states.show(head):
                    shown += head.version
                else:
                    unshown[head.stream_id] = head
        self.events += shown
        yield shown
        with gc_paused():
            yield from self._fold(unshown)

    def _read(self, after: UUID) -> list[Row]:
        return store().whole_heads(after, PAGE)

    def _is_right(self, head: WholeHead) -> bool:
        if head.last_version is None:
            self._fault(Code.NO_EVENTS, _("It has a head, but no events."), head)
            return False
        differing = [name for name, last in SAME if getattr(head, name) != getattr(head, last)]
        if differing:
            self._fault(
                Code.HEAD,
                _("Its head says another %(names)s than its last event, at %(position)s.")
                % {"names": ", ".join(differing), "position": head.last_position},
                head,
            )
        return not differing

    def _is_used(self, head: WholeHead) -> bool:
        """Whether the state in a head is one that the next decision would use."""
        kind = deciders.get(head.category)
        if kind is None or head.state is None:
            return False
        if head.fingerprint != kind.fingerprint:
            self.outdated += 1
            return False
        return True

    def _fold(self, heads: dict[str, WholeHead]) -> Iterator[int]:
        """Fold the events of streams, which come in the order of the ids, a page at a time."""
        if not heads:
            return
        after, last = (min(heads), 0), max(heads)
        folding = _Folding(self.faults, heads)
        while rows := store().facts_between(after, last, EVENTS):
            folding.take(rows)
            after = rows[-1][0], rows[-1][1]
            self.events += len(rows)
            yield len(rows)
            if len(rows) < EVENTS:
                break
        folding.end()

    def _fault(self, code: Code, sentence: str, head: WholeHead) -> None:
        self.faults.add(Place.STREAMS, code, sentence, subject=f"{head.category}:{head.stream_id}")


class _Folding:
    """The fold of one stream after the other."""

    def __init__(self, faults: Faults, heads: dict[str, WholeHead]) -> None:
        self.faults, self.heads = faults, heads
        self.stream: str | None = None
        self.state: Any = None

    def take(self, rows: Sequence[Row]) -> None:
        begin = 0
        for end in range(1, len(rows) + 1):
            if end == len(rows) or rows[end][0] != rows[begin][0]:
                if rows[begin][0] in self.heads:
                    self._go_on(rows[begin][0], rows[begin:end])
                begin = end

    def end(self) -> None:
        """Compare the state of the stream that was folded last."""
        if self.stream is not None:
            self._compare(self.heads[self.stream])
        self.stream = None

    def _go_on(self, stream: str, rows: Sequence[Row]) -> None:
        head = self.heads[stream]
        kind = deciders[head.category]
        if stream != self.stream:
            self.end()
            self.stream, self.state = stream, kind.first_state
        if self.state is None:
            return  # it could not be folded
        # Events that came since the head was read are none of its.
        own = [StoredPayload(r[1], r[2], r[3], text_of(r[4])) for r in rows if r[1] <= head.version]
        try:
            self.state = kind.fold(self.state, codec.facts(own))
        except Exception as error:
            self.state = None
            self._fault(Code.STATE, _("Its events can't be folded into a state: %(error)s") % {"error": error}, head)

    def _compare(self, head: WholeHead) -> None:
        if self.state is None:
            return
        if not is_same_state(head.state, deciders[head.category].encode(self.state)):
            self._fault(
                Code.STATE,
                _("The state in its head is not what its events make of it: the next decision would be taken upon it."),
                head,
            )

    def _fault(self, code: Code, sentence: str, head: WholeHead) -> None:
        self.faults.add(Place.STREAMS, code, sentence, subject=f"{head.category}:{head.stream_id}")
