"""Writes an archive, or what is new into one that is there, while the site runs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from re import fullmatch
from typing import Any, Final

from django.db.models import Q

from eventstore import feed
from eventstore.archive import cut, manifest
from eventstore.archive.continuity import must_continue
from eventstore.archive.errors import ArchiveDamaged, CannotArchive, CannotRestore
from eventstore.archive.format import FORMAT, HEADS_ROWS, VERSION, EpochLine, File, Heads, Keys, Manifest
from eventstore.archive.format import Place as Cut
from eventstore.archive.lines import moment_text, tables, write_lines, write_rows
from eventstore.archive.places import Place, place_of
from eventstore.archive.rows import all_read_once
from eventstore.archive.segments import PROGRESS, Progress, TreeWriter, progress_at, second_thread
from eventstore.log.database import now, primary_rows, snapshot
from eventstore.log.identity import Identity, identity
from eventstore.log.whole import must_be_whole
from eventstore.models import Checkpoint, Epoch, SiteKey, Stream, SubjectKey, TreeHead
from eventstore.projecting.declaration.registry import reactions

Report = Callable[[str, int, int], object]  # a step's name, how much of it is done, and how much there is

NO_LONGER_NEEDED: Final = ("keys/", "tables/")  # what is replaced here may be of a person who was erased meanwhile
OURS: Final = r"(events|commands|heads|erasures|closed|keys|tables)/[0-9a-z_.-]+"


@dataclass(frozen=True, kw_only=True)
class Archived:
    """What a run has done: how much is in the archive, and how much of it is new."""

    address: str
    position: int
    number: int
    events: int
    commands: int
    new_events: int
    new_commands: int
    generation: int
    signed: bool
    bytes: int
    new_bytes: int


@dataclass(frozen=True)
class _Taken:
    """What belongs to one moment: the cut, and what is not in the log, as of then."""

    mark: feed.Mark
    identity: Identity
    epochs: list[EpochLine]
    tables: dict[str, File]
    closed: File
    reactions: dict[str, dict[str, int]]


def archive(
    address: str, *, keys: str | None = None, without_keys: bool = False, progress: Report = lambda *_: None
) -> Archived:
    """Bring the archive at an address up to the tidemark; makes it if there is none.

    The keys of persons lie in it, or at the address `keys`, or nowhere. Raises CannotArchive, ArchiveDamaged for an
    archive that is not to be trusted, and RestoreUnfinished; nothing that was in the archive is lost then. A run that
    was killed has changed nothing that readers see, and the next one goes on after what it has written.
    """
    try:
        place, keys_place = place_of(address), place_of(keys) if keys else None
    except CannotRestore as error:
        raise CannotArchive(str(error)) from error
    must_be_whole()
    with place.held():
        before = _before(place)
        if before:
            must_continue(place, before)
        feed.advance()
        taken = _take(place)
        left = _left(place, before, taken)
        trees = _write_trees(place, taken, left, progress)
        written = Manifest(
            format=FORMAT,
            version=VERSION,
            generation=before.generation + 1 if before else 1,
            written_at=moment_text(now()),
            log_id=str(taken.identity.log_id),
            epoch=taken.identity.epoch,
            epochs=taken.epochs,
            mark=Cut(taken.mark.position, taken.mark.number),
            **trees,
            schemas=left.schemas,
            heads=Heads(_write_heads(place, before, taken.mark)),
            closed=taken.closed,
            tables=taken.tables,
            reactions=taken.reactions,
            **_write_persons(place, keys_place, left_out=without_keys),
        )
        signed = manifest.write(place, written)
        _clean(place, before, written)
        return _archived(address, before, written, signed=signed)


def _before(place: Place) -> Manifest | None:
    try:
        return manifest.read(place).manifest
    except FileNotFoundError:
        return None


def _take(place: Place) -> _Taken:
    """Cut, and take what goes with it, in one snapshot of the database; the rows up to the cut never change."""
    with snapshot():
        mark = cut.consistent(feed.mark())
        files = {
            name: write_rows(place, f"tables/{name.lower()}", primary_rows(model))
            for name, (model, _) in tables().items()
        }
        closed = primary_rows(Stream).filter(closed_until__isnull=False).order_by("stream_id")
        lines = list(closed.values_list("stream_id", "closed_until"))
        return _Taken(
            mark,
            identity(),
            [_epoch_line(epoch) for epoch in primary_rows(Epoch).order_by("epoch")],
            files,
            write_lines(
                place,
                "closed/closed",
                ({"stream_id": stream, "closed_until": moment_text(until)} for stream, until in lines if until),
            ),
            _reactions(),
        )


def _epoch_line(epoch: Epoch) -> EpochLine:
    return EpochLine(epoch.epoch, epoch.position, epoch.number, epoch.cause, epoch.reason, moment_text(epoch.began_at))


def _reactions() -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {name: {} for name in sorted(reactions)}
    rows = primary_rows(Checkpoint).filter(projection_id__in=found).order_by("projection_id", "slot")
    for name, slot, position in rows.values_list("projection_id", "slot", "position"):
        found[name][str(slot)] = position
    return found


def _left(place: Place, before: Manifest | None, taken: _Taken) -> Progress:
    """What is known of the segments that are full: by the manifest, and by a run that was killed after it."""
    left = progress_at(place, str(taken.identity.log_id), taken.identity.epoch)
    for store in ("events", "commands"):
        sealed = before.tree(store).sealed if before else []
        to = taken.mark.position if store == "events" else taken.mark.number
        written = [segment for segment in left.segments.get(store, []) if segment.last <= to]
        is_longer = len(written) > len(sealed) and written[: len(sealed)] == sealed
        left.segments[store] = written if is_longer else sealed
        for name, versions in (before.schemas.get(store, {}) if before else {}).items():
            own = left.schemas.setdefault(store, {})
            own[name] = sorted({*own.get(name, []), *versions})
    return left


def _write_trees(place: Place, taken: _Taken, left: Progress, progress: Report) -> dict[str, Any]:
    writers = {}
    with second_thread() as pool, all_read_once():
        for store, to in (("events", taken.mark.position), ("commands", taken.mark.number)):
            known = left.segments[store]
            after = known[-1].last if known else 0
            writers[store] = TreeWriter(place, store, left, pool, _shown(progress, store, after, to))
            writers[store].read(to)
        return {store: writer.tree() for store, writer in writers.items()}


def _shown(progress: Report, step: str, after: int, to: int) -> Callable[[int], object]:
    """Report how far a run has come, in positions: counting rows would mean to read them all."""
    return lambda last: progress(step, last - after, to - after)


def _write_heads(place: Place, before: Manifest | None, mark: feed.Mark) -> list[File]:
    """Write the signed heads up to the cut, in the order in which they were signed; full files once for ever."""
    files = [file for file in (before.heads.segments if before else []) if file.rows == HEADS_ROWS]
    beyond = Q(tree=TreeHead.Tree.EVENTS, position__gt=mark.position)
    beyond |= Q(tree=TreeHead.Tree.COMMANDS, position__gt=mark.number)
    first_beyond = primary_rows(TreeHead).filter(beyond).order_by("id").first()
    heads = primary_rows(TreeHead).order_by("id")
    after = len(files) * HEADS_ROWS
    while page := list(heads[after : after + HEADS_ROWS]):
        within = list(takewhile(lambda head: first_beyond is None or head.id < first_beyond.id, page))
        if within:
            files.append(write_lines(place, f"heads/{len(files):08}", map(_head_line, within)))
        if len(within) < HEADS_ROWS:
            break
        after += HEADS_ROWS
    return files


def _head_line(head: TreeHead) -> dict[str, Any]:
    return {
        "tree": head.tree,
        "epoch": head.epoch,
        "size": head.size,
        "position": head.position,
        "root": bytes(head.root).hex(),
        "note": head.note,
        "timestamp": None if head.timestamp is None else bytes(head.timestamp),
        "signed_at": moment_text(head.signed_at),
    }


def _write_persons(place: Place, elsewhere: Place | None, *, left_out: bool) -> dict[str, Any]:
    """Write who was erased, and the keys of all others, as late as can be, in one snapshot."""
    with snapshot():
        erased = primary_rows(SubjectKey).filter(erased_at__isnull=False).order_by("subject_id")
        lines = map(_erasure_line, erased.values_list("subject_id", "erased_at", "created_at").iterator())
        erasures = write_lines(place, "erasures/erasures", lines)
        if left_out:
            return {"erasures": erasures, "keys": Keys("left out", None, None)}
        target = elsewhere or place
        site = write_rows(target, "keys/site", primary_rows(SiteKey))
        subjects = write_rows(target, "keys/subjects", primary_rows(SubjectKey).filter(erased_at=None))
    if elsewhere:
        _delete(elsewhere, [name for name in elsewhere.names() if name.startswith("keys/")], {site.name, subjects.name})
    return {"erasures": erasures, "keys": Keys("elsewhere" if elsewhere else "here", site, subjects)}


def _erasure_line(row: Any) -> dict[str, Any]:
    subject, erased_at, created_at = row
    return {"subject_id": subject, "erased_at": moment_text(erased_at), "created_at": moment_text(created_at)}


def _clean(place: Place, before: Manifest | None, written: Manifest) -> None:
    """Delete what no manifest names any more; files of the one before stay for those who read by it, but no keys."""
    place.delete(PROGRESS)
    kept = {name for name in (before.files() if before else []) if not name.startswith(NO_LONGER_NEEDED)}
    _delete(place, [name for name in place.names() if fullmatch(OURS, name)], kept | set(written.files()))


def _delete(place: Place, names: list[str], kept: set[str]) -> None:
    for name in names:
        if name not in kept:
            place.delete(name)


def _archived(address: str, before: Manifest | None, written: Manifest, *, signed: bool) -> Archived:
    old = set(_sizes(before)) if before else set()
    sizes = list(_sizes(written))
    return Archived(
        address=address,
        position=written.mark.position,
        number=written.mark.number,
        events=written.events.size,
        commands=written.commands.size,
        new_events=written.events.size - (before.events.size if before else 0),
        new_commands=written.commands.size - (before.commands.size if before else 0),
        generation=written.generation,
        signed=signed,
        bytes=sum(size for _, size in sizes),
        new_bytes=sum(size for name, size in sizes if (name, size) not in old),
    )


def _sizes(manifest: Manifest) -> Iterator[tuple[str, int]]:
    """The names and sizes of all files of an archive."""
    for segment in [*manifest.events.segments, *manifest.commands.segments]:
        yield segment.name, segment.bytes + 32 * segment.rows
    for file in [*manifest.heads.segments, manifest.erasures, manifest.closed, *manifest.tables.values()]:
        yield file.name, file.bytes
    for key in (manifest.keys.site, manifest.keys.subjects):
        if key:
            yield key.name, key.bytes


__all__ = ["ArchiveDamaged", "Archived", "CannotArchive", "archive"]
