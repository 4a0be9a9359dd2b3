"""Runs that are killed with SIGKILL, at random points, lose nothing, and the next one goes on.

A run is a copy of this process, so that none has to start a program. It counts the calls of functions, of Python's and
of others, and kills itself at the one that chance has picked.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from django.db import connections

from eventstore.archive.errors import CannotRestore
from eventstore.archive.manifest import read
from eventstore.archive.places import Folder
from eventstore.archive.restore import check, restore
from eventstore.archive.write import archive
from eventstore.integrity import sealer, trees
from eventstore.models import Epoch, Event, Restoration
from tests.eventstore.archive import history

pytestmark = pytest.mark.django_db(transaction=True)

DONE, FAILED = 0, 70
KILLS = 6


def run(work: Callable[[], object], *, kill_at: int | None = None, count_into: Path | None = None) -> bool:
    """Do work in a copy of this process, which is killed at a call; whether it came to its end."""
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        code = FAILED
        try:
            calls = 0

            def called(*_: object) -> None:
                nonlocal calls
                calls += 1
                if calls == kill_at:
                    os.kill(os.getpid(), signal.SIGKILL)

            sys.setprofile(called)
            work()
            sys.setprofile(None)
            if count_into:
                count_into.write_text(str(calls))
            code = DONE
        finally:
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    assert status in (DONE, signal.SIGKILL), f"The run has failed, with {status}."
    return status == DONE


def calls_of(work: Callable[[], object], tmp_path: Path) -> int:
    """How many calls there are in all."""
    assert run(work, count_into=tmp_path / "count")
    return int((tmp_path / "count").read_text())


@pytest.mark.parametrize("seed", [1, 2])
def test_an_archive_that_is_killed_stays_readable_and_goes_on(tmp_path: Path, seed: int) -> None:
    chance, place = Random(seed), str(tmp_path / "archive")
    history.write(40)
    total = calls_of(lambda: archive(str(tmp_path / "whole")), tmp_path)
    for kill in range(KILLS):
        if run(lambda: archive(place), kill_at=chance.randrange(1, total)):
            history.write(10)
        if (tmp_path / "archive" / "manifest").exists():
            check(place)
        else:
            assert kill < KILLS
    done = archive(place)
    check(place)
    assert done.events == Event.objects.count()
    again = archive(str(tmp_path / "again"))
    assert (again.events, again.commands) == (done.events, done.commands)
    assert trees_in(tmp_path / "archive") == trees_in(tmp_path / "again")
    assert not list((tmp_path / "archive").rglob(".*.new"))
    assert not (tmp_path / "archive" / "progress").exists()


def trees_in(folder: Path) -> list[tuple[str, int, list[str]]]:
    found = read(Folder(folder)).manifest
    return [
        (tree.root, tree.size, [segment.name for segment in tree.segments]) for tree in (found.events, found.commands)
    ]


@pytest.mark.parametrize("seed", [3, 4])
def test_a_restore_that_is_killed_goes_on(tmp_path: Path, seed: int) -> None:
    chance, place = Random(seed), str(tmp_path / "archive")
    history.write(25)
    history.write_persons()
    sealer.seal()
    archive(place)
    before = history.everything()
    history.emptied()
    total = calls_of(lambda: restore(place, rebuild=False, verify=False), tmp_path)
    history.emptied()
    for _ in range(KILLS):
        run(lambda: restore(place, rebuild=False, verify=False), kill_at=chance.randrange(1, total))
        if Restoration.objects.filter(ended_at=None).exists():
            with pytest.raises(CannotRestore, match="Go on with that one"):
                restore(place, to_position=0, rebuild=False, verify=False)
        if Restoration.objects.filter(ended_at__isnull=False).exists():
            break
    else:
        restore(place, rebuild=False, verify=False)
    after = history.everything()
    for name in ("events", "commands", "keys"):
        assert after[name] == before[name]
    assert Epoch.objects.count() == 2
    assert trees.size(trees.Tree.EVENTS) == Event.objects.count()
