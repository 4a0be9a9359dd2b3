"""The Merkle trees over the log and the command store, kept as tiles of 256 hashes (C2SP's `tlog-tiles`).

A tile of level 0 holds the hashes of 256 leaves; one of the next level the roots of 256 full tiles below. What is full
never changes, so to extend a tree costs what is new. Only rows up to the tidemark become leaves.
"""

from collections.abc import Callable, Sequence
from typing import Final

from django.db import transaction

from eventstore.backends import in_database, log_database, store
from eventstore.log.database import primary_rows
from eventstore.models import Command, Epoch, Event, Tile, TreeHead
from eventstore.verifier import merkle

__all__ = [
    "OnPage",
    "Tree",
    "TreeDiffers",
    "clear",
    "end",
    "extend",
    "head_over",
    "index_of",
    "lock",
    "newest_head",
    "node",
    "size",
]

Tree = TreeHead.Tree
OnPage = Callable[[int], object]

PAGE = 10_000  # rows that become leaves in one transaction
HEIGHT = 8  # levels of the tree in a tile
WIDTH = 1 << HEIGHT  # hashes in a full tile
HASH: Final = 32  # bytes
KEPT_TILES: Final = 1_024  # of 8 KiB, in the memory of a `node`

COLUMNS: Final = {Tree.EVENTS: "position", Tree.COMMANDS: "number"}  # by which the rows of a store are in order


class TreeDiffers(Exception):
    """The rows of the store are no longer those that the tree was made of, or the tree not the one that was signed."""


def node(tree: Tree) -> merkle.Node:
    """The roots of a tree's complete subtrees, by level and place; raises LookupError for one that is not there."""
    tiles: dict[tuple[int, int], bytes] = {}

    def of(level: int, place: int) -> bytes:
        tile_level, within = divmod(level, HEIGHT)
        tile_place, begin = divmod(place << within, WIDTH)
        end = begin + (1 << within)
        hashes = tiles.get((tile_level, tile_place), b"")
        if len(hashes) < end * HASH:  # a tile that was read before may have grown
            if len(tiles) >= KEPT_TILES:
                tiles.clear()
            hashes = tiles[tile_level, tile_place] = _tile(tree, tile_level, tile_place)
        if len(hashes) < end * HASH:
            raise LookupError(f"The tree of {tree} has no complete subtree at level {level}, place {place}.")
        return _root(_split(hashes[begin * HASH : end * HASH]))

    return of


def size(tree: Tree) -> int:
    """How many leaves a tree has."""
    last = _last_tile(tree)
    return 0 if last is None else last.place * WIDTH + len(last.hashes) // HASH


def end(tree: Tree) -> tuple[int, int]:
    """The size of a tree, and the position, or number, of its last leaf; zeros for a tree without leaves.

    Raises TreeDiffers if the row there is not the one that became the leaf.
    """
    last = _last_tile(tree)
    if last is None or last.first is None:
        return 0, 0
    hashes = _split(bytes(last.hashes))
    found = _leaves(tree, last.first - 1, None, limit=len(hashes))
    if not found or _leaf(*found[-1]) != hashes[-1]:
        raise TreeDiffers(
            f"The last leaf of the tree of {tree} is not what is stored after {last.first}: rows have been changed, "
            "inserted or deleted. Run: manage.py verify"
        )
    return last.place * WIDTH + len(hashes), found[-1][0]


def index_of(tree: Tree, position: int) -> int:
    """The index of the leaf for a position, or a number, from 0; raises LookupError if there is none (yet)."""
    tile = primary_rows(Tile).filter(tree=tree, level=0, first__lte=position).order_by("-first").first()
    if tile is not None and tile.first is not None:
        found = _leaves(tree, tile.first - 1, position, limit=WIDTH)
        if len(found) <= len(tile.hashes) // HASH and found and found[-1][0] == position:
            return tile.place * WIDTH + len(found) - 1
    raise LookupError(f"The tree of {tree} has no leaf for {position}.")


def extend(tree: Tree, to: int, on_page: OnPage | None = None) -> int:
    """Make leaves of the rows after the last leaf, up to a position or number, which must not be above the tidemark.

    Returns how many there were; `on_page` is called with how many each page had. Any number of processes may do so at
    once, or be killed: a page of rows becomes leaves whole or not at all, and one after the other. Raises TreeDiffers
    as `end` does.
    """
    added = 0
    with in_database():
        while grown := _extend_by_a_page(tree, to):
            added += grown
            if on_page:
                on_page(grown)
    return added


def clear(tree: Tree) -> None:
    """Drop a tree, which is made anew from the rows when it is extended."""
    with transaction.atomic(using=log_database()):
        lock(tree)
        primary_rows(Tile).filter(tree=tree).delete()


def newest_head(tree: Tree) -> TreeHead | None:
    """The newest head of a tree; one of an earlier epoch, if the present one has none yet."""
    return primary_rows(TreeHead).filter(tree=tree).order_by("-epoch", "-size", "-id").first()


def head_over(tree: Tree, index: int) -> TreeHead | None:
    """The earliest head that covers a leaf, among those that are heads of the tree as it is today.

    A head of an earlier epoch is one if it ends before the next epochs begin: what lay above may have been lost.
    """
    epochs = list(primary_rows(Epoch).order_by("epoch"))
    for epoch in epochs:
        covering = primary_rows(TreeHead).filter(tree=tree, epoch=epoch.epoch, size__gt=index)
        head = covering.order_by("size", "id").first()
        later = [each.position if tree == Tree.EVENTS else each.number for each in epochs if each.epoch > epoch.epoch]
        if head is not None and all(head.position <= end for end in later):
            return head
    return None


def lock(tree: Tree) -> None:
    """Let only this transaction extend a tree or write its heads; the lock is on its first tile, made if need be."""
    first = primary_rows(Tile).filter(tree=tree, level=0, place=0).select_for_update()
    if not first:
        empty = Tile(tree=tree, level=0, place=0, hashes=b"")
        primary_rows(Tile).bulk_create([empty], ignore_conflicts=True)
        first.get()


def _extend_by_a_page(tree: Tree, to: int) -> int:
    with transaction.atomic(using=log_database()):
        lock(tree)
        rows = _leaves(tree, end(tree)[1], to, limit=PAGE)
        if rows:
            _append(tree, rows)
    return len(rows)


def _append(tree: Tree, rows: Sequence[tuple[int, bytes]]) -> None:
    """Append leaves to the tiles of level 0, and the roots of tiles that became full to those above."""
    begin = size(tree)
    # Of a tile that there is already the first position stays as it is.
    firsts = {(begin + at) // WIDTH: rows[at][0] for at in range(-begin % WIDTH, len(rows), WIDTH)}
    new, level, changed = [_leaf(*row) for row in rows], 0, list[Tile]()
    while new:
        place, within = divmod(begin, WIDTH)
        tail = primary_rows(Tile).filter(tree=tree, level=level, place=place).first() if within else None
        hashes = [*(_split(bytes(tail.hashes)) if tail else []), *new]
        pieces = [hashes[at : at + WIDTH] for at in range(0, len(hashes), WIDTH)]
        for number, piece in enumerate(pieces, place):
            first = tail.first if tail and number == place else firsts.get(number) if level == 0 else None
            changed.append(Tile(tree=tree, level=level, place=number, first=first, hashes=b"".join(piece)))
        new, begin, level = [_root(piece) for piece in pieces if len(piece) == WIDTH], place, level + 1
    primary_rows(Tile).bulk_create(
        changed,
        update_conflicts=True,
        unique_fields=["tree", "level", "place"],
        update_fields=["first", "hashes"],
    )


def _leaves(tree: Tree, after: int, to: int | None, *, limit: int) -> list[tuple[int, bytes]]:
    """The positions, or numbers, and the digests of rows, in order."""
    column = COLUMNS[tree]
    bounds = {f"{column}__gt": after} | ({} if to is None else {f"{column}__lte": to})
    rows = primary_rows(Event) if tree == Tree.EVENTS else primary_rows(Command)
    found = list(rows.filter(**bounds).order_by(column).values_list(column, "digest")[:limit])
    store().must_hold(str(tree), after + 1)  # a leaf's place is counted from the first row of its tile
    return [(at, bytes(digest)) for at, digest in found]


def _leaf(position: int, digest: bytes) -> bytes:
    return merkle.leaf_hash(merkle.entry(position, digest))


def _last_tile(tree: Tree) -> Tile | None:
    return primary_rows(Tile).filter(tree=tree, level=0).order_by("-place").first()


def _tile(tree: Tree, level: int, place: int) -> bytes:
    hashes = primary_rows(Tile).filter(tree=tree, level=level, place=place).values_list("hashes", flat=True)
    return b"".join(map(bytes, hashes))


def _root(hashes: Sequence[bytes]) -> bytes:
    """The root over 2**n neighbouring hashes of a level."""
    while len(hashes) > 1:
        hashes = [merkle.node_hash(hashes[at], hashes[at + 1]) for at in range(0, len(hashes), 2)]
    return hashes[0]


def _split(hashes: bytes) -> list[bytes]:
    return [hashes[at : at + HASH] for at in range(0, len(hashes), HASH)]
