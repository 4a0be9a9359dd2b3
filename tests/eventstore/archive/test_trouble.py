"""What goes wrong around an archive ends with a sentence, and leaves the archive as it was."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from eventstore.archive.errors import CannotArchive, CannotRestore
from eventstore.archive.places import Folder
from eventstore.archive.restore import check, restore
from eventstore.archive.write import archive
from eventstore.keys import ring
from eventstore.log.identity import begin_epoch
from eventstore.models import Epoch, Event
from tests.eventstore.archive import history

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_at_once_do_not_write_into_one_folder(tmp_path: Path) -> None:
    history.write(10)
    archive(str(tmp_path))
    manifest = (tmp_path / "manifest").read_bytes()
    with Folder(tmp_path).held(), pytest.raises(CannotArchive, match="Another run is writing"):
        archive(str(tmp_path))
    assert (tmp_path / "manifest").read_bytes() == manifest
    assert archive(str(tmp_path)).generation == 2


def test_a_place_that_is_no_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    history.write(1)
    with pytest.raises(CommandError, match="file"):
        call_command("archive", str(tmp_path / "file"))
    with pytest.raises(CommandError, match="file"):
        call_command("archive", str(tmp_path / "file" / "below"))
    with pytest.raises(CommandError, match="file"):
        call_command("restore", str(tmp_path / "file"))


def test_a_full_disk_leaves_the_archive_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    history.write(20)
    archive(str(tmp_path))
    history.write(20)
    synced, fsync = 0, os.fsync

    def full(handle: int) -> None:
        nonlocal synced
        synced += 1
        if synced > 6:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        fsync(handle)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(CommandError, match="No space left"):
            call_command("archive", str(tmp_path))
    assert synced > 6
    check(str(tmp_path))
    done = archive(str(tmp_path))
    check(str(tmp_path))
    assert done.events == Event.objects.count()
    assert not list(tmp_path.rglob(".*.new"))


def test_a_site_with_another_master_key_writes_nothing(tmp_path: Path, settings: Any) -> None:
    history.write(5)
    history.write_persons()
    archive(str(tmp_path))
    history.emptied()
    settings.PERSONAL_DATA_KEY = bytes(range(32))
    ring.forget()
    with pytest.raises(CannotRestore, match="can't open the keys"):
        restore(str(tmp_path), rebuild=False)
    assert not Event.objects.exists()
    restored = restore(str(tmp_path), without_keys=True, rebuild=False)
    assert restored.faults == 0
    assert Event.objects.exists()


def test_an_archive_goes_on_after_a_new_epoch(tmp_path: Path) -> None:
    history.write(10)
    archive(str(tmp_path))
    begin_epoch(Epoch.Cause.DECLARED, "a copy was promoted")
    history.write(10)
    done = archive(str(tmp_path))
    assert done.generation == 2
    check(str(tmp_path))
    history.emptied()
    assert restore(str(tmp_path), rebuild=False).epoch == 3
    assert Event.objects.count() == done.events
