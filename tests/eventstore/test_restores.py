"""A start notices that the database was restored, promoted or moved with other tools, and begins a new epoch."""

import json
import logging
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings

from eventstore import feed, models
from eventstore.checks import doctor
from eventstore.checks.doctor.findings import Finding
from eventstore.execute import execute
from eventstore.integrity import last_seen, restores
from eventstore.integrity.sealer import TreeDiffers, seal
from eventstore.log.identity import identity
from eventstore.models import Cluster, Command, Epoch, Event, Tile
from eventstore.service import notice_restores
from tests.eventstore.full_disk import room_for
from tests.eventstore.sample import Count
from tests.eventstore.tampering import change_event, lift_guards

pytestmark = pytest.mark.django_db

TALLY = UUID(int=1)


@pytest.fixture(autouse=True)
def state(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "node" / "state.json"
    with override_settings(LOG_STATE_FILE=str(path), SEAL_FILE=str(tmp_path / "heads.txt")):
        yield path


@pytest.fixture
def no_state() -> Iterator[None]:
    with override_settings(LOG_STATE_FILE=""):
        yield


def count(*keys: str) -> None:
    for key in keys:
        execute(Count(TALLY, 1), key, actor="ann")
    feed.advance()


def remember() -> None:
    restores.Memory().refresh()


def lose(position: int) -> None:
    """The events after a position, and what was decided with them, as a restore of an older copy loses them."""
    numbers = [command.number for command in Command.objects.all() if max(command.positions, default=0) > position]
    for table in ("eventstore_event", "eventstore_command"):
        lift_guards(table)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM eventstore_event WHERE position > %s", [position])
        cursor.execute("DELETE FROM eventstore_command WHERE number >= %s", [min(numbers)])


def about(subject: str) -> Finding:
    (found,) = [finding for finding in doctor.examine() if finding.subject == subject]
    return found


def newest() -> Epoch:
    return Epoch.objects.order_by("-epoch")[0]


def test_a_plain_start_begins_none(state: Path) -> None:
    before = identity()
    for _ in range(2):
        count(str(Event.objects.count()))
        notice_restores()
        remember()
        notice_restores()
    assert (identity(), Epoch.objects.count()) == (before, 1)
    assert json.loads(state.read_text())["event"]["place"] == Event.objects.order_by("-position")[0].position


def test_a_shorter_log_is_noticed_once(caplog: pytest.LogCaptureFixture) -> None:
    count("one", "two", "three")
    remember()
    kept = Event.objects.order_by("position")[0].position
    lose(kept)
    with caplog.at_level(logging.ERROR):
        notice_restores()
    assert (newest().epoch, newest().cause) == (2, Epoch.Cause.NOTICED)
    assert "is not the one that this node has seen there" in newest().reason
    assert "manage.py begin_epoch --confirm" in caplog.text
    notice_restores()
    assert Epoch.objects.count() == 2


def test_another_event_under_a_position_that_was_seen_is_noticed() -> None:
    count("one", "two")
    remember()
    change_event_digest(Event.objects.order_by("-position")[0].position)
    notice_restores()
    assert newest().cause == Epoch.Cause.NOTICED


def change_event_digest(position: int) -> None:
    change_event(position, amount=2)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE eventstore_event SET digest = %s WHERE position = %s", [b"\1" * 32, position])


def test_so_is_a_lost_refusal_which_no_event_tells_of() -> None:
    count("one")
    execute(Count(TALLY, 1_000), "refused", actor="ann")
    feed.advance()
    remember()
    lift_guards("eventstore_command")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM eventstore_command WHERE NOT accepted")
    notice_restores()
    assert "The command with number" in newest().reason


def test_so_is_an_epoch_that_was_lost_and_its_number_is_not_given_again() -> None:
    call_command("begin_epoch", "--reason", "a drill", stdout=StringIO())
    call_command("begin_epoch", "--reason", "another one", stdout=StringIO())
    lift_guards("eventstore_epoch")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM eventstore_epoch WHERE epoch > 1")
    notice_restores()
    assert (newest().epoch, newest().cause) == (4, Epoch.Cause.NOTICED)


def test_what_another_node_has_noticed_is_not_noticed_again(state: Path) -> None:
    count("one", "two")
    remember()
    seen_by_others = state.read_bytes()
    lose(Event.objects.order_by("position")[0].position)
    notice_restores()
    state.write_bytes(seen_by_others)  # of another node, which starts later
    notice_restores()
    assert Epoch.objects.count() == 2


def test_the_state_of_another_log_says_nothing_of_this_one(state: Path) -> None:
    count("one")
    remember()
    told = json.loads(state.read_text())
    state.write_text(json.dumps(told | {"log_id": str(UUID(int=7)), "event": {"place": 99, "digest": "00"}}))
    notice_restores()
    assert Epoch.objects.count() == 1


@pytest.mark.parametrize("text", ["", "{", "[]", '{"log_id": 1}'])
def test_a_damaged_state_says_nothing_and_is_written_anew(state: Path, text: str) -> None:
    state.parent.mkdir()
    state.write_text(text)
    notice_restores()
    remember()
    assert (Epoch.objects.count(), last_seen.read()) == (1, last_seen.look())


def test_a_file_that_can_not_be_written_is_told_and_stops_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "no folder").write_text("")
    with override_settings(LOG_STATE_FILE=str(tmp_path / "no folder" / "state.json")):
        remember()
    assert "a restore may go unnoticed" in caplog.text


def test_a_full_disk_is_told_once_and_the_file_is_written_when_it_is_over(
    state: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process looks every second: a line for each look would fill what is left of the disk."""
    memory, write = restores.Memory(), last_seen.write

    def write_to_a_full_disk(seen: last_seen.LastSeen) -> None:
        with room_for(10):
            write(seen)

    monkeypatch.setattr(last_seen, "write", write_to_a_full_disk)
    for key in "abc":
        count(key)
        memory._due = 0.0
        memory.refresh()
    assert [message.partition("unnoticed: ")[2] for message in caplog.messages] == ["File too large"]
    assert list(state.parent.iterdir()) == [], "Nothing is left of the attempts."
    monkeypatch.undo()
    memory.stop()
    assert last_seen.read() == last_seen.look()


def test_the_file_is_replaced_whole_and_is_not_for_others(state: Path) -> None:
    remember()
    count("one")
    remember()
    assert [path.name for path in state.parent.iterdir()] == [state.name]
    assert state.stat().st_mode & 0o077 == 0


def test_a_log_that_becomes_another_one_while_a_runner_runs_is_noticed() -> None:
    memory = restores.Memory()
    count("one", "two")
    assert not memory.refresh()
    lose(Event.objects.order_by("position")[0].position)
    memory._due = 0.0
    assert memory.refresh()
    assert newest().cause == Epoch.Cause.NOTICED


def test_a_head_outside_that_the_log_does_not_know_is_noticed(no_state: None) -> None:
    count("one", "two")
    with connection.cursor() as cursor:
        seal()
        for table in ("eventstore_treehead", "eventstore_tile"):
            lift_guards(table)
            cursor.execute(f"DELETE FROM {table}")
    lose(Event.objects.order_by("position")[0].position)
    notice_restores()
    assert "that was kept outside is not one of this log" in newest().reason
    assert len(seal()) == 2
    notice_restores()
    assert Epoch.objects.count() == 2


def test_a_forged_tree_is_no_restore(no_state: None) -> None:
    """An epoch that began by itself would let it be signed."""
    count("one", "two")
    seal()
    Tile.objects.filter(tree="events").update(hashes=bytes(64))
    notice_restores()
    assert Epoch.objects.count() == 1
    with pytest.raises(TreeDiffers):
        seal()


def test_so_is_one_of_a_later_epoch(no_state: None) -> None:
    count("one")
    call_command("begin_epoch", "--reason", "a drill", stdout=StringIO())
    seal()
    for table in ("eventstore_treehead", "eventstore_epoch"):
        lift_guards(table)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM eventstore_treehead")
        cursor.execute("DELETE FROM eventstore_epoch WHERE epoch > 1")
    notice_restores()
    assert (newest().epoch, newest().cause) == (3, Epoch.Cause.NOTICED)


def test_heads_of_this_log_are_content(no_state: None) -> None:
    for key in ("one", "two", "three"):
        count(key)
        seal()
        notice_restores()
    assert Epoch.objects.count() == 1


Promoted = Callable[[str], None]


@pytest.mark.postgresql
class TestClusters:
    @pytest.fixture
    def promoted_from(self, db: None) -> Iterator[Promoted]:
        """Says, as the configuration of a promoted server does, from which timeline it was promoted without loss."""

        def say(timeline: str) -> None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('tidemark.promoted_from', %s, false)", [timeline])

        yield say
        say("")

    @pytest.mark.parametrize("name", ["system_identifier", "timeline", "database", "table"])
    def test_a_database_that_lives_elsewhere_is_noticed_once(self, no_state: None, name: str) -> None:
        here = Cluster.objects.get().place
        assert name in here
        Cluster.objects.update(place={**here, name: 7})
        notice_restores()
        assert newest().reason == f"The database lives elsewhere: it was at {name} 7, and is at {name} {here[name]}."
        notice_restores()
        assert (Epoch.objects.count(), Cluster.objects.get().place) == (2, here)

    def test_a_promotion_that_has_lost_nothing_begins_none(self, no_state: None, promoted_from: Promoted) -> None:
        before, here = identity(), Cluster.objects.get().place
        Cluster.objects.update(place={**here, "timeline": 7})
        promoted_from("7")
        notice_restores()
        assert (identity(), Cluster.objects.get().place) == (before, here)
        promoted_from("")
        notice_restores()
        assert Epoch.objects.count() == 1

    @pytest.mark.parametrize(("name", "said"), [("timeline", "6"), ("timeline", "seven"), ("database", "7")])
    def test_what_is_said_of_another_promotion_counts_for_nothing(
        self, no_state: None, promoted_from: Promoted, name: str, said: str
    ) -> None:
        Cluster.objects.update(place={**Cluster.objects.get().place, name: 7})
        promoted_from(said)
        notice_restores()
        assert newest().cause == Epoch.Cause.NOTICED

    def test_whatever_is_said_of_it_a_shorter_log_is_noticed(self, promoted_from: Promoted) -> None:
        count("one", "two")
        remember()
        lose(Event.objects.order_by("position")[0].position)
        Cluster.objects.update(place={**Cluster.objects.get().place, "timeline": 7})
        promoted_from("7")
        notice_restores()
        assert "is not the one that this node has seen there" in newest().reason

    def test_what_only_one_side_can_tell_is_passed_over(self) -> None:
        Cluster.objects.update(place={"something else": 1})
        notice_restores()
        assert Epoch.objects.count() == 1

    def test_on_a_standby_nobody_begins_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from eventstore.backends.postgresql.backend import PostgreSQL

        Cluster.objects.update(place={"timeline": 7})
        monkeypatch.setattr(PostgreSQL, "place", lambda _self: None)
        notice_restores()
        assert Epoch.objects.count() == 1


def run(*arguments: str) -> str:
    output = StringIO()
    call_command("begin_epoch", *arguments, stdout=output)
    return output.getvalue()


class TestPeople:
    @pytest.fixture
    def noticed(self, sample: None) -> Epoch:
        count("one", "two")
        remember()
        lose(Event.objects.order_by("position")[0].position)
        notice_restores()
        return newest()

    def test_the_doctor_shows_it_until_a_person_has_confirmed_it(self, noticed: Epoch) -> None:
        found = about("epoch")
        assert (found.level, noticed.reason in found.says) == ("look", True)
        assert "begin_epoch --confirm" in found.next
        assert "Epoch 2 is confirmed" in run("--confirm")
        assert (about("epoch").level, Epoch.objects.count()) == ("ok", 2)
        assert run("--confirm") == "Nothing waits to be confirmed.\n"

    def test_one_that_a_person_begins_confirms_it_too(self, noticed: Epoch) -> None:
        assert "Epoch 3" in run("--reason", "restored from Monday's backup")
        assert (newest().cause, newest().reason) == (Epoch.Cause.DECLARED, "restored from Monday's backup")
        assert about("epoch").level == "ok"

    def test_the_last_step_of_a_failover_begins_one_only_if_something_changed(self) -> None:
        assert "its epoch 1 goes on" in run("--if-changed")
        count("one", "two")
        remember()
        lose(Event.objects.order_by("position")[0].position)
        assert "Epoch 2" in run("--if-changed")
        assert newest().cause == Epoch.Cause.NOTICED

    def test_scripts_get_the_identity(self) -> None:
        begun = json.loads(run("--reason", "a drill", "--json"))
        assert begun == {"log_id": str(identity().log_id), "epoch": 2}

    @pytest.mark.parametrize("arguments", [["--reason", " "], [], ["--confirm", "--reason", "both"]])
    def test_a_reason_is_needed(self, arguments: list[str]) -> None:
        with pytest.raises(CommandError):
            run(*arguments)
        assert Epoch.objects.count() == 1

    def test_who_keeps_nothing_is_told(self, sample: None, no_state: None) -> None:
        assert "LOG_STATE_FILE" in about("epoch").says

    def test_a_reader_beyond_the_end_of_the_log_is_found(self, sample: None) -> None:
        beyond = feed.last_drawn().position + 1_000
        models.Checkpoint.objects.filter(projection_id="grand").update(position=beyond)
        (found, *_) = [each for each in doctor.examine() if each.subject == "projection grand"]
        assert (found.level, found.next) == ("act", "manage.py rebuild_projections grand")
        assert f"read up to {beyond:,}" in found.says


@pytest.mark.parametrize(
    "starts",
    [
        lambda: call_command("run_projections", "--once", stdout=StringIO()),
        lambda: call_command("run_due", stdout=StringIO()),
        lambda: call_command("seal", stdout=StringIO()),
    ],
    ids=["run_projections", "run_due", "seal"],
)
def test_each_program_that_serves_the_log_looks_when_it_starts(
    sample: None, monkeypatch: pytest.MonkeyPatch, starts: Callable[[], Any]
) -> None:
    looks = list[str]()
    monkeypatch.setattr(restores, "notice", lambda: looks.append("looked"))
    starts()
    assert looks == ["looked"]
