"""Stores all that an archive has besides the rows of both stores, in one transaction; then the next epoch begins."""

import base64
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Final
from uuid import UUID

from django.core.management.color import no_style
from django.db import connections
from django.utils import timezone

from eventstore.archive import guards
from eventstore.archive.errors import ArchiveDamaged
from eventstore.archive.format import File, Manifest
from eventstore.archive.lines import read_lines, read_rows, tables
from eventstore.archive.places import Place
from eventstore.backends import log_database, log_transaction, store
from eventstore.feed import Mark
from eventstore.log.database import primary_rows
from eventstore.log.identity import Identity, begin_epoch
from eventstore.models import Checkpoint, Epoch, Restoration, SiteKey, Stream, SubjectKey, Tidemark, Tile, TreeHead
from eventstore.projecting.declaration.registry import reactions

BATCH = 1_000

# The newest event of each stream; its state is folded later.
HEADS: Final = """
INSERT INTO eventstore_stream
    (stream_id, category, version, position, digest, recorded_at, state, fingerprint, closed_until, first_position)
SELECT event.stream_id, category, event.version, position, digest, recorded_at, NULL, '', NULL, newest.first
FROM eventstore_event AS event
JOIN (SELECT stream_id, max(version) AS version, min(position) AS first FROM eventstore_event GROUP BY stream_id)
    AS newest
    ON newest.stream_id = event.stream_id AND newest.version = event.version
"""


def store_remainder(
    place: Place, keys_place: Place | None, manifest: Manifest, cut: Mark, restoration: Restoration
) -> Identity:
    """Store everything else, and begin the next epoch; its identity."""
    with log_transaction():
        _insert_heads()
        _close_streams(read_lines(place, manifest.closed))
        store().draw_after(cut.position, cut.number)
        _set_mark(cut)
        _restore_heads(place, manifest.heads.segments)
        _restore_persons(place, keys_place, manifest)
        for name, file in manifest.tables.items():
            restore_table(place, name, file, cut)
        _set_reactions(manifest.reactions, cut)
        _restore_epochs(manifest)
        reason = f"{restoration.source} of {manifest.written_at}, up to position {cut.position}"
        begun = begin_epoch(Epoch.Cause.RESTORED, reason)
        restoration.is_filled = True
        restoration.save(using=log_database(), update_fields=["is_filled"])
    return begun


def site_keys(place: Place, file: File) -> list[SiteKey]:
    """The keys of the site in an archive, as they are stored."""
    return [_own(item.object, SiteKey, file) for item in read_rows(place, file, using=log_database())]


def restore_table(place: Place, name: str, file: File, cut: Mark) -> None:
    """Store the rows of a table that is not derived from events, but for those that tell of events beyond the cut."""
    model, field = tables()[name]
    alias = log_database()
    for items in _batched(read_rows(place, file, using=alias)):
        kept = [item for item in items if _is_within(_own(item.object, model, file), field, cut)]
        _insert(model, [item.object for item in kept])
        for item in kept:
            _relate(item.object, item.m2m_data)
    connection = connections[alias]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [model]):
            cursor.execute(statement)


def _batched(items: Iterable[Any]) -> Iterator[list[Any]]:
    """Items by the thousand."""
    rest = iter(items)
    while batch := list(islice(rest, BATCH)):
        yield batch


def _is_within(row: Any, field: str | None, cut: Mark) -> bool:
    position = getattr(row, field) if field else None
    return position is None or position <= cut.position


def _insert(model: Any, rows: Sequence[Any]) -> None:
    """Insert rows as they are, in few statements: `bulk_create` would set the fields that a model fills by itself."""
    alias = log_database()
    fields = [field for field in model._meta.local_concrete_fields if not getattr(field, "generated", False)]
    size = max(connections[alias].ops.bulk_batch_size(fields, rows), 1)
    for at in range(0, len(rows), size):
        found = model._base_manager.using(alias)
        found._insert(rows[at : at + size], fields=fields, using=alias, raw=True)


def _insert_heads() -> None:
    """Store the heads of all streams, without state."""
    with store().connection.cursor() as cursor:
        cursor.execute(HEADS)


def _relate(row: Any, related: dict[str, Any]) -> None:
    """Store a row's many-to-many relations as rows: by the manager they would count as changes that somebody makes."""
    for name, keys in related.items():
        field = row._meta.get_field(name)
        columns = f"{field.m2m_field_name()}_id", f"{field.m2m_reverse_field_name()}_id"
        through = field.remote_field.through
        rows = [through(**dict(zip(columns, (row.pk, key), strict=True))) for key in keys]
        through._base_manager.using(log_database()).bulk_create(rows)


def _own(row: Any, model: Any, file: File) -> Any:
    if type(row) is not model:
        raise ArchiveDamaged(f"{file.name} holds a row of {type(row).__name__}, where {model.__name__} belongs.")
    return row


def _close_streams(lines: Sequence[dict[str, Any]]) -> None:
    """Close the streams again until their moments; those whose events are beyond the cut are not there."""
    for at in range(0, len(lines), BATCH):
        moments = {UUID(line["stream_id"]): _moment(line["closed_until"]) for line in lines[at : at + BATCH]}
        heads = list(primary_rows(Stream).filter(stream_id__in=moments))
        for head in heads:
            head.closed_until = moments[head.stream_id]
        primary_rows(Stream).bulk_update(heads, ["closed_until"], batch_size=100)


def _set_mark(cut: Mark) -> None:
    """Raise the tidemark to the cut, where it is kept in a row."""
    primary_rows(Tidemark).update(position=cut.position, number=cut.number, raised_at=timezone.now())


def _restore_heads(place: Place, files: Sequence[File]) -> None:
    """Store all signed heads, also those of what is beyond the cut: they are evidence of what was there."""
    primary_rows(Tile).all().delete()
    for file in files:
        primary_rows(TreeHead).bulk_create([_head(line) for line in read_lines(place, file)])


def _head(line: dict[str, Any]) -> TreeHead:
    return TreeHead(
        tree=line["tree"],
        epoch=line["epoch"],
        size=line["size"],
        position=line["position"],
        root=bytes.fromhex(line["root"]),
        note=line["note"],
        timestamp=None if line["timestamp"] is None else base64.b64decode(line["timestamp"]),
        signed_at=_moment(line["signed_at"]),
    )


def _restore_persons(place: Place, keys_place: Place | None, manifest: Manifest) -> None:
    """Store the keys, in place of those that the empty site had made; and who was erased, without a key."""
    alias, files = log_database(), manifest.keys
    erased = read_lines(place, manifest.erasures)
    if keys_place and files.site and files.subjects:
        primary_rows(SiteKey).all().delete()
        _insert(SiteKey, site_keys(keys_place, files.site))
        ids = {line["subject_id"] for line in erased}
        for items in _batched(read_rows(keys_place, files.subjects, using=alias)):
            rows = [_own(item.object, SubjectKey, files.subjects) for item in items]
            _insert(SubjectKey, [row for row in rows if str(row.subject_id) not in ids])
    for lines in _batched(erased):
        _insert(SubjectKey, list(map(_tombstone, lines)))


def _tombstone(line: dict[str, Any]) -> SubjectKey:
    return SubjectKey(
        subject_id=UUID(line["subject_id"]),
        created_at=_moment(line["created_at"]),
        erased_at=_moment(line["erased_at"]),
    )


def _set_reactions(archived: dict[str, dict[str, int]], cut: Mark) -> None:
    """Let reactions go on where they were: what they have reacted to is in the command store. Unknown ones are new."""
    for name, reaction in reactions.items():
        places = archived.get(name)
        for checkpoint in primary_rows(Checkpoint).filter(projection_id=name):
            known = places.get(str(checkpoint.slot)) if places else None
            position = reaction.start_position(cut.position) if known is None else min(known, cut.position)
            primary_rows(Checkpoint).filter(pk=checkpoint.pk).update(position=position)


def _restore_epochs(manifest: Manifest) -> None:
    """Store the epochs of the log, in place of the one that the empty site began with."""
    with guards.epochs_replaced():
        rows = primary_rows(Epoch)
        rows._raw_delete(log_database())
        rows.bulk_create(
            [
                Epoch(
                    epoch=line.epoch,
                    log_id=UUID(manifest.log_id),
                    position=line.position,
                    number=line.number,
                    cause=line.cause,
                    reason=line.reason,
                    began_at=_moment(line.began_at),
                )
                for line in manifest.epochs
            ]
        )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
