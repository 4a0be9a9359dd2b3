"""Whether rows may leave the database: a signed head outside covers them, and a sound archive has exactly them."""

from collections.abc import Iterator
from typing import Any, Final

from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore.archive import reader
from eventstore.archive.errors import CannotRestore
from eventstore.archive.format import Manifest, Segment, segment_rows
from eventstore.archive.leaves import leaves_of
from eventstore.archive.manifest import known_keys
from eventstore.archive.manifest import read as read_manifest
from eventstore.archive.places import Place, place_of
from eventstore.archive.restore import check
from eventstore.integrity import outside
from eventstore.integrity.sealer import origin
from eventstore.integrity.trees import Tree
from eventstore.log.database import primary_rows
from eventstore.log.identity import identity
from eventstore.models import Tile
from eventstore.partitions.catalogue import Partition
from eventstore.partitions.errors import CannotPartition
from eventstore.partitions.stores import Store
from eventstore.verifier.merkle import Frontier

PAGE: Final = 5_000


def must_be_covered(connection: BaseDatabaseWrapper, store: Store, parts: list[Partition], address: str) -> None:
    """Raise CannotPartition unless an archive, which is looked through whole, has these partitions, row by row.

    Its tree must be the one whose head SEAL_FILE has, signed by a key of this site.
    """
    last = max(part.end or 0 for part in parts) - 1
    manifest, place = _sound(address), place_of(address)
    _must_hold(store, manifest, last, address)
    _must_not_be_needed(store, last)
    _must_be_sealed(store, manifest, place, last)
    for part in parts:
        _must_be_alike(connection, store, manifest, place, part)


def _sound(address: str) -> Manifest:
    try:
        check(address, without_keys=True)
        manifest = read_manifest(place_of(address)).manifest
    except CannotRestore as error:
        raise CannotPartition(f"The archive {address} can't be relied on: {error}") from error
    if manifest.log_id != str(identity().log_id):
        raise CannotPartition(f"The archive {address} is another log's.")
    return manifest


def _must_hold(store: Store, manifest: Manifest, last: int, address: str) -> None:
    """The archive must have all of it in full segments: it writes the last one again, from the database."""
    full = [segment.last for segment in manifest.tree(store.name).segments if segment.rows == segment_rows()]
    if not full or full[-1] < last:
        raise CannotPartition(
            f"The archive {address} has the {store.name} up to {full[-1] if full else 0} in full segments, and not up "
            f"to {last}. Run manage.py archive {address} when more was recorded, or detach less."
        )


def _must_not_be_needed(store: Store, last: int) -> None:
    """The next seal looks at the rows of the last tile of its tree, from the first on."""
    tile = primary_rows(Tile).filter(tree=store.name, level=0).order_by("-place").first()
    if tile is None or tile.first is None or tile.first <= last:
        raise CannotPartition(
            f"The rows of {store.name} up to {last} are among the newest, which the next seal needs. Detach less, or "
            "later."
        )


def _must_be_sealed(store: Store, manifest: Manifest, place: Place, last: int) -> None:
    head = outside.newest(origin(Tree(store.name), identity()), known_keys())
    if head is None:
        raise CannotPartition(
            "No signed head is kept outside of the database. Set SEAL_FILE to a file on another machine, and run "
            "manage.py seal."
        )
    frontier, covered = Frontier(), 0
    for position, leaf in _leaves(store, manifest, place, 0):
        if frontier.size == head.size:
            break
        frontier.append(leaf)
        covered = position
    if frontier.size < head.size:
        raise CannotPartition("The head outside is newer than the archive. Bring that up to date: manage.py archive")
    if frontier.root() != head.root:
        raise CannotPartition("The archive does not lead to the root in the signed head outside: it is not this log.")
    if covered < last:
        raise CannotPartition(f"The signed head outside reaches {covered}, and not {last}. Run manage.py seal.")


def _must_be_alike(
    connection: BaseDatabaseWrapper, store: Store, manifest: Manifest, place: Place, part: Partition
) -> None:
    archived = _leaves(store, manifest, place, part.first or 0)
    for own in _own_leaves(connection, store, part.name):
        if next(archived, None) != own:
            raise CannotPartition(f"At {own[0]}, {part.name} and the archive differ. Run manage.py verify.")
    if (following := next(archived, None)) is not None and following[0] < (part.end or 0):
        raise CannotPartition(f"The archive has {following[0]}, which {part.name} lacks. Run manage.py verify.")


def _leaves(store: Store, manifest: Manifest, place: Place, since: int) -> Iterator[tuple[int, bytes]]:
    """The positions, or numbers, and the leaves of an archive from one on."""
    for segment in manifest.tree(store.name).segments:
        if segment.last >= since:
            yield from ((position, leaf) for position, leaf in _pairs(store, place, segment) if position >= since)


def _pairs(store: Store, place: Place, segment: Segment) -> Iterator[tuple[int, bytes]]:
    positions = (row[0] for row in reader.read(place, store.name, segment, [store.column]))
    yield from zip(positions, reader.leaves(place, segment), strict=True)


def _own_leaves(connection: BaseDatabaseWrapper, store: Store, table: str) -> Iterator[tuple[int, bytes]]:
    statement = f'SELECT {store.column}, digest FROM "{table}" WHERE {store.column} > %s ORDER BY 1 LIMIT %s'  # noqa: S608 - a catalog's name
    after, rows = -1, list[Any]()
    while True:
        with connection.cursor() as cursor:
            cursor.execute(statement, [after, PAGE])
            rows = cursor.fetchall()
        if not rows:
            return
        positions = [row[0] for row in rows]
        yield from zip(positions, leaves_of(positions, (bytes(row[1]) for row in rows)), strict=True)
        after = positions[-1]
