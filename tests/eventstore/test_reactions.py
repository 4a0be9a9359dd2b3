"""Reactions: events come in, commands go out, each executed once."""

import json
from collections.abc import Iterator, Sequence
from io import StringIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command

from eventstore import log
from eventstore.errors import MessageError
from eventstore.execute import CommandRequest, execute
from eventstore.log import CommandRecord, Recorded
from eventstore.log.slots import slot_of
from eventstore.models import Checkpoint, Command, Event, Parked, Projection
from eventstore.projecting import installation, reaction, wait_for
from eventstore.projecting.declaration.decorators import rows
from eventstore.projecting.declaration.reactions import Reaction
from eventstore.projecting.inspect import statuses
from eventstore.projecting.runner.runner import Runner
from tests.eventstore import sample_reactions
from tests.eventstore.sample import Clear, Count, Counted
from tests.eventstore.sample_projections import UNLUCKY, Line
from tests.eventstore.sample_reactions import TWICE, echo_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sample")]

TALLY, OTHER = UUID(int=1), UUID(int=2)


@pytest.fixture
def echoing(sample: None) -> None:
    sample_reactions.declare()
    installation.install(using="default")


def count(amount: int, tally_id: UUID = TALLY) -> int:
    """Execute a command; the position of its event."""
    return execute(Count(tally_id, amount), uuid4(), actor="ann").position


def total(tally_id: UUID) -> int:
    return int(log.current("tally", tally_id).total)


def react() -> None:
    Runner(["echoes"]).catch_up()


def deliver_again() -> None:
    Checkpoint.objects.filter(projection="echoes").update(position=0)
    react()


def answers() -> list[bool]:
    """The answers to the reaction's commands, in order."""
    return list(Command.objects.filter(actor="process:echoes").order_by("number").values_list("accepted", flat=True))


@pytest.mark.usefixtures("echoing")
def test_an_event_leads_to_a_command() -> None:
    count(3)
    count(4, OTHER)
    react()
    assert (total(echo_of(TALLY)), total(echo_of(OTHER))) == (3, 4)


@pytest.mark.usefixtures("echoing")
def test_one_event_may_lead_to_several_commands() -> None:
    count(TWICE)
    react()
    assert total(echo_of(TALLY)) == TWICE
    assert answers() == [True, True]


@pytest.mark.usefixtures("echoing")
def test_reactions_follow_the_order_of_a_stream() -> None:
    count(5)
    execute(Clear(TALLY), "clear", actor="ann")
    count(2)
    react()
    assert total(echo_of(TALLY)) == 2


def test_across_streams_reactions_follow_the_order_of_the_log() -> None:
    sample_reactions.declare(global_order=True)
    installation.install(using="default")
    amounts = [(1, TALLY), (2, OTHER), (3, TALLY), (4, OTHER)]
    for amount, tally_id in amounts:
        count(amount, tally_id)
    react()
    echoed = Event.objects.filter(metadata__actor="process:echoes").order_by("position")
    assert [(event.data["amount"], event.stream_id) for event in echoed] == [
        (amount, echo_of(tally_id)) for amount, tally_id in amounts
    ]


@pytest.mark.usefixtures("echoing")
def test_the_command_says_which_event_it_comes_from() -> None:
    receipt = execute(Count(TALLY, 3), "key", actor="ann")
    react()
    cause = Event.objects.get(position=receipt.position)
    command = Command.objects.get(actor="process:echoes")
    assert command.key == f"{cause.event_id}:0"
    assert command.metadata["causation_id"] == str(cause.event_id)
    assert command.metadata["correlation_id"] == str(receipt.command_id)


@pytest.mark.usefixtures("echoing")
def test_an_event_that_no_command_caused_begins_a_chain_of_its_own() -> None:
    (recorded,) = log.append("tally", TALLY, [Counted(TALLY, 3, 3)], actor="import")
    react()
    assert Command.objects.get(actor="process:echoes").metadata["correlation_id"] == str(recorded.event_id)


def at_random(self: Reaction, record: Recorded[Any]) -> Iterator[CommandRequest]:
    """A naive design: each delivery draws a random key."""
    for command in self.function(record.event, record):
        yield CommandRequest(command=command, key=str(uuid4()), actor=self.actor)


@pytest.mark.usefixtures("echoing")
def test_an_event_that_is_delivered_again_has_no_second_effect(monkeypatch: pytest.MonkeyPatch) -> None:
    count(3)
    react()
    deliver_again()
    assert total(echo_of(TALLY)) == 3
    assert answers() == [True]
    monkeypatch.setattr(Reaction, "_requests", at_random)
    deliver_again()
    assert total(echo_of(TALLY)) == 6  # keys that are drawn at random would count it twice


@pytest.mark.usefixtures("echoing")
def test_a_command_that_is_refused_is_stored_and_the_reaction_goes_on() -> None:
    count(99, echo_of(TALLY))
    count(3)
    count(1)
    count(4, OTHER)
    react()
    assert answers() == [False, True, True]
    assert (total(echo_of(TALLY)), total(echo_of(OTHER))) == (100, 4)
    execute(Clear(echo_of(TALLY)), "clear", actor="ann")
    deliver_again()
    assert total(echo_of(TALLY)) == 0  # a "no" does not turn into a "yes"


@pytest.mark.usefixtures("echoing")
def test_a_reaction_that_raises_parks_the_stream_and_the_others_go_on() -> None:
    count(UNLUCKY)
    count(3)
    count(4, OTHER)
    react()
    parked = Parked.objects.get(projection="echoes")
    assert (parked.stream_id, "unlucky" in parked.error) == (TALLY, True)
    assert not Event.objects.filter(stream_id=echo_of(TALLY)).exists()
    assert total(echo_of(OTHER)) == 4


def test_a_new_reaction_begins_at_the_present() -> None:
    count(3)
    sample_reactions.declare()
    installation.install(using="default")
    react()
    assert not answers()
    count(4)
    react()
    assert total(echo_of(TALLY)) == 4


def test_a_runner_that_starts_installs_what_migrate_has_not() -> None:
    count(3)
    sample_reactions.declare()
    call_command("run_projections", "echoes", "--once", stdout=StringIO())
    count(4)
    react()
    assert total(echo_of(TALLY)) == 4


@pytest.mark.usefixtures("echoing")
def test_that_it_is_installed_again_does_not_move_it() -> None:
    count(3)
    installation.install(using="default")
    react()
    assert total(echo_of(TALLY)) == 3


def test_a_new_reaction_may_begin_at_the_first_event() -> None:
    count(3)
    sample_reactions.declare(since_beginning=True)
    installation.install(using="default")
    react()
    assert total(echo_of(TALLY)) == 3


@pytest.mark.usefixtures("echoing")
def test_few_events_share_a_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    advance = Reaction.advance

    def noted(self: Reaction, records: Sequence[Recorded[Any]]) -> None:
        sizes.append(len(records))
        advance(self, records)

    monkeypatch.setattr(Reaction, "advance", noted)
    monkeypatch.setattr("eventstore.projecting.declaration.reactions.MAX_BATCH_EVENTS", 2)
    for _ in range(5):
        count(1)
    react()
    assert max(sizes) == 2
    assert total(echo_of(TALLY)) == 5


def test_a_process_remembers_in_a_stream_of_its_own() -> None:
    sample_reactions.declare_streaks()
    installation.install(using="default")
    for expected in (1, 2, 0):
        receipt = execute(Count(TALLY, 1), uuid4(), actor="ann")
        Runner(["streaks"]).catch_up()
        Runner(["streaks"]).catch_up()  # what it has noted itself
        assert total(TALLY) == expected
    cleared = Event.objects.get(type="tally.reset")
    assert cleared.metadata["correlation_id"] == str(receipt.command_id)


@pytest.mark.usefixtures("echoing")
def test_one_can_wait_for_a_reaction() -> None:
    position = count(3)
    assert not wait_for(position, "echoes", timeout=0)
    react()
    assert wait_for(position, "echoes", timeout=0)


@pytest.mark.usefixtures("echoing")
def test_the_runner_of_projections_runs_it() -> None:
    count(3)
    call_command("run_projections", "--once", stdout=StringIO())
    assert total(echo_of(TALLY)) == 3


@pytest.mark.usefixtures("echoing")
@pytest.mark.parametrize("command", ["rebuild_projections", "check_projections"])
def test_what_works_on_tables_does_not_offer_it(command: str) -> None:
    with pytest.raises(CommandError, match="There are: asked, grand, lines, standings"):
        call_command(command, "echoes")
    call_command(command, stdout=StringIO())


@pytest.mark.usefixtures("echoing")
def test_its_status_is_shown() -> None:
    count(3)
    out = StringIO()
    call_command("projection_status", "--json", stdout=out)
    (shown,) = [item for item in json.loads(out.getvalue())["projections"] if item["name"] == "echoes"]
    assert (shown["mode"], shown["state"], shown["lag"], shown["parked"]) == ("reaction", "live", 1, 0)
    assert shown["lag_seconds"] > 0


def test_that_it_is_not_installed_is_shown() -> None:
    sample_reactions.declare()
    out = StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("projection_status", stdout=out)
    assert end.value.code == 3
    assert "not installed" in out.getvalue()


def test_names_are_declared_once() -> None:
    with pytest.raises(MessageError, match="declared twice"):

        @reaction()
        def lines(event: Counted, record: Recorded[Any]) -> list[Any]:
            return []

    sample_reactions.declare()
    with pytest.raises(MessageError, match="declared twice"):

        @rows(Line)
        def echoes(event: Counted, record: Recorded[Any]) -> list[Any]:
            return []


def test_a_reaction_reads_events() -> None:
    with pytest.raises(MessageError, match="a reaction reads events"):

        @reaction()
        def nosy(command: CommandRecord) -> list[Any]:
            return []


class TestLag:
    """Of whatever is delayed: slots are read at their own pace."""

    @staticmethod
    def of(name: str) -> int:
        (found,) = [item for item in statuses.status() if item.name == name]
        return found.lag

    def test_a_slot_that_is_ahead_has_no_lag(self) -> None:
        count(1)
        ahead = count(2, OTHER)
        Checkpoint.objects.filter(projection="lines", slot=slot_of(OTHER)).update(position=ahead)
        assert self.of("lines") == 1

    def test_a_slot_that_is_behind_without_anything_to_read_has_no_lag(self) -> None:
        last = count(1)
        Checkpoint.objects.filter(projection="lines").exclude(slot=slot_of(OTHER)).update(position=last)
        assert self.of("lines") == 0

    def test_across_streams_there_is_one_slot_for_all(self) -> None:
        first = count(1)
        count(2, OTHER)
        assert self.of("grand") == 2
        Checkpoint.objects.filter(projection="grand").update(position=first)
        assert self.of("grand") == 1


def test_parked_streams_are_counted_and_those_that_wait_for_a_person_are_counted_apart() -> None:
    projection = Projection.objects.get(name="lines")
    position = count(1)
    for tally_id in (TALLY, OTHER):
        Parked.objects.create(
            projection=projection,
            category="tally",
            stream_id=tally_id,
            position=position,
            type="tally.counted",
            error="unlucky",
            retry_at="2026-01-01T00:00Z",
        )
    out = StringIO()
    call_command("projection_status", stdout=out)
    assert "until a person" not in out.getvalue()
    Parked.objects.filter(stream_id=TALLY).update(retry_at=None)
    (found,) = [item for item in statuses.status() if item.name == "lines"]
    assert (found.parked, found.given_up) == (2, 1)
    with pytest.raises(SystemExit) as end:
        call_command("projection_status", stdout=out)
    assert end.value.code == 3
    assert "until a person handles them (parked_events): 1" in out.getvalue()
