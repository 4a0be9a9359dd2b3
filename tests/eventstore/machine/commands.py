"""Rules: commands by one and by many, again, rehearsed, for nothing; events without a command; people erased."""

from functools import partial
from typing import Any
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from eventstore import log, personal
from eventstore.errors import CategoryConflict, MessageError, VersionConflict
from eventstore.personal import SubjectErased
from tests.conformance.boxes import Filled
from tests.eventstore.machine.base import (
    BOX,
    TALLIES,
    Base,
    asks,
    commands,
    events,
    filled,
    many,
    of,
    one,
    persons,
    tallies,
    told_as_expected,
    unheard,
)
from tests.eventstore.machine.model import Ask
from tests.eventstore.sample import PersonNoted, Stray


class Asking(Base):
    """Whoever wants something."""

    @rule(ask=asks)
    def send(self, ask: Ask) -> None:
        self.take([ask], lambda: [one(ask)])

    @precondition(lambda self: self.model.asked)
    @rule(which=st.integers(0, 99))
    def send_again(self, which: int) -> None:
        """It is answered as it was, to the letter, and nothing is done twice."""
        ask = self.sent(which)
        receipt = one(ask)
        assert receipt.replayed
        self.told([ask], self.model.outcomes([ask]), [receipt])

    @precondition(lambda self: self.model.asked)
    @rule(which=st.integers(0, 99), command=commands)
    def send_another_with_the_same_key(self, which: int, command: Any) -> None:
        ask = self.sent(which)._replace(command=command)
        self.take([ask], lambda: [one(ask)])

    @rule(ask=asks)
    def rehearse(self, ask: Ask) -> None:
        """What it tells is what would come of it under a new key; the invariants see that nothing has."""
        try:
            (expected,) = self.model.outcomes([ask._replace(key="never used")])
        except SubjectErased:
            with pytest.raises(SubjectErased):
                one(ask, dry_run=True)
        else:
            told_as_expected(one(ask, dry_run=True), expected)

    @rule(batch=st.lists(asks, max_size=8), atomic=st.booleans())
    def send_many(self, batch: list[Ask], atomic: bool) -> None:
        self.take(batch, partial(many, batch, atomic=atomic), atomic=atomic)

    @rule(tally=tallies)
    def send_what_strays(self, tally: UUID) -> None:
        with pytest.raises(MessageError):
            one(Ask(Stray(tally, UUID(int=0)), "stray", "ann"))

    @rule(tally=tallies, told=st.lists(events, max_size=4), expecting=st.booleans())
    def append(self, tally: UUID, told: list[Any], expecting: bool) -> None:
        told = [of(event, tally) for event in told]
        expected = self.model.version(tally) if expecting else None
        self.keep(log.append("tally", tally, told, expected_version=expected, actor="ann"), told)

    @rule(tally=tallies, told=events, off=st.sampled_from([-1, 1, 100]))
    def append_at_another_version(self, tally: UUID, told: Any, off: int) -> None:
        expected = self.model.version(tally) + off
        with pytest.raises(VersionConflict):
            log.append("tally", tally, [of(told, tally)], expected_version=expected, actor="ann")
        with unheard(), pytest.raises(VersionConflict):
            log.append("box", BOX, [Filled(BOX)], expected_version=self.model.version(BOX) + off, actor="ann")

    @rule(told=st.lists(filled, max_size=3), at_once=st.booleans())
    def append_where_nobody_listens(self, told: list[Filled], at_once: bool) -> None:
        """Which may take a shorter way, on the strength of what this process remembers of the stream."""
        expected = self.model.version(BOX) if at_once else None
        with unheard():
            self.keep(log.append("box", BOX, told, expected_version=expected, actor="ann"), told)

    @precondition(lambda self: self.model.version(TALLIES[0]))
    @rule()
    def append_to_the_stream_of_another_category(self) -> None:
        with pytest.raises(CategoryConflict):
            log.append("person", TALLIES[0], [PersonNoted(TALLIES[0], None)], actor="ann")

    @rule(person=persons)
    def erase(self, person: UUID) -> None:
        known = self.model.knows(person)
        assert personal.erase(person) == known
        if known:
            self.model.erased.add(person)
