"""`manage.py verify` says what it found, where and since when, in plain words, and keeps a record."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from eventstore import log, personal
from eventstore.checks.watch import Code as Problem
from eventstore.checks.watch import problems
from eventstore.execute import execute
from eventstore.integrity.checks import Finding, check_answers, check_site
from eventstore.integrity.sealer import seal
from eventstore.integrity.trees import WIDTH
from eventstore.integrity.verify import Code, Place, Scope, faults, pages, verify
from eventstore.integrity.verify import events as event_pass
from eventstore.log.records import CommandRecord, Recorded
from eventstore.models import Command, Event, Verification
from tests.eventstore.sample import Count, Counted, Move, NotePerson
from tests.eventstore.verify.runs import (
    OTHER,
    PERSON,
    TALLY,
    count,
    forger_guards_do_not_count,
    found,
    say,
)
from tests.torture.forgeries import lift_all_guards
from tests.torture.forgeries.rewrites import rewrite
from tests.torture.forgeries.tables import erase_rows
from tests.verified import verified

pytestmark = pytest.mark.django_db


def test_an_empty_log_is_as_it_was_written() -> None:
    code, said = say()
    assert code == 0
    assert "Verified 0 events, 0 commands, 0 streams and 0 signed heads" in said


def test_all_kinds_of_rows_are_as_they_were_written(file: Path) -> None:
    """Refusals, commands over several streams, imported history, appended events, erased persons, a clock set back."""
    count(3)
    execute(Count(TALLY, 999), "refused", actor="ann")
    execute(Move(TALLY, OTHER, 1), "move", actor="bob €")
    execute(NotePerson(PERSON, "Ann"), "note", actor="ann", effective_at=datetime(2020, 1, 1, tzinfo=UTC))
    log.append("tally", OTHER, [Counted(OTHER, 1, 2), Counted(OTHER, 1, 3)], actor="ann", metadata={"why": "é"})
    seal()
    personal.erase(PERSON)
    log.close_until({TALLY: datetime(2100, 1, 1, tzinfo=UTC)})
    execute(Count(TALLY, 1), "later", actor="ann")
    report = verified(file)
    assert (report.events, report.commands, report.streams) == (9, 7, 3)
    assert report.unsealed_rows == 2


def test_it_says_how_long_the_unsealed_tail_is(file: Path) -> None:
    count(2)
    seal()
    assert "All events are sealed." in say()[1]
    count(3, begin=2)
    said = say()[1]
    first = Event.objects.order_by("position")[2].recorded_at
    assert f"Not sealed yet: 3 events, since {first:%Y-%m-%d %H:%M:%S} UTC" in said


def test_the_first_bad_position_is_named_with_what_is_wrong(file: Path) -> None:
    count(5)
    lift_all_guards()
    first, second = list(Event.objects.order_by("position").values_list("position", flat=True))[1:3]
    Event.objects.filter(position__in=[first, second]).update(data={"forged": 1})
    code, said = say()
    assert code == 3
    assert f"The first fault: the event at position {first:,}: Its digest does not fit" in said


def test_a_fault_has_one_name_and_all_are_counted(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "MAX_NAMED", 2)
    count(6)
    lift_all_guards()
    Event.objects.filter(version__gt=1).update(slot=63)
    report = verify()
    assert report.faults.total >= 5
    assert len(report.faults.named) == 2


def test_json_is_for_programs(file: Path) -> None:
    count(2)
    seal()
    code, said = say("--json")
    told = json.loads(said)
    assert code == 0
    assert told["faults"] == 0
    assert told["first_fault"] is None
    assert told["unsealed"] == {"events": {"rows": 0, "since": None}, "commands": {"rows": 0, "since": None}}


def test_a_run_is_recorded_and_told_by_the_watcher_until_a_whole_run_finds_nothing(file: Path) -> None:
    count(3)
    lift_all_guards()
    forged = Event.objects.order_by("-position")[0]
    Event.objects.filter(pk=forged.pk).update(data={"forged": 1})
    assert say("--since", "1")[0] == 3
    (record,) = Verification.objects.all()
    assert (record.scope, (record.first_fault or {})["position"]) == ("--since 1", forged.pk)
    assert record.ended_at is not None
    (problem,) = [each for each in problems() if each.code == Problem.FAULTY]
    assert "does not fit" in problem.sentence
    Event.objects.filter(pk=forged.pk).update(data=forged.data)
    forger_guards_do_not_count()
    assert not [each for each in problems() if each.code == Problem.FAULTY]


def test_it_begins_where_it_is_told_and_trusts_what_is_before(file: Path) -> None:
    count(WIDTH + 40)
    seal()
    positions = list(Event.objects.order_by("position").values_list("position", flat=True))
    middle = positions[WIDTH + 10]
    report = verify(Scope(since=middle))
    assert report.faults.named == []
    assert report.events == 29
    lift_all_guards()
    Event.objects.filter(position=positions[2]).update(slot=0)
    assert [each for each in verify(Scope(since=middle)).faults.named if each.code != Code.GUARD] == []
    rewrite(Event.objects.order_by("-position")[1])
    first = verify(Scope(since=middle)).faults.first
    assert first is not None
    assert first.place == Place.TREES


def test_a_sample_looks_at_streams_from_end_to_end_and_says_that_it_is_one(file: Path) -> None:
    count(20)
    execute(Move(TALLY, OTHER, 0), "move", actor="ann")
    seal()
    code, said = say("--sample", "3")
    assert code == 0
    assert "This was a sample" in said
    lift_all_guards()
    Event.objects.filter(stream_id=TALLY, version=2).update(data={"forged": 1})
    assert say("--sample", "30")[0] == 3


def test_ends_of_streams_are_looked_up_where_memory_does_not_hold_them(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_pass, "MAX_ENDS", 0)
    monkeypatch.setattr(pages, "PAGE", 2)
    count(7)
    execute(Move(TALLY, OTHER, 0), "move", actor="ann")
    verified()
    lift_all_guards()
    erase_rows(Event, version=4)
    assert (Place.EVENTS, Code.VERSION, Event.objects.get(stream_id=TALLY, version=5).pk) in found()


def test_a_project_checks_its_answers_and_its_site(file: Path, own_checks: None) -> None:
    seen = []

    @check_answers(Count)
    def totals(command: CommandRecord, events: Sequence[Recorded[Any]]) -> Iterator[str]:
        seen.append((command.command, [record.event for record in events]))
        if command.response["total"] != events[-1].event.total:
            yield "The answer tells another total than its event."

    @check_site
    def site() -> Iterator[Finding]:
        yield Finding("user 7", "Has a right that no event gave.")

    count(1)
    execute(Count(TALLY, 7), "seven", actor="ann")
    assert [(one.place, one.sentence) for one in verify().faults.named] == [
        (Place.SITE, "Has a right that no event gave.")
    ]
    assert seen[-1] == (Count(TALLY, 7), [Counted(TALLY, 7, 8)])
    lift_all_guards()
    Command.objects.filter(key="seven").update(response={"total": 70})
    assert {one.sentence for one in verify().faults.named} >= {"The answer tells another total than its event."}


def test_a_check_that_fails_is_a_fault_and_ends_nothing(file: Path, own_checks: None) -> None:
    @check_site
    def broken() -> list[Finding]:
        raise RuntimeError("oh")

    count(1)
    (fault,) = verify().faults.named
    assert (fault.place, "oh" in fault.sentence) == (Place.SITE, True)


def test_options_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(CommandError, match="can't be combined"):
        call_command("verify", since=1, sample=1)
