"""Whether a store is empty, or half filled by a restore that was killed."""

from django.db.models import Model

from eventstore.archive.errors import CannotRestore
from eventstore.archive.format import Manifest
from eventstore.archive.lines import tables
from eventstore.feed import Mark
from eventstore.log.database import primary_rows
from eventstore.models import Command, Event, Restoration, Stream, SubjectKey, TreeHead


def begun(manifest: str, cut: Mark) -> Restoration | None:
    """The restore that was begun here and did not end; raises CannotRestore if it is another one."""
    last = primary_rows(Restoration).filter(ended_at=None).order_by("-id").first()
    if last and (last.manifest, last.position, last.number) != (manifest, cut.position, cut.number):
        raise CannotRestore(
            f"A restore of {last.source} up to position {last.position} was begun here, {last.began_at:%Y-%m-%d %H:%M} "
            "and did not end. Go on with that one, of the archive as it was then, or begin in a new database."
        )
    return last


def must_be_empty(manifest: Manifest) -> None:
    """Raise CannotRestore unless nothing is stored: no event, command or person's key, and no row of other tables."""
    others: list[type[Model]] = [model for name, (model, _) in tables().items() if name in manifest.tables]
    own: list[type[Model]] = [Event, Command, Stream, SubjectKey, TreeHead]
    for model in [*own, *others]:
        if primary_rows(model).exists():
            raise CannotRestore(
                f"This store is not empty: there are {model._meta.verbose_name_plural}. An archive is restored into a "
                "new database alone: make one, and run `manage.py migrate` with it."
            )
