"""Errors for developers name the cause and the next step."""

from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.db import OperationalError, connection

from eventstore import decider, log
from eventstore.checks import check_reachable
from eventstore.errors import MessageError, UnknownMessage
from eventstore.messages import event, events, find
from eventstore.projecting import rows, wait_for
from eventstore.projecting.declaration.reactions import Reaction
from eventstore.testing import given
from tests.eventstore.sample import Count, Counted, PersonNoted, Stray
from tests.eventstore.sample_projections import Line

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


def test_a_database_that_is_away_is_named_in_the_words_of_django(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine knows no setting of a project's own, such as a DATABASE_URL."""

    def refuse() -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(connection, "ensure_connection", refuse)
    found = check_reachable(connection)
    assert found
    assert found.id == "eventstore.E030"
    assert "DATABASES['default']" in str(found.hint)
    assert "DATABASE_URL" not in f"{found.msg} {found.hint}"


def test_an_unknown_stored_name_is_advised_to_what_helps() -> None:
    with pytest.raises(UnknownMessage, match=r"'tally\.gone'\. .* import the module of its class in the ready\(\)"):
        find(events, "tally.gone")


@pytest.mark.parametrize("version", [0, "1", 2**31])
def test_a_projection_has_a_name_and_a_version_that_can_be_stored(version: Any) -> None:
    def lines(event: Counted, record: object) -> tuple[()]:
        return ()

    with pytest.raises(MessageError, match="The version of lines is"):
        rows(Line, version=version)(lines)
    lines.__name__ = "l" * 129
    with pytest.raises(MessageError, match="too long to be stored: 128 characters"):
        rows(Line)(lines)


def test_a_reaction_gives_commands() -> None:
    def welcome(event: Counted, record: Any) -> Any:
        return None

    served = Reaction(
        name="welcome", function=welcome, version=1, delayed=True, global_order=False, types=None, since_beginning=False
    )
    record: Any = SimpleNamespace(event=None, metadata={}, event_id=TALLY)
    with pytest.raises(MessageError, match=r"welcome returned a NoneType\. It yields commands"):
        served.advance([record])
