"""Leaves of a segment, and roots over them and over whole trees."""

from collections.abc import Iterable, Sequence
from hashlib import sha256

from eventstore.archive.format import Segment, height
from eventstore.verifier.merkle import EMPTY_ROOT, Frontier, node_hash

HASH_BYTES = 32


def leaves_of(positions: Iterable[int], digests: Iterable[bytes]) -> list[bytes]:
    """The leaf of each row: `merkle.leaf_hash(merkle.entry(position, digest))`, without two calls for each."""
    pairs = zip(positions, digests, strict=True)
    return [sha256(b"\x00" + position.to_bytes(8, "big") + digest).digest() for position, digest in pairs]


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root of the tree over some leaves alone, level by level: a last one without a neighbour moves up as it is."""
    level = list(leaves)
    if not level:
        return EMPTY_ROOT
    while len(level) > 1:
        odd = [level.pop()] if len(level) % 2 else []
        level = [node_hash(left, right) for left, right in zip(level[::2], level[1::2], strict=True)] + odd
    return level[0]


def frontier_of(sealed: Sequence[Segment]) -> Frontier:
    """The tree over full segments, each of which is a complete subtree of it."""
    over = Frontier()
    for segment in sealed:
        over.append(bytes.fromhex(segment.root))
    return Frontier(over.size << height(), over.roots)


def split(content: bytes) -> list[bytes]:
    """The leaves in a file of leaves."""
    return [content[at : at + HASH_BYTES] for at in range(0, len(content), HASH_BYTES)]
