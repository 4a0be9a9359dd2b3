"""Deciding without a database, and the given-when-then to test it with."""

from dataclasses import dataclass
from uuid import uuid4

import pytest

from eventstore.decider import Decider, Refused
from eventstore.errors import MessageError
from eventstore.testing import given
from tests.eventstore.sample import LIMIT, Clear, Count, Counted, Move, Reset, Stray, Tally

TALLY, OTHER = uuid4(), uuid4()
THREE = Counted(TALLY, 3, 3)


def test_a_command_leads_to_events_and_an_answer() -> None:
    given(THREE).when(Count(TALLY, 4)).then(Counted(TALLY, 4, 7)).answers(total=7)


def test_a_command_may_lead_to_nothing() -> None:
    given().when(Clear(TALLY)).then()


def test_a_refusal_has_a_code_a_field_and_a_sentence() -> None:
    given(THREE).when(Count(TALLY, LIMIT)).refused("OUT_OF_RANGE", field="amount")
    with pytest.raises(Refused, match="can't stand at 103"):
        raise Refused("OUT_OF_RANGE", "A tally can't stand at %(total)s.", total=103)


def test_a_command_over_two_streams_decides_over_both() -> None:
    moved = (Counted(TALLY, -2, 1), Counted(OTHER, 2, 2))
    given(THREE).when(Move(TALLY, OTHER, 2)).then(*moved)


def test_one_leg_that_is_refused_refuses_the_other() -> None:
    full = Counted(OTHER, LIMIT, LIMIT)
    given(THREE, full).when(Move(TALLY, OTHER, 1)).refused("OUT_OF_RANGE")


def test_events_evolve_the_state_in_their_order() -> None:
    given(THREE, Reset(TALLY), Counted(TALLY, 5, 5)).when(Count(TALLY, 1)).answers(total=6)


def test_an_event_can_t_stray_to_a_stream_that_was_not_locked() -> None:
    with pytest.raises(MessageError, match="does not name"):
        given().when(Stray(TALLY, OTHER))


def test_the_fingerprint_of_a_state_changes_with_its_shape_and_its_version() -> None:
    @dataclass(frozen=True)
    class Wider(Tally):
        more: int = 0

    def decider_of(initial: Tally, version: int = 1) -> str:
        return Decider("tally", initial, lambda s, e: s, lambda s, c: (), Count, version=version).fingerprint

    assert decider_of(Tally()) == decider_of(Tally())
    assert len({decider_of(Tally()), decider_of(Wider()), decider_of(Tally(), version=2)}) == 3


def test_it_changes_with_the_state_that_a_stream_begins_with() -> None:
    """Every later state is folded from it."""
    begun = [Decider("tally", Tally(total=total), lambda s, e: s).fingerprint for total in (0, 1)]
    assert begun[0] != begun[1]
