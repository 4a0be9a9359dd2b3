"""Errors for developers name the cause and the next step."""

from uuid import UUID

import pytest

from eventstore import decider, log
from eventstore.errors import MessageError
from eventstore.messages import event
from eventstore.projecting import wait_for
from eventstore.testing import given
from tests.eventstore.sample import Count, Counted, PersonNoted, Stray

TALLY = UUID(int=1)


def test_a_command_without_a_decider_names_both_causes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(decider.handlers, Stray)
    with pytest.raises(MessageError, match=r"name it in its Decider's commands.*import the module.*ready\(\)"):
        decider.decide(Stray(TALLY, TALLY), {})


def test_a_faulty_name_is_told_which_characters_it_may_have() -> None:
    with pytest.raises(MessageError, match="lower-case letters and underscores"):
        event("tally.counted2")(type("Counted2", (), {}))


@pytest.mark.django_db
def test_an_unknown_projection_is_named_with_those_that_exist(sample: None) -> None:
    with pytest.raises(LookupError, match=r"No projection is called 'standngs'\. Declared are: .*standings"):
        wait_for(1, "standngs", timeout=0)


def test_a_failed_rule_test_shows_what_was_decided() -> None:
    refused = given().when(Count(TALLY, 101))
    with pytest.raises(AssertionError, match=r"expected: 'OTHER'\ngot: +Refusal\(code="):
        refused.refused("OTHER")
    counted = given().when(Count(TALLY, 3))
    counted.then(Counted(TALLY, 3, 3))
    with pytest.raises(AssertionError, match=r"expected: \{'total': 4\}\ngot: +\{'total': 3\}"):
        counted.answers(total=4)


@pytest.mark.django_db
@pytest.mark.parametrize("stray", [Counted(UUID(int=2), 1, 1), PersonNoted(TALLY, "Ann")])
def test_an_event_is_appended_to_its_own_stream_only(stray: object) -> None:
    with pytest.raises(MessageError, match=rf"belongs to \w+:.*, not to tally:{TALLY}"):
        log.append("tally", TALLY, [stray], actor="ann")
    assert not list(log.read_stream(TALLY))
