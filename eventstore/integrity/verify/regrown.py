"""Trees that are grown anew from the rows of the log, and compared on the way with stored tiles and signed heads."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from django.utils.translation import gettext as _

from eventstore.integrity.trees import HASH, HEIGHT, WIDTH, Tree
from eventstore.integrity.verify.faults import Code, Faults, Place
from eventstore.log.database import primary_rows
from eventstore.models import Tile
from eventstore.verifier.merkle import EMPTY_ROOT, Frontier, node_hash

TILES_AT_A_TIME: Final = 64


class Expected(NamedTuple):
    """A root that was signed for a size of the tree; `limit` is the last position for which its epoch still counts."""

    size: int
    root: bytes
    told: str  # whose it is, in words
    limit: int | None = None
    last: int | None = None  # the position of the last leaf, where the head says it
    epoch: int = 0


class Regrown:
    """A tree that grows from the rows, page by page; after the first difference, what follows from it is not named."""

    def __init__(
        self, tree: Tree, faults: Faults, expected: Iterator[Expected], *, sealed: int, limit: int | None = None
    ) -> None:
        """Begin an empty tree; `expected` are roots in the order of their sizes, and `sealed` leaves have tiles.

        Above the position `limit` tiles may have the leaves of rows that were lost since.
        """
        self.tree, self.faults, self.sealed, self.limit = tree, faults, sealed, limit
        self.size = 0
        self.levels: list[list[bytes]] = [[]]  # of each level, the hashes of the last tile, which is not full
        self.places = [0]  # of each level, the place of that tile
        self.first = 0  # the position of the first leaf of the last tile
        self.last = 0  # the position of the last leaf
        self.agreed = 0  # the position up to which a signed root has agreed
        self.is_whole = True  # whether nothing has differed so far
        self.lost: list[Expected] = []  # roots of rows that a later epoch has lost
        self._tiles = StoredTiles(tree)
        self._positions: list[int] = []
        self._expected, self._next = expected, next(expected, None)

    def begin_at(self, size: int) -> None:
        """Go on from the first leaves, whose tiles are trusted; raises LookupError if one is missing."""
        self.levels, self.places, self.size = [], [], size
        for level in range(_levels(size)):
            place, within = divmod(size >> (HEIGHT * level), WIDTH)
            tile = self._tiles.at(level, place) if within else (0, b"")
            if tile is None or len(tile[1]) < within * HASH:
                raise LookupError(f"The tree of {self.tree} has no tile at level {level}, place {place}.")
            self.levels.append(_split(tile[1][: within * HASH]))
            self.places.append(place)
            if level == 0:
                self.first = tile[0] or 0
        while self._next is not None and self._next.size <= size:
            self._next = next(self._expected, None)

    def extend(self, leaves: Sequence[bytes], positions: Sequence[int]) -> None:
        """Append the hashes of leaves, with their positions or numbers."""
        begin = 0
        while begin < len(leaves):
            lowest = self.levels[0]
            end = min(len(leaves), begin + WIDTH - len(lowest))
            if self._next is not None:
                end = min(end, begin + max(1, self._next.size - self.size))
            if not lowest:
                self.first = positions[begin]
                self._positions = []
            lowest += leaves[begin:end]
            self._positions += positions[begin:end]
            self.size += end - begin
            self.last, begin = positions[end - 1], end
            if len(lowest) == WIDTH:
                self._complete(0)
            self._compare_roots()

    def root(self) -> bytes:
        """The root of the tree as it is."""
        roots = [root for level in reversed(self.levels) for root in _frontier(level)]
        if not roots:
            return EMPTY_ROOT
        root = roots.pop()
        while roots:
            root = node_hash(roots.pop(), root)
        return root

    def end(self) -> list[Expected]:
        """Compare the tiles that are not full; returns the expected roots that are larger than the tree."""
        for level, hashes in enumerate(self.levels):
            if hashes:
                self._compare_tile(level)
        rest = [] if self._next is None else [self._next, *self._expected]
        self._next = None
        return rest

    def _complete(self, level: int) -> None:
        """Compare a full tile, and let the level above have its root."""
        self._compare_tile(level)
        root = _root(self.levels[level])
        self.levels[level] = []
        self.places[level] += 1
        if level + 1 == len(self.levels):
            self.levels.append([])
            self.places.append(0)
        self.levels[level + 1].append(root)
        if len(self.levels[level + 1]) == WIDTH:
            self._complete(level + 1)

    def _compare_tile(self, level: int) -> None:
        place, hashes = self.places[level], self.levels[level]
        begin = place << (HEIGHT * (level + 1))
        is_beyond = self.limit is not None and self.last > self.limit
        if not self.is_whole or begin >= self.sealed or is_beyond:
            return
        stored = self._tiles.at(level, place)
        wanted = min(len(hashes), (self.sealed >> (HEIGHT * level)) - place * WIDTH)
        if wanted <= 0:
            return
        if stored is None or len(stored[1]) < wanted * HASH:
            self._differs(
                Code.TILE, _("A tile of the tree is missing here, or cut short: those who ask for proofs get none.")
            )
        elif stored[1][: wanted * HASH] != (own := b"".join(hashes[:wanted])):
            self._explain(level, stored[1], own)
        elif level == 0 and stored[0] != self.first:
            self._differs(
                Code.TILE, _("A tile of the tree says that it begins at position %(first)s.") % {"first": stored[0]}
            )

    def _explain(self, level: int, stored: bytes, own: bytes) -> None:
        """Name the first leaf that differs; in the levels above it is a tile that was changed, as the leaves agree."""
        if level:
            self._differs(Code.TILE, _("A tile of the tree above here is not what its leaves give: it was changed."))
            return
        at = next(
            at
            for at in range(len(own) // HASH)
            if stored[at * HASH : at * HASH + HASH] != own[at * HASH : at * HASH + HASH]
        )
        skipped = len(self.levels[0]) - len(self._positions)  # trusted leaves
        self._differs(
            Code.LEAF,
            _(
                "From here on the rows are not those that the tree was made of: this one was changed, or one before "
                "it inserted or deleted."
            ),
            self._positions[max(0, at - skipped)],
        )

    def _compare_roots(self) -> None:
        while self._next is not None and self._next.size <= self.size:
            self._compare_root(self._next)
            self._next = next(self._expected, None)

    def _compare_root(self, head: Expected) -> None:
        if head.limit is not None and self.last > head.limit:
            self.lost.append(head)
            return
        if not self.is_whole:
            return
        if self.root() != head.root:
            self._explain_root(head)
        elif head.last is not None and head.last != self.last:
            self._differs(
                Code.NOTE,
                _("%(head)s names %(last)s as its last row.") % {"head": head.told, "last": head.last},
                self.last,
            )
        else:
            self.agreed = self.last

    def _explain_root(self, head: Expected) -> None:
        """Name the first leaf that differs, if the tile tells it; else between which rows it lies."""
        if self.levels[0]:
            self._compare_tile(0)
        if self.is_whole:
            self._differs(
                Code.ROOT,
                _(
                    "The rows up to here give another root than %(head)s. Between %(begin)s and here something was "
                    "changed, inserted or deleted."
                )
                % {"head": head.told, "begin": f"{self.agreed + 1:,}"},
                self.last,
            )

    def _differs(self, code: Code, sentence: str, position: int | None = None) -> None:
        self.is_whole = False
        self.faults.add(
            Place.TREES, code, sentence, position=self.first if position is None else position, subject=self.tree
        )


class StoredTiles:
    """The tiles of a tree as they are stored, read several at a time, in the order of their places."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._read: dict[int, tuple[int, dict[int, tuple[int | None, bytes]]]] = {}

    def at(self, level: int, place: int) -> tuple[int | None, bytes] | None:
        """The first position of a tile and its hashes; None if it is not there."""
        begin = place - place % TILES_AT_A_TIME
        if self._read.get(level, (-1, {}))[0] != begin:
            found = primary_rows(Tile).filter(
                tree=self.tree, level=level, place__gte=begin, place__lt=begin + TILES_AT_A_TIME
            )
            tiles = {
                place: (first, bytes(hashes)) for place, first, hashes in found.values_list("place", "first", "hashes")
            }
            self._read[level] = begin, tiles
        return self._read[level][1].get(place)


def _levels(size: int) -> int:
    """How many levels of tiles a tree has; one if it is empty."""
    levels = 1
    while size >> (HEIGHT * levels):
        levels += 1
    return levels


def _frontier(hashes: Sequence[bytes]) -> list[bytes]:
    """The roots of the complete subtrees over hashes of a level, the largest first."""
    frontier = Frontier()
    for each in hashes:
        frontier.append(each)
    return frontier.roots


def _root(hashes: Sequence[bytes]) -> bytes:
    """The root over a full tile; this is most of the work on a tree, so the function of `merkle` is written out."""
    sha256 = hashlib.sha256
    while len(hashes) > 1:
        hashes = [
            sha256(b"\x01" + left + right).digest() for left, right in zip(hashes[::2], hashes[1::2], strict=True)
        ]
    return hashes[0]


def _split(hashes: bytes) -> list[bytes]:
    return [hashes[at : at + HASH] for at in range(0, len(hashes), HASH)]
