"""While a restore has not come to its end nobody serves, seals or archives what it has filled by then."""

from pathlib import Path
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from eventstore.archive import restore, segments
from eventstore.archive.errors import CannotRestore
from eventstore.archive.write import archive
from eventstore.checks import doctor
from eventstore.checks.doctor.findings import Level
from eventstore.errors import RestoreUnfinished
from eventstore.execute import CommandRequest, execute, execute_many
from eventstore.log import append, close_until
from eventstore.log.whole import filling
from eventstore.models import Command, Event, Restoration, TreeHead
from eventstore.service import notice_restores
from tests.eventstore.archive import history
from tests.eventstore.sample import Count, Counted

pytestmark = pytest.mark.django_db(transaction=True)


def counted() -> tuple[int, int]:
    """How many events and commands are there."""
    return Event.objects.count(), Command.objects.count()


class Killed(Exception):
    """The restore ended here."""


def half_restored(place: str, monkeypatch: pytest.MonkeyPatch, *, at: str = "fill_commands") -> None:
    """A store whose restore was killed at a step."""

    def killed(*_: object, **__: object) -> None:
        raise Killed

    history.write(25)
    archive(place)
    history.emptied()
    with monkeypatch.context() as patch:
        patch.setattr(restore, at, killed)
        with pytest.raises(Killed):
            restore.restore(place, rebuild=False, verify=False)
    assert Event.objects.exists()


@pytest.mark.parametrize("at", ["fill_commands", "store_remainder", "fold_states"])
def test_nobody_starts_on_a_part_of_a_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    place = str(tmp_path / "archive")
    half_restored(place, monkeypatch, at=at)
    with pytest.raises(RestoreUnfinished, match=f"manage.py restore {place}"):
        notice_restores()
    with pytest.raises(RestoreUnfinished):
        archive(str(tmp_path / "another"))
    for name in ("run_projections", "run_due", "seal"):
        with pytest.raises(CommandError, match="has not ended"):
            call_command(name)
    assert not TreeHead.objects.exists()
    (finding,) = (found for found in doctor.examine() if found.subject == "restore")
    assert finding.level == Level.ACT
    restore.restore(place, rebuild=False, verify=False)
    notice_restores()
    assert "restore" not in {found.subject for found in doctor.examine()}


def test_a_restore_does_not_go_on_after_what_somebody_else_has_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = str(tmp_path / "archive")
    half_restored(place, monkeypatch)
    with filling():  # which nobody but a restore may do
        execute(Count(UUID(int=777), 1), "meanwhile", actor="ann")
    with pytest.raises(CannotRestore, match=r"Something else has stored (events|commands) here"):
        restore.restore(place, rebuild=False, verify=False)
    assert Restoration.objects.filter(ended_at=None).exists()


def test_a_part_of_a_log_takes_no_commands_and_no_events(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place, tally = str(tmp_path / "archive"), UUID(int=777)
    half_restored(place, monkeypatch, at="store_remainder")
    there = counted()
    for refused in (
        lambda: execute(Count(tally, 1), "meanwhile", actor="ann"),
        lambda: execute_many([CommandRequest(command=Count(tally, 1), key="meanwhile", actor="ann")]),
        lambda: append("tally", tally, [Counted(tally, 1, 1)], actor="ann", expected_version=0),
        lambda: close_until({tally: timezone.now()}),
    ):
        with pytest.raises(RestoreUnfinished, match=f"manage.py restore {place}"):
            refused()
    assert counted() == there
    restore.restore(place, rebuild=False, verify=False)
    assert execute(Count(tally, 1), "meanwhile", actor="ann").accepted


@pytest.mark.parametrize("name", ["archive", "restore"])
def test_ctrl_c_ends_with_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    place = str(tmp_path / "archive")
    history.write(5)
    archive(place)
    if name == "restore":
        history.emptied()

    def pressed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(restore, "fill_commands", pressed)
    monkeypatch.setattr(segments.TreeWriter, "read", pressed)
    with pytest.raises(CommandError, match=r"^Stopped\.") as stopped:
        call_command(name, place)
    assert stopped.value.returncode == 130


@pytest.mark.parametrize("time", ["2026-03-01T12:00:00", "yesterday"])
def test_a_time_that_is_none_is_told_how_it_is_written(time: str) -> None:
    with pytest.raises(CommandError, match=r"lacks its offset from UTC|is no time; write it as 2026"):
        call_command("restore", "archive", "--to-time", time)
