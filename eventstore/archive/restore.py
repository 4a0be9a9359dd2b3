"""Restores an archive into an empty store: looks through all of it, fills the store, and does what follows."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured
from django.db import router
from django.utils import timezone

from eventstore.archive import manifest as manifests
from eventstore.archive.check import Checker
from eventstore.archive.empty import begun, must_be_empty
from eventstore.archive.errors import CannotRestore
from eventstore.archive.fill import fill_commands, fill_events
from eventstore.archive.format import Manifest
from eventstore.archive.lines import opened, read_lines, read_rows, tables
from eventstore.archive.manifest import Opened
from eventstore.archive.places import Place, place_of
from eventstore.archive.remainder import site_keys, store_remainder
from eventstore.archive.states import fold_states
from eventstore.archive.target import chosen
from eventstore.backends import in_database, log_database
from eventstore.errors import KeysUnavailable
from eventstore.feed import Mark
from eventstore.integrity import trees
from eventstore.integrity.verify import Faults, Scope
from eventstore.integrity.verify import verify as verified
from eventstore.keys import erasure_list, ring
from eventstore.keys.erase import erase
from eventstore.keys.erase_again import apply_missing, missing
from eventstore.keys.masters import provided
from eventstore.log.database import primary_rows
from eventstore.log.identity import identity
from eventstore.log.whole import filling
from eventstore.models import Command, Event, Restoration, Shadow
from eventstore.projecting.declaration.registry import projections
from eventstore.projecting.rebuild import discard
from eventstore.projecting.rebuild import rebuild as rebuild_projections

Report = Callable[[str, int, int], object]  # a step's name, how much of it is done, and how much there is


@dataclass(frozen=True, kw_only=True)
class Restored:
    """What a restore has done. `position` and `number` are the ends of the log and of the command store."""

    source: str
    position: int
    number: int
    events: int
    commands: int
    erasures: int  # persons who are erased, by the archive's list or the one outside
    log_id: str
    epoch: int  # the one that began with the restore
    signed: bool | None  # None: no key to verify the manifest with
    faults: int | None  # that `verify` has found; None if it did not run
    notes: tuple[str, ...] = field(default=())  # what the person at the terminal should know, in sentences


@dataclass(frozen=True)
class _Source:
    """An archive that was opened, what of it is to be restored, and where the keys are."""

    address: str
    place: Place
    keys_place: Place | None
    opened: Opened
    cut: Mark

    @property
    def manifest(self) -> Manifest:
        return self.opened.manifest


def restore(
    source: str,
    *,
    using: str | None = None,
    to_position: int | None = None,
    to_time: datetime | None = None,
    keys: str | None = None,
    without_keys: bool = False,
    rebuild: bool = True,
    verify: bool = True,
    progress: Report = lambda *_: None,
) -> Restored:
    """Restore an archive, in a folder or at an address in S3, into the empty store in the database `using`.

    `progress` is called with a step's name, how much of it is done, and how much there is. Raises CannotRestore, before
    anything is written, if the store is not empty or the archive not sound. A restore that was killed goes on when it
    is called again with the same source and cut. Nothing may serve the site, or run projections, before it ends.
    """
    with in_database(using), filling():
        given = _opened(source, keys, without_keys=without_keys, to_position=to_position, to_time=to_time)
        resumed = begun(given.opened.sha256, given.cut)
        if resumed is None:
            must_be_empty(given.manifest)
        if resumed is None or not resumed.is_filled:
            _check(given, progress)
            resumed = _fill(given, resumed, progress)
        erased = _finish(given, rebuild=rebuild, progress=progress)
        lost = frozenset({identity().epoch})  # whoever restores knows what that loses
        scope = Scope(accepted=lost, without_keys=given.keys_place is None)
        faults = verified(scope, _Step(progress, "verified")).faults if verify else None
        resumed.ended_at = timezone.now()
        resumed.save(using=log_database(), update_fields=["ended_at"])
        return _restored(given, erased, faults, to_position)


def check(
    source: str, *, keys: str | None = None, without_keys: bool = False, progress: Report = lambda *_: None
) -> None:
    """Look through an archive as a restore does, and write nothing; raises CannotRestore if it is not sound."""
    with in_database():
        _check(_opened(source, keys, without_keys=without_keys, to_position=None, to_time=None), progress)


def _opened(
    source: str, keys: str | None, *, without_keys: bool, to_position: int | None, to_time: datetime | None
) -> _Source:
    place = place_of(source)
    try:
        opened = manifests.read(place)
    except FileNotFoundError as error:
        raise CannotRestore(f"There is no archive at {source}: no manifest is there.") from error
    keys_place = _keys_place(opened.manifest, place, keys, without_keys=without_keys)
    cut = chosen(place, opened.manifest, to_position=to_position, to_time=to_time)
    return _Source(source, place, keys_place, opened, cut)


def _keys_place(manifest: Manifest, place: Place, keys: str | None, *, without_keys: bool) -> Place | None:
    if without_keys:
        return None
    match manifest.keys.place:
        case "here":
            return place
        case "elsewhere" if keys:
            return place_of(keys)
        case "elsewhere":
            raise CannotRestore(
                "The keys of persons are kept elsewhere. Name the place, --keys DIR, or --without-keys."
            )
        case _:
            raise CannotRestore(
                "The archive was written without the keys of persons, so nothing about them can be read again. To "
                "restore all else: --without-keys"
            )


def _check(given: _Source, progress: Report) -> None:
    manifest = given.manifest
    if unknown := manifest.tables.keys() - tables().keys():
        raise CannotRestore(f"The archive has {min(unknown)}, which the setting ARCHIVE_TABLES does not name here.")
    for file in (manifest.erasures, manifest.closed):
        read_lines(given.place, file)
    for file in manifest.tables.values():
        with opened(given.place, file):
            pass
    if given.keys_place and manifest.keys.site:
        try:
            ring.opened(site_keys(given.keys_place, manifest.keys.site), provided())
            if manifest.keys.subjects:
                deque(read_rows(given.keys_place, manifest.keys.subjects, using=log_database()), maxlen=0)
        except (KeysUnavailable, ImproperlyConfigured) as error:
            raise CannotRestore(f"This site can't open the keys in the archive. {error}") from error
    counter = _Counter(progress, "checked", manifest)
    Checker(given.place, manifest, manifests.known_keys(), counter).check()


class _Counter:
    """Counts rows of both stores together, for a progress bar."""

    def __init__(self, progress: Report, step: str, manifest: Manifest) -> None:
        self.progress, self.step = progress, step
        self.total, self.done = manifest.events.size + manifest.commands.size, 0

    def __call__(self, _store: str, rows: int) -> None:
        self.done += rows
        self.progress(self.step, self.done, self.total)


def _fill(given: _Source, resumed: Restoration | None, progress: Report) -> Restoration:
    restoration = resumed or Restoration(
        source=given.address, manifest=given.opened.sha256, position=given.cut.position, number=given.cut.number
    )
    restoration.save(using=log_database())
    counter = _Counter(progress, "restored", given.manifest)
    fill_events(given.place, given.manifest, given.cut, counter)
    fill_commands(given.place, given.manifest, given.cut, counter)
    store_remainder(given.place, given.keys_place, given.manifest, given.cut, restoration)
    ring.forget()
    return restoration


def _finish(given: _Source, *, rebuild: bool, progress: Report) -> int:
    """Do what follows from the rows, each of which can be done again; how many persons are erased.

    Keys go before anything is read with them. What else a project does to erase somebody may be a command, which needs
    the read models.
    """
    trees.extend(trees.Tree.EVENTS, given.cut.position)
    trees.extend(trees.Tree.COMMANDS, given.cut.number)
    listed = [UUID(line["subject_id"]) for line in read_lines(given.place, given.manifest.erasures)]
    erased = {*listed, *_delete_keys([*listed, *erasure_list.known().erased])}
    if given.keys_place:
        fold_states()
    if rebuild:
        built = list(projections.values())
        rebuild_projections(built, _Step(progress, "records read for projections"))
        discard(built, Shadow.Role.OLD)  # the tables of an empty log are worth nothing
        if _is_our_own():
            erased |= {*apply_missing(listed)}
    return len(erased)


def _delete_keys(listed: list[UUID]) -> list[UUID]:
    """Delete the keys of those on a list, whatever the archive has of them; returns whose."""
    return [subject for subject in missing(listed) if erase(subject, is_listed=True)]


def _is_our_own() -> bool:
    """Whether this is the site's own database: a drill's has no users who could be erased by the site's own means."""
    return log_database() == router.db_for_write(Event)


class _Step:
    """Counts on, where the total is not known."""

    def __init__(self, progress: Report, step: str) -> None:
        self.progress, self.step, self.done = progress, step, 0

    def __call__(self, more: int) -> None:
        self.done += more
        self.progress(self.step, self.done, self.done)


def _restored(given: _Source, erased: int, faults: Faults | None, to_position: int | None) -> Restored:
    log = identity()
    return Restored(
        source=given.address,
        position=given.cut.position,
        number=given.cut.number,
        events=primary_rows(Event).filter(position__lte=given.cut.position).count(),
        commands=primary_rows(Command).filter(number__lte=given.cut.number).count(),
        erasures=erased,
        log_id=str(log.log_id),
        epoch=log.epoch,
        signed=given.opened.signed,
        faults=None if faults is None else faults.total,
        notes=tuple(_notes(given, faults, to_position)),
    )


def _notes(given: _Source, faults: Faults | None, to_position: int | None) -> list[str]:
    notes = []
    if faults and faults.first:
        notes.append(f"It was verified, and {faults.total:,} faults were found. The first: {faults.first.sentence}")
    if given.opened.signed is None:
        notes.append(
            "No signature was verified, as this site knows no seal key: whoever wrote the archive may be anybody."
        )
    if to_position is not None and given.cut.position < to_position:
        notes.append(
            f"Position {to_position} lies within a command, which is never restored in part: the log ends at "
            f"{given.cut.position}, before it."
        )
    if given.cut.position < given.manifest.mark.position and given.manifest.tables:
        names = ", ".join(sorted(given.manifest.tables))
        notes.append(f"Not derived from events, and so as they were when the archive was written: {names}.")
    if given.keys_place is None:
        notes.append(
            "Without the keys of persons, nothing about them can be read; clients that send a command again "
            "are told that its key is in use."
        )
    return notes
