"""Tests of rules as sentences: given what has happened, when a command is executed, then that happens. No database.

given(BOUGHT, LENT_TO_ANN).when(bring_back(BOOK)).then(brought_back(BOOK))
given(BOUGHT, LENT_TO_ANN).when(lend(BOOK, BOB)).refused("BOOK_IS_OUT")
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eventstore import decider, messages
from eventstore.decider import Decision, Refusal, Refused
from eventstore.messages import StreamKey, canonical, encode, find, type_of, upcasters


def given(*events: Any) -> "Given":
    """A history: events of any streams, in the order in which they happened."""
    return Given(events)


def upcast(name: str, since: int, data: Mapping[str, Any]) -> Any:
    """The present message that data stored at schema version `since` is upcast to.

    assert upcast("book.lent", 1, {"book_id": BOOK, "reader_number": 7}) == BookLent(BOOK, UUID(int=7))
    """
    kind = find({**messages.commands, **messages.events}, name)
    return upcasters.decode(kind, since, canonical(data))


@dataclass(frozen=True)
class Given:
    """A history of events, on which a command is decided."""

    events: tuple[Any, ...]

    def when(self, command: Any) -> "Result":
        """Decide a command on the history; `then`, `refused` and `answers` assert the outcome."""
        states = self._states()
        for stream in type_of(command).streams_of(command):
            if stream is not None:
                states.setdefault(stream, decider.initial_state(stream.category))
        encode(command)
        try:
            return Result(decision=decider.decide(command, states))
        except Refused as no:
            return Result(refusal=no.refusal)

    def _states(self) -> dict[StreamKey, Any]:
        states: dict[StreamKey, Any] = {}
        for event in self.events:
            (stream,) = type_of(event).streams_of(event)
            assert stream is not None, f"{event} names no stream"
            before = states.get(stream, decider.initial_state(stream.category))
            states[stream] = decider.deciders[stream.category].evolve(before, event)
        return states


@dataclass(frozen=True)
class Result:
    """The outcome of a command: a decision or a refusal."""

    decision: Decision | None = None
    refusal: Refusal | None = None

    def then(self, *events: Any) -> "Result":
        """Assert that exactly these events happen, in this order, and that each can be stored."""
        assert self.refusal is None, f"refused with {self.refusal}"
        assert self.events == events, f"\nexpected: {events}\ngot:      {self.events}"
        for event in events:
            encode(event)
        return self

    def refused(self, code: str, *, field: str | None = None) -> "Result":
        """Assert that the command is refused with a code, and if given, because of a field."""
        assert self.refusal is not None, f"not refused: {self.events}"
        assert self.refusal.code == code, f"\nexpected: {code!r}\ngot:      {self.refusal}"
        assert field is None or self.refusal.field == field, f"\nexpected: {field!r}\ngot:      {self.refusal}"
        return self

    def answers(self, **expected: Any) -> "Result":
        """Assert the whole answer to the sender."""
        assert self.decision is not None, f"refused with {self.refusal}"
        answer = self.decision.answer
        assert answer == expected, f"\nexpected: {expected}\ngot:      {answer}"
        return self

    @property
    def events(self) -> tuple[Any, ...]:
        """The events of the decision, without their streams."""
        return tuple(event for _, event in self.decision.events) if self.decision else ()
