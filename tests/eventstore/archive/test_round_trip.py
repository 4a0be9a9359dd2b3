"""What is archived is restored as it was, byte for byte, also from one kind of database into the other."""

import json
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from eventstore import feed, log, personal
from eventstore.archive.format import Manifest
from eventstore.archive.restore import restore
from eventstore.archive.write import archive
from eventstore.execute import execute
from eventstore.integrity import sealer, trees
from eventstore.keys import ring
from eventstore.log.identity import identity
from eventstore.models import Epoch, Event, Stream, SubjectKey, Tidemark, TreeHead
from tests.eventstore.archive import history
from tests.eventstore.sample import Count

pytestmark = pytest.mark.django_db(transaction=True)


def manifest_at(folder: Path) -> Manifest:
    body, _, _ = (folder / "manifest").read_text().partition("\n\n")
    return msgspec.json.decode(body, type=Manifest)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    history.write()
    history.write_persons()
    history.close()
    sealer.seal()
    folder = tmp_path / "archive"
    archive(str(folder))
    return folder


def test_all_rows_come_back_as_they_were(written: Path) -> None:
    before, heads = history.everything(), history.rows(TreeHead, "id")
    log_id = identity().log_id
    history.emptied()
    done = restore(str(written), rebuild=False)
    after = history.everything()
    for name in ("events", "commands", "keys"):
        assert after[name] == before[name]
    assert history.rows(TreeHead, "id") == heads
    assert (done.events, done.commands, done.log_id) == (len(before["events"]), len(before["commands"]), str(log_id))
    assert identity().log_id == log_id
    assert Epoch.objects.get(epoch=2).cause == Epoch.Cause.RESTORED


def test_states_are_folded_and_closed_time_stays_closed(written: Path) -> None:
    before = history.rows(Stream)
    history.emptied()
    restore(str(written), rebuild=False)
    after = history.rows(Stream)
    for row in before:  # an erasure drops the state of its streams
        row["state"] = row["state"] or '{"is_known":true}'
        row["fingerprint"] = next(other["fingerprint"] for other in after if other["stream_id"] == row["stream_id"])
    assert after == before
    assert Stream.objects.get(stream_id=history.TALLIES[0]).closed_until is not None


def test_the_site_goes_on(written: Path) -> None:
    last, mark = Event.objects.latest("position").position, feed.mark()
    history.emptied()
    restore(str(written), rebuild=False)
    assert feed.mark() == mark
    receipt = execute(Count(history.TALLIES[0], 1), "after", actor="ann")
    assert receipt.position == last + 1
    assert feed.advance().position == last + 1
    sealer.seal()
    assert trees.size(trees.Tree.EVENTS) == Event.objects.count()


def test_retries_get_the_stored_answer(tmp_path: Path) -> None:
    first = execute(Count(history.TALLIES[0], 5), "once", actor="ann")
    archive(str(tmp_path))
    history.emptied()
    restore(str(tmp_path), rebuild=False)
    again = execute(Count(history.TALLIES[0], 5), "once", actor="ann")
    assert (again.replayed, again.answer, again.positions) == (True, first.answer, first.positions)


def test_guards_are_back_after_a_restore(written: Path) -> None:
    history.emptied()
    restore(str(written), rebuild=False)
    for statement in (
        "UPDATE eventstore_event SET category = 'x'",
        "DELETE FROM eventstore_command",
        "DELETE FROM eventstore_epoch",
        "INSERT INTO eventstore_event SELECT position + 50000, event_id, category, stream_id, version + 500, type, "
        "schema_version, data, metadata, recorded_at, slot, digest FROM eventstore_event LIMIT 1",
    ):
        with pytest.raises(Exception, match=r"append-only|chosen|UNIQUE"), connection.cursor() as cursor:
            cursor.execute(statement)


def test_an_empty_log_is_restored_as_well(tmp_path: Path) -> None:
    mark = archive(str(tmp_path)).position
    history.emptied()
    assert restore(str(tmp_path), rebuild=False).events == 0
    assert execute(Count(history.TALLIES[0], 1), "first", actor="ann").position > mark


def test_persons_can_be_read_again_but_the_erased_can_not(written: Path) -> None:
    history.emptied()
    restore(str(written), rebuild=False)
    ring.forget()
    names = [record.event.name for record in log.read_stream(history.CAY)]
    assert names == ["凯 𝄞"]
    assert [record.event.name for record in log.read_stream(history.BOB)] == [None]


def test_keys_are_left_out_if_asked(tmp_path: Path) -> None:
    history.write_persons()
    archive(str(tmp_path), without_keys=True)
    assert not (tmp_path / "keys").exists()
    history.emptied()
    with pytest.raises(CommandError, match="without the keys"):
        call_command("restore", str(tmp_path), "--no-rebuild")
    call_command("restore", str(tmp_path), "--no-rebuild", "--without-keys", stdout=StringIO())
    assert SubjectKey.objects.filter(erased_at=None).count() == 0


def test_keys_are_kept_elsewhere(tmp_path: Path) -> None:
    history.write_persons()
    place, keys = str(tmp_path / "archive"), str(tmp_path / "keys")
    archive(place, keys=keys)
    before = history.everything()
    history.emptied()
    with pytest.raises(CommandError, match="kept elsewhere"):
        call_command("restore", place, "--no-rebuild")
    call_command("restore", place, "--no-rebuild", "--keys", keys, stdout=StringIO())
    assert history.everything()["keys"] == before["keys"]


def test_an_erasure_after_the_archive_takes_the_key_out_of_it(written: Path) -> None:
    personal.erase(history.ADA)
    before = {path.read_bytes() for path in (written / "keys").iterdir()}
    archive(str(written))
    after = {path.read_bytes() for path in (written / "keys").iterdir()}
    assert len(after) == 2
    assert len(before & after) == 1  # the site's


def test_whoever_is_on_the_list_outside_is_erased_again(written: Path, tmp_path: Path, settings: Any) -> None:
    settings.ERASURE_LIST = str(tmp_path / "erasures.txt")
    personal.erase(history.ADA)
    history.emptied()
    done = restore(str(written), rebuild=False)
    assert done.erasures == 2
    assert {record.event.name for record in log.read_stream(history.ADA)} == {None}


def test_what_is_restored_can_be_archived_again_and_is_the_same(written: Path, tmp_path: Path) -> None:
    first = manifest_at(written)
    history.emptied()
    restore(str(written), rebuild=False)
    archive(str(tmp_path / "again"))
    second = manifest_at(tmp_path / "again")
    assert (second.events, second.commands) == (first.events, first.commands)
    archive(str(written))  # nothing was lost, so the old archive goes on as well
    assert manifest_at(written).events == first.events


OTHER = """
import sys, django
django.setup()
from django.core.management import call_command
from eventstore.archive import format as layout
layout.SEGMENT_HEIGHT = 3
import tests.eventstore.sample
call_command("migrate", verbosity=0)
call_command("restore", sys.argv[1], "--no-rebuild", verbosity=0)
call_command("archive", sys.argv[2], verbosity=0)
"""


def test_through_another_database_and_back(written: Path, tmp_path: Path, program_environment: dict[str, str]) -> None:
    before = history.everything()
    environment = {**program_environment, "DATABASE_URL": f"sqlite:///{tmp_path}/other.sqlite3"}
    command = [sys.executable, "-c", OTHER, str(written), str(tmp_path / "other")]
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert manifest_at(tmp_path / "other").events == manifest_at(written).events
    assert manifest_at(tmp_path / "other").commands == manifest_at(written).commands
    history.emptied()
    restore(str(tmp_path / "other"), rebuild=False)
    after = history.everything()
    for name in ("events", "commands", "keys"):
        assert after[name] == before[name]


def test_only_an_empty_store_is_filled(written: Path) -> None:
    with pytest.raises(CommandError, match="not empty"):
        call_command("restore", str(written))
    assert Event.objects.count() > 0


def test_the_command_tells_what_it_did(written: Path) -> None:
    output = StringIO()
    call_command("archive", str(written), "--json", stdout=output)
    told = json.loads(output.getvalue())
    assert (told["new_events"], told["generation"], told["signed"]) == (0, 2, True)
    output = StringIO()
    call_command("restore", str(written), "--check", stdout=output)
    assert output.getvalue() == "The archive is sound.\n"


def test_another_log_is_not_written_into_an_archive(written: Path) -> None:
    history.emptied()
    history.write()
    with pytest.raises(CommandError, match="not those that are in the archive"):
        call_command("archive", str(written))


def test_a_log_that_has_lost_its_tail_begins_another_archive(written: Path) -> None:
    history.emptied()
    restore(str(written), to_position=0, rebuild=False)
    with pytest.raises(CommandError, match="lost here"):
        call_command("archive", str(written))


def test_closed_times_and_marks_are_those_of_the_cut(written: Path) -> None:
    fifth = Event.objects.order_by("position")[4].position
    history.emptied()
    restore(str(written), to_position=fifth, rebuild=False)
    assert feed.mark().position == fifth
    if connection.vendor == "postgresql":
        assert Tidemark.objects.get().position == fifth
