"""Brings detached ranges back, the newest first, so that what is in the database is always the end of the log."""

from collections.abc import Iterator
from typing import Any, Final

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore.archive import reader
from eventstore.archive.errors import CannotRestore
from eventstore.archive.format import Manifest
from eventstore.archive.leaves import leaves_of
from eventstore.archive.manifest import read as read_manifest
from eventstore.archive.places import Place, place_of
from eventstore.archive.scratch import Scratch
from eventstore.backends.postgresql.given_rows import GivenRows
from eventstore.integrity.digests import command_digest, event_digest
from eventstore.log.identity import identity
from eventstore.partitions import guards
from eventstore.partitions.ahead import bound_of, owned
from eventstore.partitions.catalogue import partitions
from eventstore.partitions.detached import Range, ranges
from eventstore.partitions.errors import CannotPartition
from eventstore.partitions.patience import patiently
from eventstore.partitions.stores import DETACHED, EVENTS, Store

FORGET: Final = f"DELETE FROM {DETACHED} WHERE store = %s AND first = %s"  # noqa: S608 - a constant
BEGIN: Final = "UPDATE eventstore_tidemark SET {column} = %s WHERE id = 1"


def attach(connection: BaseDatabaseWrapper, store: Store, since: int, archive: str | None = None) -> list[str]:
    """Bring back the ranges from a position, or number, on; returns the names of the partitions.

    A table that was kept is attached again; one that was dropped is made from the archive, each row against its leaf
    there. Raises CannotPartition, with what was brought back until then.
    """
    wanted = [each for each in ranges(connection) if each.store == store.name and each.end > since]
    if not wanted:
        raise CannotPartition(f"Nothing of {store.name} from {since} on was detached. See manage.py partitions.")
    for each in reversed(wanted):
        if each.is_dropped:
            _make_again(connection, store, each, archive or each.archive)
        patiently(connection, lambda each=each: _attach(connection, store, each))  # type: ignore[misc]
    return [each.name for each in reversed(wanted)]


def _attach(connection: BaseDatabaseWrapper, store: Store, each: Range) -> None:
    column = "first_position" if store == EVENTS else "first_number"
    bound = f"FOR VALUES FROM (MINVALUE) TO ({each.end})" if each.first == 0 else bound_of(each.first, each.end)
    with connection.cursor() as cursor:
        if each.name not in [part.name for part in partitions(connection, store)]:
            cursor.execute(f'ALTER TABLE {store.table} ATTACH PARTITION "{each.name}" {bound}')
        cursor.execute(FORGET, [store.name, each.first])
        cursor.execute(BEGIN.format(column=column), [each.first])


def _make_again(connection: BaseDatabaseWrapper, store: Store, each: Range, archive: str) -> None:
    """Make the table and fill it, in one transaction: a run that is killed leaves nothing."""
    try:
        place = place_of(archive)
        manifest = read_manifest(place).manifest
        if manifest.log_id != str(identity().log_id):
            raise CannotPartition(f"The archive {archive} is another log's.")
        with transaction.atomic(using=connection.alias):
            _make(connection, store, each)
            _fill(connection, store, each, manifest, place)
    except (CannotRestore, FileNotFoundError) as error:
        raise CannotPartition(f"The archive {archive} can't be relied on: {error}") from error


def _make(connection: BaseDatabaseWrapper, store: Store, each: Range) -> None:
    like = partitions(connection, store)[0].name
    low = f"{store.column} >= {each.first} AND " if each.first else ""
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE TABLE "{each.name}" (LIKE "{like}" INCLUDING ALL)')
        cursor.execute(
            f'ALTER TABLE "{each.name}" ADD CONSTRAINT {each.name}_bounds CHECK ({low}{store.column} < {each.end})'
        )
    owned(connection, store, each.name)


def _fill(connection: BaseDatabaseWrapper, store: Store, each: Range, manifest: Manifest, place: Place) -> None:
    backend = GivenRows()
    backend.connection = connection
    if store == EVENTS:
        backend.append_given(_events(manifest, place, each), each.name)
    else:
        backend.store_given(_commands(manifest, place, each), each.name)
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT count(*) FROM "{each.name}"')  # noqa: S608 - a catalog's name
        (rows,) = cursor.fetchone()
        if rows != each.rows:
            raise CannotPartition(f"{each.name} had {each.rows:,} rows, and the archive has {rows:,} of them.")
        for statement in guards.of_statements(store, each.name):
            cursor.execute(statement)


def _events(manifest: Manifest, place: Place, wanted: Range) -> Iterator[reader.Event]:
    """The events of a range with their digests, which follow from all that came before in their streams."""
    scratch = Scratch()
    for segment in manifest.events.segments:
        if segment.first >= wanted.end:
            return
        for leaf, (position, event) in zip(reader.leaves(place, segment), reader.events(place, segment), strict=True):
            stream = event.stream_id.bytes
            event.digest = event_digest(scratch.end(stream)[1], event)
            scratch.move_end(stream, event.version, event.digest)
            if wanted.first <= position < wanted.end:
                _must_be_leaf(position, event.digest, leaf)
                yield position, event


def _commands(manifest: Manifest, place: Place, wanted: Range) -> Iterator[reader.Command]:
    for segment in manifest.commands.segments:
        if segment.last < wanted.first or segment.first >= wanted.end:
            continue
        rows = zip(reader.leaves(place, segment), reader.commands(place, segment), strict=True)
        for leaf, (number, command, positions) in rows:
            if wanted.first <= number < wanted.end:
                command.digest = command_digest(command)
                _must_be_leaf(number, command.digest, leaf)
                yield number, command, positions


def _must_be_leaf(position: int, digest: str, leaf: Any) -> None:
    if leaves_of([position], [bytes.fromhex(digest)]) != [leaf]:
        raise CannotPartition(f"The archive was changed at {position}: the row there does not lead to its leaf.")
