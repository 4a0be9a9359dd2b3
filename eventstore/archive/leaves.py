"""Leaves of a segment, and roots over them and over whole trees."""

from collections.abc import Iterable, Sequence
from hashlib import sha256

from eventstore.archive.format import Segment, height
from eventstore.verifier.merkle import Frontier

HASH_BYTES = 32


def leaves_of(positions: Iterable[int], digests: Iterable[bytes]) -> list[bytes]:
    """The leaf of each row: `merkle.leaf_hash(merkle.entry(position, digest))`, without two calls for each."""
    pairs = zip(positions, digests, strict=True)
    return [sha256(b"\x00" + position.to_bytes(8, "big") + digest).digest() for position, digest in pairs]


def subtrees_of(leaves: Sequence[bytes]) -> list[bytes]:
    """The roots of the complete subtrees over some leaves, the largest first, as `merkle.Frontier` keeps them."""
    roots, begin = [], 0
    for bit in reversed(range(len(leaves).bit_length())):
        if len(leaves) & 1 << bit:
            roots.append(_complete(leaves[begin : begin + (1 << bit)]))
            begin += 1 << bit
    return roots


def _complete(level: Sequence[bytes]) -> bytes:
    """The root of a complete tree. A node is what `merkle.node_hash` makes, without a call for each."""
    while len(level) > 1:
        level = [sha256(b"\x01" + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=True)]
    return level[0]


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root of the tree over some leaves alone."""
    return Frontier(len(leaves), subtrees_of(leaves)).root()


def frontier_of(sealed: Sequence[Segment], rows: int = 0, subtrees: Sequence[bytes] = ()) -> Frontier:
    """The tree over full segments, each of which is a complete subtree of it, and the rows of one more."""
    over = Frontier()
    for segment in sealed:
        over.append(bytes.fromhex(segment.root))
    return Frontier((over.size << height()) + rows, [*over.roots, *subtrees])


def split(content: bytes) -> list[bytes]:
    """The leaves in a file of leaves."""
    return [content[at : at + HASH_BYTES] for at in range(0, len(content), HASH_BYTES)]
