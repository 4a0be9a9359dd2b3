"""A stream whose event fails in a projection is parked: other streams go on, and a person retries or skips."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, InterfaceError, OperationalError, ProgrammingError
from django.utils import timezone

from eventstore import feed, log, messages, personal
from eventstore.backends import store
from eventstore.execute import execute
from eventstore.log.slots import SLOTS
from eventstore.messages import upcasters
from eventstore.messages.upcasters import upcaster
from eventstore.models import Checkpoint, Event, Parked, ShadowPart
from eventstore.projecting import skips
from eventstore.projecting.declaration.projection import Projection
from eventstore.projecting.declaration.registry import projections
from eventstore.projecting.declaration.subscribers import MAX_ATTEMPTS
from eventstore.projecting.parking import parking
from eventstore.projecting.parking.failures import caused_by_events
from eventstore.projecting.parking.parking import CannotSkip
from eventstore.projecting.rebuild import rebuild
from eventstore.projecting.runner.runner import Runner, position_of
from tests.eventstore.sample import Count, Counted, NotePerson
from tests.eventstore.sample_projections import UNLUCKY, Grand, Line

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sample")]

TALLIES = [UUID(int=number) for number in range(1, 9)]
TALLY, OTHER = TALLIES[:2]

Mend = Callable[..., None]


def count(amount: int, tally_id: UUID = TALLY) -> int:
    """Execute a command; the position of its event."""
    return execute(Count(tally_id, amount), str(Event.objects.count()), actor="ann").position


def lines() -> list[int]:
    return list(Line.objects.order_by("pk").values_list("amount", flat=True))


def parked(projection: str = "lines") -> Parked:
    return Parked.objects.get(projection_id=projection)


def due(projection: str = "lines") -> None:
    Parked.objects.filter(projection_id=projection).update(retry_at=timezone.now() - timedelta(seconds=1))


def drifted(projection: str, *arguments: str) -> bool:
    try:
        call_command("check_projections", projection, *arguments, stdout=StringIO())
    except SystemExit as end:
        assert end.code == 3  # noqa: PT017 - what the command found
        return True
    return False


def run() -> None:
    Runner(["lines"]).catch_up()


@pytest.fixture
def mend(monkeypatch: pytest.MonkeyPatch) -> Mend:
    """Deploys a projector of lines that minds only certain amounts."""

    def deploy(*unlucky: int) -> None:
        def mended(event: Counted, record: Any) -> Iterator[Line]:
            if event.amount in unlucky:
                raise ArithmeticError("still unlucky")
            yield Line(position=record.position, tally_id=event.tally_id, amount=event.amount)

        monkeypatch.setitem(projections, "lines", replace(projections["lines"], function=mended))

    return deploy


def test_the_stream_of_an_event_that_fails_waits_and_all_others_go_on() -> None:
    for number, tally_id in enumerate(TALLIES):
        count(1 + number, tally_id)
    failing = count(UNLUCKY, OTHER)
    for tally_id in TALLIES:
        count(20, tally_id)
    run()
    assert lines() == [1, 2, 3, 4, 5, 6, 7, 8, 20, 20, 20, 20, 20, 20, 20]
    held = parked()
    assert (held.stream_id, held.category, held.position, held.type) == (OTHER, "tally", failing, "tally.counted")
    assert held.attempts == 1
    assert held.retry_at is not None
    assert held.error.startswith("ArithmeticError: unlucky\ntests.eventstore.sample_projections, line ")
    assert position_of(projections["lines"]) == feed.tidemark()


def test_later_events_of_a_parked_stream_wait_with_it() -> None:
    count(UNLUCKY)
    run()
    count(2)
    count(3, OTHER)
    run()
    assert lines() == [3]
    assert parked().attempts == 1


def test_a_stream_that_is_mended_goes_on_where_it_stood(mend: Mend) -> None:
    count(1)
    count(UNLUCKY)
    count(2)
    run()
    count(3)
    run()
    mend()
    assert parking.retry(parked())
    assert lines() == [1, UNLUCKY, 2, 3]
    assert not Parked.objects.exists()
    count(4)
    run()
    assert lines() == [1, UNLUCKY, 2, 3, 4]


def test_a_retry_that_fails_again_keeps_the_new_error(mend: Mend) -> None:
    count(UNLUCKY)
    run()
    mend(UNLUCKY)
    assert not parking.retry(parked())
    assert parked().attempts == 2
    assert parked().error.startswith("ArithmeticError: still unlucky")


def test_a_retry_that_fails_later_in_the_stream_keeps_what_went_well(mend: Mend) -> None:
    count(UNLUCKY)
    count(2)
    later = count(4)
    count(5)
    run()
    mend(4)
    assert not parking.retry(parked())
    assert lines() == [UNLUCKY, 2]
    assert (parked().position, parked().attempts) == (later, 1)


def test_an_event_that_no_upcaster_brings_to_the_present_shape_is_parked_until_one_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    count(2)
    kind = messages.events["tally.counted"]
    monkeypatch.setitem(messages.events, "tally.counted", replace(kind, version=kind.version + 1))
    run()
    assert lines() == []
    assert parked().error.startswith("MessageError: tally.counted has no upcaster from version 1")
    monkeypatch.setattr(upcasters, "_upcasters", dict(upcasters._upcasters))
    upcaster("tally.counted", since=kind.version)(lambda data: {**data, "amount": 2 * data["amount"]})
    assert parking.retry(parked())
    assert lines() == [4]


def test_the_runner_tries_again_later_and_later_and_then_leaves_it_to_a_person() -> None:
    count(UNLUCKY)
    run()
    pauses = []
    while (at := parked().retry_at) is not None:
        pauses.append(round((at - timezone.now()).total_seconds()))
        assert not parking.retry_due(["lines"]), "not due yet"
        due()
        parking.retry_due(["lines"])
    assert pauses == [1, 2, 4, 8, 16]
    assert parked().attempts == MAX_ATTEMPTS == 6
    assert not parking.retry(parked())
    assert parked().retry_at is None


def test_the_runner_lets_a_stream_go_on_when_its_time_has_come(mend: Mend) -> None:
    count(UNLUCKY)
    run()
    mend()
    due()
    assert parking.retry_due(["lines"])
    assert lines() == [UNLUCKY]


def test_all_can_be_tried_again_at_once_or_those_of_one_projection(mend: Mend) -> None:
    for amount, tally_id in ((UNLUCKY, TALLY), (UNLUCKY, OTHER), (3, OTHER)):
        count(amount, tally_id)
    run()
    mend(3)
    assert parking.retry_all("grand") == (0, 0)
    assert parking.retry_all("lines") == (1, 1)
    mend()
    assert parking.retry_all() == (1, 0)
    assert lines() == [UNLUCKY, UNLUCKY, 3]


def test_a_stream_that_another_process_has_retried_goes_on(mend: Mend) -> None:
    count(UNLUCKY)
    run()
    seen = parked()
    mend()
    assert parking.retry(seen)
    assert parking.retry(seen)
    assert lines() == [UNLUCKY]


def test_a_skip_passes_over_one_event_and_is_a_fact_in_the_log() -> None:
    failing = count(UNLUCKY)
    count(2)
    run()
    parking.skip(parked(), actor="user:ann", reason="Booked twice by hand.")
    assert lines() == [2]
    assert not Parked.objects.exists()
    (record,) = log.read_stream(skips.stream_of("lines"))
    assert record.event == skips.EventSkipped(
        skips.stream_of("lines"), "lines", 1, failing, "tally", TALLY, "tally.counted", "Booked twice by hand."
    )
    assert (record.category, record.metadata["actor"]) == ("projection", "user:ann")


def test_a_skip_goes_on_to_the_next_event_that_fails() -> None:
    count(UNLUCKY)
    count(2)
    second = count(UNLUCKY)
    run()
    due()
    parking.retry_due(["lines"])
    parking.skip(parked(), actor="ann", reason="wrong")
    assert lines() == [2]
    assert (parked().position, parked().attempts) == (second, 1)


@pytest.mark.parametrize(
    ("actor", "reason"),
    [("", "why"), ("ann", " "), ("\u200b", "why"), ("ann", "\u2800"), ("ann", "a\u202eb"), ("ann", "\0")],
)
def test_a_skip_without_a_name_or_a_reason_that_can_be_read_is_refused(actor: str, reason: str) -> None:
    count(UNLUCKY)
    run()
    with pytest.raises(ValueError, match=r"ame and (a )?reason"):
        parking.skip(parked(), actor=actor, reason=reason)
    assert Parked.objects.exists()


def test_a_skip_of_what_is_not_there_any_more_skips_nothing_else(mend: Mend) -> None:
    count(UNLUCKY)
    count(4)
    run()
    seen = parked()
    mend(4)
    parking.retry(parked())
    with pytest.raises(CannotSkip, match="not parked with event"):
        parking.skip(seen, actor="ann", reason="why")
    assert not list(log.read_stream(skips.stream_of("lines")))


def test_a_skip_is_refused_once_a_rebuild_has_digested_the_event() -> None:
    failing = count(UNLUCKY)
    run()
    for slot in range(SLOTS):
        ShadowPart(projection_id="lines", role="new", slot=slot, position=failing).save(force_insert=True)
    with pytest.raises(CannotSkip, match="being built anew"):
        parking.skip(parked(), actor="ann", reason="why")


def test_a_replay_passes_over_what_was_skipped_so_rows_are_what_it_says() -> None:
    count(UNLUCKY)
    count(2)
    run()
    parking.skip(parked(), actor="ann", reason="why")
    assert not drifted("lines")
    assert not drifted("lines", "--sample=50")
    rebuild([projections["lines"]])
    assert lines() == [2]


def test_the_next_version_of_a_projector_sees_a_skipped_event_again(monkeypatch: pytest.MonkeyPatch) -> None:
    count(UNLUCKY)
    run()
    parking.skip(parked(), actor="ann", reason="why")

    def second(event: Counted, record: Any) -> Iterator[Line]:
        yield Line(position=record.position, tally_id=event.tally_id, amount=event.amount)

    monkeypatch.setitem(projections, "lines", replace(projections["lines"], function=second, version=2))
    rebuild([projections["lines"]])
    assert lines() == [UNLUCKY]


def test_events_behind_a_parked_one_are_no_drift() -> None:
    count(1)
    count(UNLUCKY)
    count(2)
    run()
    assert parking.parked_positions(projections["lines"]) == {TALLY: parked().position}
    assert not drifted("lines")
    assert not drifted("lines", "--sample=50")


def test_a_rebuild_leaves_nothing_parked(mend: Mend) -> None:
    count(UNLUCKY)
    run()
    mend()
    rebuild([projections["lines"]])
    assert not Parked.objects.exists()
    count(2)
    run()
    assert lines() == [UNLUCKY, 2]


@pytest.fixture
def grumpy(monkeypatch: pytest.MonkeyPatch) -> Projection:
    """The projection across streams, until it fails on an amount of thirteen."""
    grand = projections["grand"]

    def fails(row: Grand | None, event: Counted, record: Any) -> Grand:
        if event.amount == UNLUCKY:
            raise ArithmeticError("unlucky")
        result: Grand = grand.function(row, event, record)
        return result

    monkeypatch.setitem(projections, "grand", replace(grand, function=fails))
    return grand


def order() -> str:
    return Grand.objects.values_list("order", flat=True).first() or ""


@pytest.mark.usefixtures("sample", "grumpy")
def test_where_the_order_across_streams_matters_all_wait_for_the_event_that_fails() -> None:
    count(1)
    count(2, OTHER)
    failing = count(UNLUCKY)
    count(3, OTHER)
    Runner(["grand"]).catch_up()
    assert order() == "1 2 "
    assert position_of(projections["grand"]) == failing - 1
    assert parked("grand").position == failing
    count(4, OTHER)
    Runner(["grand"]).catch_up()
    assert order() == "1 2 "
    assert not drifted("grand")


@pytest.mark.usefixtures("sample", "grumpy")
def test_all_go_on_once_it_is_skipped() -> None:
    count(1)
    count(UNLUCKY)
    count(3, OTHER)
    Runner(["grand"]).catch_up()
    parking.skip(parked("grand"), actor="ann", reason="why")
    Runner(["grand"]).catch_up()
    assert order() == "1 3 "
    assert not drifted("grand")


def test_all_go_on_in_order_once_it_is_mended(grumpy: Projection, monkeypatch: pytest.MonkeyPatch) -> None:
    count(1)
    count(UNLUCKY)
    count(3, OTHER)
    Runner(["grand"]).catch_up()
    assert not parking.retry(parked("grand"))
    monkeypatch.setitem(projections, "grand", grumpy)
    assert parking.retry(parked("grand"))
    Runner(["grand"]).catch_up()
    assert order() == f"1 {UNLUCKY} 3 "


def test_erasing_a_person_empties_what_errors_said() -> None:
    count(UNLUCKY)
    run()
    assert parked().error
    execute(NotePerson(OTHER, "Ann"), "note", actor="ann")
    personal.erase(OTHER)
    assert parked().error == ""


def test_an_error_of_the_database_itself_parks_nothing() -> None:
    assert not any(caused_by_events(kind("away")) for kind in (InterfaceError, OperationalError, ProgrammingError))
    assert caused_by_events(IntegrityError("twice"))
    assert caused_by_events(KeyError("what"))


def test_a_row_that_the_database_refuses_parks_its_stream() -> None:
    """Two events give one row: the transaction survives, and other streams go on."""
    first = count(1)
    count(2, OTHER)
    Line.objects.bulk_create([Line(position=first, tally_id=TALLY, amount=1)])
    run()
    assert lines() == [1, 2]
    assert parked().error.startswith("IntegrityError")


def test_slots_that_wait_for_a_person_do_not_hold_the_checkpoint() -> None:
    count(UNLUCKY)
    run()
    assert set(Checkpoint.objects.filter(projection="lines").values_list("position", flat=True)) == {feed.tidemark()}


def run_parked_events(*arguments: str) -> tuple[str, int]:
    """The output of `parked_events`, and its exit code."""
    out, code = StringIO(), 0
    try:
        call_command("parked_events", *arguments, stdout=out)
    except SystemExit as end:
        code = int(end.code or 0)
    return out.getvalue(), code


def test_the_command_lists_what_is_parked() -> None:
    assert run_parked_events() == ("Nothing is parked.\n", 0)
    count(UNLUCKY)
    run()
    text, code = run_parked_events()
    assert code == 3
    assert f"tally:{TALLY}" in text
    assert "ArithmeticError: unlucky" in text
    (row,) = json.loads(run_parked_events("--json")[0])
    assert (row["projection_id"], row["stream_id"], row["attempts"]) == ("lines", str(TALLY), 1)
    assert run_parked_events("--projection", "grand")[1] == 0


def test_the_command_tries_again_and_skips(mend: Mend) -> None:
    count(UNLUCKY)
    count(UNLUCKY, OTHER)
    count(UNLUCKY, TALLIES[2])
    run()
    numbers = [str(pk) for pk in Parked.objects.order_by("position").values_list("pk", flat=True)]
    assert run_parked_events("--retry", numbers[0])[1] == 3
    assert run_parked_events("--skip", numbers[2], "--by", "ann", "--reason", "why")[1] == 3
    assert Parked.objects.count() == 2
    mend()
    assert run_parked_events("--retry", numbers[0])[1] == 3
    assert run_parked_events("--retry-all", "--projection", "lines") == ("Nothing is parked.\n", 0)
    assert lines() == [UNLUCKY, UNLUCKY]


def test_the_command_names_what_is_wrong() -> None:
    count(UNLUCKY)
    run()
    with pytest.raises(CommandError, match="Nothing is parked with the id 0"):
        call_command("parked_events", "--retry", "0")
    with pytest.raises(CommandError, match=r"a reason.*Nothing was skipped"):
        call_command("parked_events", "--skip", str(parked().pk), "--by", "ann")


def test_where_a_log_is_followed_skips_come_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A read database parks what fails there, too; nobody skips there, as a skip is an event."""
    count(1), count(UNLUCKY), count(2)
    Runner().catch_up()
    assert lines() == [1]
    skips.record(parking._skipped(parked(), "Booked twice by hand."), actor="ann")
    assert not parking.retry(parked())
    monkeypatch.setattr(type(store()), "subscribes", lambda _: True)
    assert parking.retry(parked())
    assert lines() == [1, 2]
