"""A restore ends before any position or time, and never within a command; an archive is cut likewise."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event as Flag
from threading import Thread
from uuid import UUID, uuid4

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from eventstore import feed
from eventstore.archive import cut
from eventstore.archive import format as layout
from eventstore.archive.errors import CannotRestore
from eventstore.archive.restore import check, restore
from eventstore.archive.write import archive
from eventstore.execute import execute
from eventstore.feed import Mark
from eventstore.models import Command, Event
from tests.eventstore.archive import history
from tests.eventstore.sample import LIMIT, Count, Move

pytestmark = pytest.mark.django_db(transaction=True)


def test_commands_are_never_parted_from_their_events() -> None:
    """Numbers in one order, positions in the other, as two commands have that were written at the same moment."""
    commands = [(1, 1, 1), (2, 4, 5), (3, 2, 3), (4, 6, 6)]
    assert cut.lowered(Mark(6, 4), lambda: commands) == Mark(6, 4)
    assert cut.lowered(Mark(5, 4), lambda: commands) == Mark(5, 3)
    assert cut.lowered(Mark(4, 4), lambda: commands) == Mark(1, 1)  # 4 parts command 2, and without it 3 can't be there
    assert cut.lowered(Mark(3, 4), lambda: commands) == Mark(1, 1)
    assert cut.lowered(Mark(6, 2), lambda: commands) == Mark(1, 1)
    assert cut.lowered(Mark(0, 4), lambda: commands) == Mark(0, 0)


def test_refused_commands_before_the_first_one_that_is_left_out_are_in() -> None:
    assert cut.lowered(Mark(1, 9), lambda: [(2, 1, 1), (7, 2, 2)]) == Mark(1, 6)


def test_up_to_a_position(tmp_path: Path) -> None:
    history.write()
    archive(str(tmp_path))
    before, commands = history.rows(Event), history.rows(Command)
    move = Command.objects.get(type="tally.move")
    history.emptied()
    done = restore(str(tmp_path), to_position=move.positions[0], rebuild=False, verify=False)  # which parts the move
    assert done.position == move.positions[0] - 1
    assert "never restored in part" in " ".join(done.notes)
    assert history.rows(Event) == [row for row in before if row["position"] < move.positions[0]]
    assert history.rows(Command) == [row for row in commands if row["number"] < move.number]
    assert execute(Count(history.TALLIES[0], 1), "on", actor="ann").accepted


def test_up_to_a_time(tmp_path: Path) -> None:
    history.write()
    archive(str(tmp_path))
    seventh = Event.objects.order_by("position")[6]
    until = seventh.recorded_at.astimezone(UTC) + timedelta(0)
    history.emptied()
    call_command("restore", str(tmp_path), "--no-rebuild", "--to-time", until.isoformat(), verbosity=0)
    assert Event.objects.latest("position").position == seventh.position
    assert Command.objects.count() == 7


def test_times_and_positions_that_make_no_sense_are_refused(tmp_path: Path) -> None:
    history.write(3)
    end = archive(str(tmp_path)).position
    history.emptied()
    for position in (-1, end + 1, 2**80):
        with pytest.raises(CannotRestore, match="goes from"):
            restore(str(tmp_path), to_position=position, rebuild=False, verify=False)
    with pytest.raises(CannotRestore, match="offset"):
        restore(str(tmp_path), to_time=datetime(2026, 1, 1), rebuild=False, verify=False)  # noqa: DTZ001
    with pytest.raises(CommandError, match="to-time"):
        call_command("restore", str(tmp_path), "--to-time", "2026-01-01T00:00:00")
    assert restore(str(tmp_path), to_time=datetime(1970, 1, 1, tzinfo=UTC), rebuild=False, verify=False).events == 0


def test_only_what_is_new_is_written(tmp_path: Path) -> None:
    history.write(30)
    archive(str(tmp_path))
    sealed = {path: path.stat().st_mtime_ns for path in (tmp_path / "events").glob("0000000[0-2]-*")}
    assert len(sealed) == 6
    history.write(30)
    archive(str(tmp_path))
    assert {path: path.stat().st_mtime_ns for path in sealed} == sealed
    check(str(tmp_path))
    archive(str(tmp_path))  # the third run deletes what the first one's tail was
    assert len(list((tmp_path / "events").glob("*.parquet"))) == -(-Event.objects.count() // 8)


def write_until(stop: Flag, stream: int) -> None:
    try:
        while not stop.is_set():
            execute(Count(UUID(int=stream), 1), f"{uuid4()}", actor="ann")
            execute(Move(UUID(int=stream), UUID(int=stream + 1), 1), f"{uuid4()}", actor="ann")
            execute(Count(UUID(int=stream), LIMIT + 1), f"{uuid4()}", actor="ann")
    finally:
        connection.close()


def test_archives_are_whole_while_others_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "SEGMENT_HEIGHT", 8)
    stop = Flag()
    writers = [Thread(target=write_until, args=(stop, 500 + 10 * number)) for number in range(3)]
    for writer in writers:
        writer.start()
    try:
        goal = 0
        for _ in range(4):
            goal += 15
            while Event.objects.count() < goal:
                assert any(writer.is_alive() for writer in writers)
            archive(str(tmp_path))
            check(str(tmp_path))
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    feed.advance(timeout=10)
    done = archive(str(tmp_path))
    check(str(tmp_path))
    assert (done.events, done.commands) == (Event.objects.count(), Command.objects.count())
