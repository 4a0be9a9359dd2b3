"""Merkle trees as RFC 9162 has them: roots, proofs that an entry is in a tree, proofs that a tree has only grown.

All hashes are SHA-256 and 32 bytes long. A leaf's data is an *entry*: the position of a row of the log and its digest.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Final

__all__ = [
    "EMPTY_ROOT",
    "Frontier",
    "Node",
    "consistency_proof",
    "entry",
    "inclusion_proof",
    "is_consistent",
    "is_included",
    "leaf_hash",
    "node_hash",
    "range_root",
]

EMPTY_ROOT: Final = hashlib.sha256().digest()  # of a tree without leaves

Node = Callable[[int, int], bytes]  # level, place -> the root of the complete subtree over 2**level leaves there


def entry(position: int, digest: bytes) -> bytes:
    """What a leaf holds: a position of the log, or a number of the command store, and the digest of the row there."""
    return position.to_bytes(8, "big") + digest


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf; its prefix keeps a leaf from being taken for a node (RFC 9162, 2.1.1)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node over two others."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """A tree that grows, of which only the roots of its complete subtrees are kept, the largest first.

    Their sizes are the powers of two that make up `size`, so a tree of a billion leaves keeps thirty hashes at most.
    """

    def __init__(self, size: int = 0, roots: Iterable[bytes] = ()) -> None:
        """Go on with a tree of `size` leaves; raises ValueError unless there is a root for each of its subtrees."""
        self.size = size
        self.roots = list(roots)
        if size < 0 or len(self.roots) != size.bit_count():
            raise ValueError(f"A tree of {size} leaves has not {len(self.roots)} complete subtrees.")

    def append(self, leaf: bytes) -> None:
        """Add the hash of a leaf."""
        size, roots = self.size, self.roots
        while size & 1:
            leaf = node_hash(roots.pop(), leaf)
            size >>= 1
        roots.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """The root of the tree."""
        if not self.roots:
            return EMPTY_ROOT
        root = self.roots[-1]
        for left in self.roots[-2::-1]:
            root = node_hash(left, root)
        return root


def range_root(node: Node, begin: int, end: int) -> bytes:
    """The root over the leaves from `begin` up to, not including, `end`, as a tree has it: at least one leaf."""
    size = end - begin
    if size & (size - 1) == 0:
        return node(size.bit_length() - 1, begin // size)
    middle = begin + _split(size)
    return node_hash(range_root(node, begin, middle), range_root(node, middle, end))


def inclusion_proof(node: Node, index: int, size: int) -> list[bytes]:
    """The hashes with which the leaf at `index`, from 0, leads to the root of the first `size` leaves (2.1.3.1)."""
    begin, end, path = 0, size, list[bytes]()
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            path.append(range_root(node, middle, end))
            end = middle
        else:
            path.append(range_root(node, begin, middle))
            begin = middle
    return path[::-1]


def consistency_proof(node: Node, old: int, new: int) -> list[bytes]:
    """The hashes that show that the first `old` leaves are the beginning of the first `new` ones (2.1.4.1)."""
    begin, end, path, is_whole = 0, new, list[bytes](), True
    if old == 0:
        return []
    while old != end:
        middle = begin + _split(end - begin)
        if old <= middle:
            path.append(range_root(node, middle, end))
            end = middle
        else:
            path.append(range_root(node, begin, middle))
            begin, is_whole = middle, False
    return ([] if is_whole else [range_root(node, begin, end)]) + path[::-1]


def is_included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the hash of a leaf lies at `index`, from 0, in the tree with this size and root (2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(sibling, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def is_consistent(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the tree of `old` leaves is the beginning of that of `new` ones (2.1.4.2)."""
    if not 0 <= old <= new:
        return False
    if old in (0, new):
        return not proof and old_root == (new_root if old else EMPTY_ROOT)
    path = list(proof)
    if old & (old - 1) == 0:  # the old tree is a complete subtree of the new one
        path.insert(0, old_root)
    if not path:
        return False
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    first = second = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            second = node_hash(second, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root


def _split(size: int) -> int:
    """The largest power of two that is smaller than a size of 2 at least."""
    return 1 << ((size - 1).bit_length() - 1)
