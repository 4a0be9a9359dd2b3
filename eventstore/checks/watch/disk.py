"""Whether something can be written: the space where SQLite's file lies, and a trial. A server keeps its own disk."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from django.utils.translation import gettext as _

from eventstore.backends import faults, store
from eventstore.checks.watch.problem import Code, Limits, Problem

MEBIBYTE: Final = 1024 * 1024
TRIAL_BYTES: Final = 128 * 1024
NEEDED_BYTES: Final = MEBIBYTE  # with less, hardly any command can be stored


def folder() -> Path | None:
    """The folder of the database's file; None if it is in memory, or a server's."""
    file = store().file
    return file.parent if file else None


def free_bytes() -> int | None:
    """The space that is left for the database's file, as far as this machine can tell."""
    place = folder()
    return shutil.disk_usage(place).free if place else None


def is_disk_full() -> bool:
    """Whether nothing can be written, by the space that is left, and by what has failed within the last seconds."""
    free = free_bytes()
    return faults.remembered() is not None or (free is not None and free < NEEDED_BYTES)


def disk(limits: Limits) -> Iterator[Problem]:
    """Report a disk that is full, or nearly so, and one that takes no file."""
    place, free = folder(), free_bytes()
    if place is None or free is None:
        return
    if error := _error_of_trial(place):
        yield _problem(_("Nothing can be written to %(folder)s: %(error)s"), folder=place, error=error, free=free)
    elif free < limits.free * MEBIBYTE:
        text = _("Only %(free)d MiB are free in %(folder)s; without space nothing can be recorded.")
        yield _problem(text, folder=place, free=free // MEBIBYTE)


def _error_of_trial(place: Path) -> str:
    """What the system says to a small file beside the database's, as SQLite's own journal is one."""
    try:
        with tempfile.TemporaryFile(dir=place) as file:
            file.write(bytes(TRIAL_BYTES))
            file.flush()
    except OSError as error:
        return error.strerror or str(error)
    return ""


def _problem(sentence: str, **details: object) -> Problem:
    return Problem(
        code=Code.DISK_FULL,
        sentence=sentence % details,
        advice=_("Make space, or move the database to a larger disk; what failed can simply be sent again."),
        details={name: str(value) for name, value in details.items()},
    )
