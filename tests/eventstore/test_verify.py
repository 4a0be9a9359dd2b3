"""`manage.py verify` finds what is not as it was written, says where and what in plain words, and keeps a record."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings

from eventstore import log, personal
from eventstore.checks import database
from eventstore.checks.watch import Code as Problem
from eventstore.checks.watch import problems
from eventstore.execute import CommandRequest, execute, execute_many
from eventstore.integrity import checks
from eventstore.integrity.checks import Finding, check_answers, check_site
from eventstore.integrity.restores import notice
from eventstore.integrity.sealer import seal
from eventstore.integrity.trees import WIDTH, Tree, clear
from eventstore.integrity.verify import Code, Place, Scope, faults, pages, verify
from eventstore.integrity.verify import events as event_pass
from eventstore.log.identity import begin_epoch
from eventstore.log.records import CommandRecord, Recorded
from eventstore.models import Cluster, Command, Epoch, Event, Stream, TreeHead, Verification
from eventstore.verifier.seal_file import CUT_OFF
from tests.eventstore import sample_projections
from tests.eventstore.sample import Count, Counted, Move, NotePerson
from tests.torture import forger
from tests.torture.forger import erase_rows, lift_all_guards
from tests.verified import verified

pytestmark = pytest.mark.django_db

TALLY, OTHER, PERSON = UUID(int=1), UUID(int=2), UUID(int=3)


@pytest.fixture(autouse=True)
def file(tmp_path: Path) -> Iterator[Path]:
    """The file outside."""
    path = tmp_path / "heads.txt"
    with override_settings(SEAL_FILE=str(path)):
        yield path


@pytest.fixture
def own_checks() -> Iterator[None]:
    """Checks of a project, forgotten after the test."""
    answers, sites = dict(checks.answer_checks), dict(checks.site_checks)
    yield
    checks.answer_checks.clear()
    checks.answer_checks.update(answers)
    checks.site_checks.clear()
    checks.site_checks.update(sites)


def count(times: int = 1, begin: int = 0) -> None:
    execute_many(
        [
            CommandRequest(command=Count(TALLY, 1 if number % 2 else -1), key=f"key {number}", actor="ann")
            for number in range(begin + 1, begin + times + 1)
        ]
    )


def say(*arguments: str) -> tuple[int, str]:
    """The exit code of the command, and what it says."""
    output = StringIO()
    try:
        call_command("verify", *arguments, stdout=output, no_color=True)
    except SystemExit as stop:
        return int(str(stop.code)), output.getvalue()
    return 0, output.getvalue()


def found(seals: Path | None = None) -> list[tuple[Place, Code, int | None]]:
    """The faults, without those of guards that the test has lifted."""
    report = verify(Scope(seals=seals))
    return [(one.place, one.code, one.position) for one in report.faults.in_order() if one.code != Code.GUARD]


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


def forger_guards_do_not_count() -> None:
    """A clean whole run: the test's guards are lifted, which is a fault, so its record is written as such a run's."""
    verify()
    last = Verification.objects.order_by("-id")[0]
    Verification.objects.filter(pk=last.pk).update(faults=0, first_fault=None)


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
    forger.rewrite(Event.objects.order_by("-position")[1])
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


def test_an_event_without_its_command_and_a_command_without_its_event_are_found(file: Path) -> None:
    count(3)
    lift_all_guards()
    command = Command.objects.order_by("number")[1]
    erase_rows(Command, pk=command.pk)
    assert found() == [(Place.EVENTS, Code.NO_COMMAND, command.positions[0])]


def test_a_head_with_a_forged_state_is_found(file: Path) -> None:
    count(3)
    state = str(Stream.objects.get().state)
    Stream.objects.update(state=state.replace('"counts":3', '"counts":4'))
    assert found() == [(Place.STREAMS, Code.STATE, None)]


@pytest.mark.sqlite
def test_values_of_other_types_are_faults_and_end_nothing(file: Path) -> None:
    """A column of SQLite takes anything."""
    count(6)
    lift_all_guards()
    forged = ["data = x'ff00'", "version = 'two'", "digest = 7", "recorded_at = 'never'", "type = CAST(x'ff' AS TEXT)"]
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA ignore_check_constraints = ON")
        for position, change in enumerate(forged, 1):
            cursor.execute(f"UPDATE eventstore_event SET {change} WHERE position = {position}")
        cursor.execute("UPDATE eventstore_command SET positions = '{', accepted = 5 WHERE number = 3")
        cursor.execute("PRAGMA ignore_check_constraints = OFF")
    places = {(place, position) for place, _code, position in found()}
    assert places >= {(Place.EVENTS, position) for position in range(1, 6)}
    assert (Place.COMMANDS, 3) in places


@pytest.mark.postgresql
def test_times_that_no_program_can_hold_are_faults(file: Path) -> None:
    count(2)
    lift_all_guards()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE eventstore_event SET recorded_at = 'infinity' WHERE version = 1")
    position = Event.objects.filter(version=1).values_list("position", flat=True)[0]
    assert (Place.EVENTS, Code.DIGEST, position) in found()


def test_lines_that_are_no_heads_are_faults_of_their_own(file: Path) -> None:
    count(2)
    seal()
    text = file.read_text()
    file.write_text(f"{text}nonsense\n\n{text[:20]}{CUT_OFF}half a no")
    assert found(file) == [(Place.SEALS, Code.GARBLED, 1 + text.count("\n"))]
    file.write_text(text.replace("\n2\n", "\n3\n", 1))
    assert (Place.SEALS, Code.NOTE, 1) in found(file)


def test_heads_of_other_logs_are_passed_over_and_counted(file: Path) -> None:
    count(2)
    seal()
    lift_all_guards()
    erase_rows(TreeHead)
    Epoch.objects.update(log_id=UUID(int=7))
    report = verify(Scope(seals=file))
    assert (report.heads_outside, report.heads_of_others) == (0, 2)


def test_a_head_that_is_larger_than_the_log_tells_that_the_tail_is_gone(file: Path) -> None:
    count(5)
    seal()
    lift_all_guards()
    last = Event.objects.order_by("-position")[0]
    erase_rows(Event, pk=last.pk)
    erase_rows(Command, positions=[last.pk])
    forger.put_heads_back()
    assert {code for _place, code, _position in found(file)} >= {Code.CUT_OFF}


def test_what_an_epoch_has_lost_is_a_fault_until_somebody_outside_accepts_it(file: Path, sample: None) -> None:
    count(5)
    seal()
    cut_the_last_off()
    begin_epoch(Epoch.Cause.DECLARED, "The disk was lost.")
    assert (Place.EPOCHS, Code.LOST, None) in found(file)  # the database's owner may have written the reason
    report = verify(Scope(seals=file, accepted=frozenset({2})))
    assert [fault for fault in report.faults.named if fault.code != Code.GUARD] == []
    assert any("has lost 1 rows" in told and "The disk was lost." in told for told in report.lost)
    for model in sample_projections.MODELS:  # what a restore would have taken back, too
        model.objects.all()._raw_delete("default")  # type: ignore[attr-defined]
    count(3, begin=20)
    with override_settings(ACCEPTED_EPOCHS=[2]):
        assert found(file) == []  # before the new epoch is sealed
        seal()
        assert found(file) == []
    assert {code for _place, code, _position in found(file)} == {Code.LOST}


def test_a_lost_tail_that_only_a_program_has_noticed_waits_for_a_person(file: Path) -> None:
    """Who cuts the tail off need only wait for the next start, which begins an epoch and writes a reason by itself."""
    count(5)
    seal()
    cut_the_last_off()
    for tree in Tree:
        clear(tree)  # as a restore would have taken the tiles back, too
    noticed = notice()
    assert noticed is not None
    assert (Place.EPOCHS, Code.EPOCH, None) in found(file)
    call_command("begin_epoch", "--confirm", stdout=StringIO())
    assert {code for _place, code, _position in found(file)} == {Code.LOST}
    lost = verify(Scope(seals=file)).lost
    assert len(lost) == 2
    assert "The head over 5" in lost[0]
    assert say("--seals", str(file), "--accept-epoch=2")[1].count("has lost 1 rows") == 2


def test_sealed_rows_that_are_gone_are_said_to_be_gone_at_the_end(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    count(5)
    seal()
    cut_the_last_off()
    begin_epoch(Epoch.Cause.DECLARED, "Fine.\n\x1b[2JNothing was lost.")
    monkeypatch.setattr(database, "guards", lambda _connection: [])  # those that the test has lifted
    assert say("--seals", str(file))[0] == 3
    code, said = say("--seals", str(file), "--accept-epoch=2")
    assert code == 0
    assert "Fine. \\x1b[2JNothing was lost.) has lost 1 rows" in said
    assert said.splitlines()[-1].startswith("Sealed rows are gone")


def test_heads_of_another_log_alone_are_none_to_hold_this_one_to(file: Path) -> None:
    count(5)
    seal()
    lift_all_guards()
    Epoch.objects.update(log_id=UUID(int=9))
    erase_rows(TreeHead)
    assert found(file) == [(Place.SEALS, Code.NOT_KEPT, None)]


def test_epochs_that_no_program_could_have_begun_are_found() -> None:
    count(3)
    begin_epoch(Epoch.Cause.NOTICED, "This node has seen epoch 6.", above=6)
    call_command("begin_epoch", "--confirm", stdout=StringIO())
    lift_all_guards()
    Epoch.objects.filter(epoch=7).update(position=-5)
    assert found() == [(Place.EPOCHS, Code.EPOCH, None)]


def test_that_the_place_of_the_log_is_forgotten_is_found() -> None:
    erase_rows(Cluster)
    assert found() == [(Place.EPOCHS, Code.EPOCH, None)]


GARBAGE: Sequence[tuple[str, str, Any]] = [
    ("eventstore_treehead", "signed_at", "garbage"),
    ("eventstore_treehead", "note", b"\xff\xfe"),
    ("eventstore_treehead", "size", "many"),
    ("eventstore_treehead", "position", "many"),
    ("eventstore_treehead", "root", "text"),
    ("eventstore_stream", "stream_id", "zz"),
    ("eventstore_command", "positions", "[99999999999999999999999]"),
    ("eventstore_command", "positions", "[-1]"),
]


@pytest.mark.sqlite
@pytest.mark.parametrize(("table", "column", "value"), GARBAGE)
def test_no_garbage_gets_rid_of_a_run(file: Path, table: str, column: str, value: Any) -> None:
    """SQLite's columns take anything, so whoever owns the file could make verify fail rather than find."""
    count(3)
    seal()
    lift_all_guards()
    with connection.cursor() as cursor:
        where = f"rowid = (SELECT max(rowid) FROM {table})"
        cursor.execute(f"UPDATE {table} SET {column} = %s WHERE {where}", [value])
    assert found(file)
    verify(Scope(sample=5, seals=file))


@pytest.mark.sqlite
@pytest.mark.parametrize("column", ["data", "metadata"])
def test_a_name_that_is_twice_in_a_row_is_found(column: str) -> None:
    """The engine reads the last one, and the functions of SQLite the first, so a forger could show another value."""
    count(3)
    lift_all_guards()
    with connection.cursor() as cursor:
        name = "amount" if column == "data" else "actor"
        change = f"""UPDATE eventstore_event SET {column} = '{{"{name}":77,' || substr({column}, 2) WHERE version = 2"""
        cursor.execute(change)
    assert (Place.EVENTS, Code.UNREADABLE, Event.objects.get(version=2).pk) in found()


@pytest.mark.sqlite
def test_another_spelling_of_a_time_is_found() -> None:
    """Times are compared as text there: with a T, a moment comes after all others of its day."""
    count(3)
    lift_all_guards()
    with connection.cursor() as cursor:
        change = "UPDATE eventstore_event SET recorded_at = replace(recorded_at, ' ', 'T') WHERE version = 2"
        cursor.execute(change)
    assert (Place.EVENTS, Code.DIGEST, Event.objects.get(version=2).pk) in found()


def cut_the_last_off() -> None:
    """Delete the last command with its event, as if it had never been."""
    lift_all_guards()
    last = Event.objects.order_by("-position")[0]
    erase_rows(Event, pk=last.pk)
    erase_rows(Command, positions=[last.pk])
    forger.put_heads_back()
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("UPDATE sqlite_sequence SET seq = seq - 1 WHERE name LIKE 'eventstore_%'")
        else:
            for name in ("event_position", "command_number"):
                cursor.execute(f"SELECT setval('eventstore_{name}_seq', currval('eventstore_{name}_seq') - 1)")
            cursor.execute("UPDATE eventstore_tidemark SET position = position - 1, number = number - 1")


@pytest.mark.parametrize("arguments", [["--confirm"], ["--reason", "Monday's backup was restored."]])
def test_an_epoch_that_was_noticed_waits_for_a_person(arguments: list[str]) -> None:
    """What the start has written down is no reason: it does the same for a tail that somebody has cut off."""
    begin_epoch(Epoch.Cause.NOTICED, "The event at position 7 is not the one that this node has seen there.")
    assert found() == [(Place.EPOCHS, Code.EPOCH, None)]
    call_command("begin_epoch", *arguments, stdout=StringIO())
    assert found() == []


def test_epochs_that_a_restore_has_lost_may_be_passed_over_and_no_others() -> None:
    """A copy was restored twice: the second time the node has seen an epoch that the copy does not know."""
    begin_epoch(Epoch.Cause.NOTICED, "This node has seen epoch 2 of the log, which the log does not know.", above=2)
    call_command("begin_epoch", "--confirm", stdout=StringIO())
    assert found() == []
    begin_epoch(Epoch.Cause.DECLARED, "restored", above=4)
    assert found() == [(Place.EPOCHS, Code.EPOCH, None)]


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


@pytest.mark.postgresql
def test_a_mark_above_what_was_drawn_is_a_fault(file: Path) -> None:
    count(2)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE eventstore_tidemark SET position = position + 1000000000")
    assert (Place.DATABASE, Code.MARK, None) in found()


def test_options_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(CommandError, match="can't be combined"):
        call_command("verify", since=1, sample=1)


def test_a_file_that_is_not_there_is_no_clean_run(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="could not be verified"):
        call_command("verify", seals=tmp_path / "none.txt")
