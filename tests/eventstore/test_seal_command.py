"""`manage.py seal`: what it prints, how it ends, and how it goes on until it is stopped."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from eventstore import service
from eventstore.checks.doctor import seals as doctor
from eventstore.checks.doctor.findings import Level
from eventstore.checks.watch import problems
from eventstore.checks.watch.problem import Code as Problem
from eventstore.execute import execute
from eventstore.integrity import outside, seal_keys
from eventstore.log.identity import begin_epoch
from eventstore.models import Epoch, Event, Tile, TreeHead
from eventstore.verifier import notes
from eventstore.verifier.seal_file import notes_in
from tests.eventstore.sample import Count

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def file(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "heads.txt"
    with override_settings(SEAL_FILE=str(path)):
        yield path


def count(key: str) -> None:
    execute(Count(UUID(int=1), 1), key, actor="ann")


def say(*arguments: str) -> str:
    output = StringIO()
    call_command("seal", *arguments, stdout=output)
    return output.getvalue()


def test_it_prints_the_heads_as_they_are_in_the_file(file: Path) -> None:
    assert say() == "There is nothing to seal yet.\n"
    count("one")
    said = say()
    assert list(notes_in(StringIO(said))) == list(TreeHead.objects.order_by("id").values_list("note", flat=True))
    assert said == file.read_text()
    assert say().startswith("Nothing is new since 20")


def test_scripts_get_json() -> None:
    count("one")
    heads = json.loads(say("--json"))["heads"]
    assert [(head["tree"], head["size"], head["timestamp"]) for head in heads] == [
        ("events", 1, None),
        ("commands", 1, None),
    ]
    assert notes.read_head(heads[0]["note"]).size == 1
    assert json.loads(say("--json")) == {"heads": [], "errors": [], "unconfirmed_epoch": None}


def ends_with(code: int, *arguments: str) -> str:
    with pytest.raises(CommandError) as ended:
        say(*arguments)
    assert ended.value.returncode == code
    return str(ended.value)


def test_without_a_key_it_ends_with_1_and_says_how_to_make_one() -> None:
    count("one")
    with override_settings(SEAL_KEY="", SEAL_KEY_FILE=""):
        assert "manage.py seal --new-key" in ends_with(1)
        output = StringIO()
        with pytest.raises(CommandError):
            call_command("seal", "--json", stdout=output)
        assert len(json.loads(output.getvalue())["errors"]) == 1, "both trees lack the same key"


def test_where_no_head_can_be_kept_outside_it_ends_with_1(tmp_path: Path) -> None:
    count("one")
    with override_settings(SEAL_FILE=str(tmp_path / "nowhere" / "heads")):
        assert "nowhere" in ends_with(1)


def test_what_contradicts_an_earlier_head_ends_it_with_3_and_the_other_tree_is_sealed() -> None:
    count("one")
    say()
    Tile.objects.filter(tree="events").update(hashes=bytes(32))
    count("two")
    assert "manage.py verify" in ends_with(3)
    assert list(TreeHead.objects.order_by("id").values_list("tree", "size"))[2:] == [("commands", 2)]


def test_it_prints_the_public_keys_as_verifiers_take_them() -> None:
    (line,) = say("--keys").splitlines()
    assert notes.read_key(line) == seal_keys.public(seal_keys.signing_key())
    assert json.loads(say("--keys", "--json")) == {"keys": [line]}


def test_it_makes_a_new_key(tmp_path: Path) -> None:
    with override_settings(SEAL_KEY="", SEAL_KEY_FILE=str(tmp_path / "keys")):
        first = say("--new-key").splitlines()
        second = say("--new-key").splitlines()
    assert second[1:] == first
    with override_settings(SEAL_KEY="", SEAL_KEY_FILE=""):
        ends_with(1, "--new-key")


class Rounds(service.Stop):
    """Somebody who does something between the rounds, and asks to stop after the last."""

    def __init__(self, *between: Any) -> None:
        super().__init__()
        self.between = list(between)

    def wait(self, timeout_seconds: float | None = None) -> bool:
        if self.between:
            self.between.pop(0)()
        else:
            self.set()
        return self.is_set()


def watching(monkeypatch: pytest.MonkeyPatch, *between: Any, arguments: tuple[str, ...] = ()) -> str:
    @contextmanager
    def running() -> Iterator[service.Stop]:
        yield Rounds(*between)

    monkeypatch.setattr(service, "running", running)
    monkeypatch.setattr("eventstore.management.commands.seal.close_old_connections", lambda: None)
    return say("--watch", *arguments)


def test_it_goes_on_until_stopped_and_is_silent_where_nothing_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    count("one")
    said = watching(monkeypatch, lambda: None, lambda: count("two"), lambda: None)
    begun, *rest = said.splitlines(keepends=True)
    assert begun == "Sealing every 10 seconds. Stop with Ctrl-C.\n"
    assert rest.pop() == "Stopped.\n"
    assert [notes.read_head(note).size for note in notes_in(rest)] == [1, 1, 2, 2]


def test_its_lines_are_json_for_scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    count("one")
    said = watching(monkeypatch, arguments=("--json",))
    assert [json.loads(line)["tree"] for line in said.splitlines()] == ["events", "commands"]


def test_a_trouble_is_told_once_and_what_was_not_sealed_is_sealed_when_it_is_over(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    count("one")
    append = outside.append

    def fail(note: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(outside, "append", fail)
    said = watching(monkeypatch, lambda: None, lambda: monkeypatch.setattr(outside, "append", append))
    assert said.count("— ") == 2
    told = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert len(told) == 2, "Once for each tree."
    assert "No space left on device" in told[0]


def test_an_epoch_that_began_by_itself_is_told_once_while_it_goes_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    count("one")
    watching(
        monkeypatch,
        lambda: begin_epoch(Epoch.Cause.NOTICED, "Another event stands at position 1."),
        lambda: None,
        lambda: call_command("begin_epoch", "--confirm", verbosity=0, stdout=StringIO()),
        lambda: begin_epoch(Epoch.Cause.NOTICED, "Another event stands at position 1."),
    )
    told = [record.getMessage() for record in caplog.records if "began by itself" in record.getMessage()]
    assert [text.partition(" began")[0] for text in told] == ["Epoch 2", "Epoch 3"]


def test_a_long_seal_is_ended_between_two_pages_when_it_is_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eventstore.integrity.trees.PAGE", 1)
    for key in "abc":
        count(key)

    class Impatient(service.Stop):
        def is_set(self) -> bool:
            return Tile.objects.exists() and super().is_set()

    stop = Impatient()
    stop.set()

    @contextmanager
    def running() -> Iterator[service.Stop]:
        yield stop

    monkeypatch.setattr(service, "running", running)
    monkeypatch.setattr("eventstore.management.commands.seal.close_old_connections", lambda: None)
    assert "— " not in say("--watch")
    assert len(Tile.objects.get(tree="events").hashes) == 32


def levels() -> list[tuple[Level, str]]:
    return [(found.level, found.says) for found in doctor.seals()]


def test_the_doctor_finds_seals_that_are_well() -> None:
    count("one")
    say()
    ((level, says),) = levels()
    assert level == Level.OK
    assert "0 events and commands wait for the next" in says


def test_the_doctor_finds_a_site_without_a_key() -> None:
    with override_settings(SEAL_KEY="", SEAL_KEY_FILE=""):
        assert levels() == [(Level.LOOK, "There is no key to sign heads with, so nothing is sealed.")]
    with override_settings(SEAL_KEY="rubbish"):
        assert [level for level, _ in levels()] == [Level.ACT]


def test_the_doctor_finds_a_tail_that_nobody_seals(monkeypatch: pytest.MonkeyPatch) -> None:
    count("one")
    assert [level for level, _ in levels()] == [Level.OK]
    monkeypatch.setattr(doctor, "now", lambda: datetime.now(UTC) + timedelta(minutes=11))
    found = [(level, says.rpartition("UTC: ")[2]) for level, says in levels()]
    assert found == [(Level.LOOK, "1 of the events."), (Level.LOOK, "1 of the commands.")]


def test_the_doctor_finds_heads_that_only_the_database_has(file: Path) -> None:
    count("one")
    say()
    file.write_text("")
    assert [says.rpartition("does not")[2] for _, says in levels()] == [
        " end with the newest head of the tree of events.",
        " end with the newest head of the tree of commands.",
    ]
    with override_settings(SEAL_FILE=""):
        assert levels() == [(Level.LOOK, "Heads are kept in the database alone, whose owner could take them back.")]


def test_the_doctor_finds_a_file_that_can_not_be_written(tmp_path: Path) -> None:
    with override_settings(SEAL_FILE=str(tmp_path / "nowhere" / "heads")):
        assert [level for level, _ in levels()] == [Level.ACT]


def test_an_epoch_that_began_by_itself_is_told_until_a_person_confirms_it(capsys: pytest.CaptureFixture[str]) -> None:
    """By `seal`, and by the watcher, which the front page of the admin shows."""
    count("1")
    begin_epoch(Epoch.Cause.NOTICED, "Another event stands at position 1.")
    call_command("seal", "--json")
    told = capsys.readouterr()
    assert json.loads(told.out)["unconfirmed_epoch"] == 2
    (problem,) = [each for each in problems() if each.code == Problem.EPOCH_NOTICED]
    for text in (told.err, problem.sentence):
        assert "Epoch 2 began by itself" in text
        assert f"at position {Event.objects.latest('position').position}, as the log disagreed" in text
    assert not problem.is_standstill
    call_command("begin_epoch", "--confirm")
    capsys.readouterr()
    call_command("seal", "--json")
    told = capsys.readouterr()
    assert json.loads(told.out)["unconfirmed_epoch"] is None
    assert not told.err
    assert not [each for each in problems() if each.code == Problem.EPOCH_NOTICED]
