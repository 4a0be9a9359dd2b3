"""Rules: commands and batches, repeats, dry runs; events without a command; erasures."""

from functools import partial
from typing import Any
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from eventstore import log, personal
from eventstore.errors import ArgumentRefused, CategoryConflict, MessageError, VersionConflict
from eventstore.personal import SubjectErased
from tests.conformance.boxes import Filled
from tests.eventstore.machine.base import (
    BOX,
    TALLIES,
    EngineMachine,
    assert_receipt,
    commands,
    events,
    execute_batch,
    execute_one,
    filled,
    of,
    persons,
    requests,
    tallies,
    without_receivers,
)
from tests.eventstore.machine.model import ModelRequest
from tests.eventstore.sample import PersonNoted, Stray


class CommandRules(EngineMachine):
    """Rules that write: commands, appended events and erasures."""

    @rule(request=requests)
    def send(self, request: ModelRequest) -> None:
        self.take([request], lambda: [execute_one(request)])

    @precondition(lambda self: self.model.commands)
    @rule(which=st.integers(0, 99))
    def send_again(self, which: int) -> None:
        """A repeated command is replayed to the letter, and has no second effect."""
        request = self.stored_request(which)
        receipt = execute_one(request)
        assert receipt.replayed
        self.record_receipts([request], self.model.expect([request]), [receipt])

    @precondition(lambda self: self.model.commands)
    @rule(which=st.integers(0, 99), command=commands)
    def send_another_with_the_same_key(self, which: int, command: Any) -> None:
        request = self.stored_request(which)._replace(command=command)
        self.take([request], lambda: [execute_one(request)])

    @rule(request=requests)
    def dry_run(self, request: ModelRequest) -> None:
        """A dry run returns the receipt that a new key would get; the invariants see that it stores nothing."""
        try:
            (expected,) = self.model.expect([request._replace(key="never used")])
        except SubjectErased:
            with pytest.raises(SubjectErased):
                execute_one(request, dry_run=True)
        else:
            assert_receipt(execute_one(request, dry_run=True), expected)

    @rule(batch=st.lists(requests, max_size=8), atomic=st.booleans())
    def send_many(self, batch: list[ModelRequest], atomic: bool) -> None:
        self.take(batch, partial(execute_batch, batch, atomic=atomic), atomic=atomic)

    @rule(tally=tallies)
    def send_an_event_that_strays(self, tally: UUID) -> None:
        with pytest.raises(MessageError):
            execute_one(ModelRequest(Stray(tally, UUID(int=0)), "stray", "ann"))

    @rule(tally=tallies, new_events=st.lists(events, max_size=4), expecting=st.booleans())
    def append(self, tally: UUID, new_events: list[Any], expecting: bool) -> None:
        new_events = [of(event, tally) for event in new_events]
        expected = self.model.version(tally) if expecting else None
        self.record_appended(log.append("tally", tally, new_events, expected_version=expected, actor="ann"), new_events)

    @rule(tally=tallies, new=events, off=st.sampled_from([-1, 1, 100]))
    def append_at_another_version(self, tally: UUID, new: Any, off: int) -> None:
        expected = self.model.version(tally) + off
        with pytest.raises(ArgumentRefused if expected < 0 else VersionConflict):
            log.append("tally", tally, [of(new, tally)], expected_version=expected, actor="ann")
        expected = self.model.version(BOX) + off
        with without_receivers(), pytest.raises(ArgumentRefused if expected < 0 else VersionConflict):
            log.append("box", BOX, [Filled(BOX)], expected_version=expected, actor="ann")

    @rule(new_events=st.lists(filled, max_size=3), at_once=st.booleans())
    def append_without_receivers(self, new_events: list[Filled], at_once: bool) -> None:
        """An append without receivers may take the short way, by the stream's end that this process remembers."""
        expected = self.model.version(BOX) if at_once else None
        with without_receivers():
            self.record_appended(log.append("box", BOX, new_events, expected_version=expected, actor="ann"), new_events)

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
