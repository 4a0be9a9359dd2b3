"""Merkle trees as RFC 9162 has them, held against its definitions and against a published root."""

from collections.abc import Sequence

import pytest

from eventstore.verifier.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    inclusion_proof,
    is_consistent,
    is_included,
    leaf_hash,
    node_hash,
    range_root,
)

SIZE = 67
LEAVES = [leaf_hash(str(number).encode()) for number in range(SIZE)]

# The entries of Certificate Transparency's reference tests, and the root that they publish for them.
PUBLISHED = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
PUBLISHED_ROOT = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


def node(level: int, place: int) -> bytes:
    """The root of a complete subtree."""
    return node_hash(node(level - 1, 2 * place), node(level - 1, 2 * place + 1)) if level else LEAVES[place]


def defined_root(leaves: Sequence[bytes]) -> bytes:
    """The root by the definition of RFC 9162, 2.1.1."""
    if len(leaves) < 2:
        return leaves[0] if leaves else EMPTY_ROOT
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return node_hash(defined_root(leaves[:half]), defined_root(leaves[half:]))


ROOTS = [defined_root(LEAVES[:size]) for size in range(SIZE + 1)]


def test_the_published_root() -> None:
    tree = Frontier()
    for entry in PUBLISHED:
        tree.append(leaf_hash(bytes.fromhex(entry)))
    assert tree.root().hex() == PUBLISHED_ROOT


def test_a_tree_that_grows_has_the_defined_root_at_each_size() -> None:
    tree = Frontier()
    assert tree.root() == ROOTS[0]
    for leaf in LEAVES:
        tree = Frontier(tree.size, tree.roots)
        tree.append(leaf)
        assert tree.root() == ROOTS[tree.size] == range_root(node, 0, tree.size)


def test_a_frontier_that_does_not_fit_its_size_is_refused() -> None:
    with pytest.raises(ValueError, match="A tree of 3 leaves has not 1"):
        Frontier(3, [LEAVES[0]])


@pytest.mark.parametrize("size", range(1, SIZE + 1))
def test_each_leaf_is_proved_at_its_own_place_and_nowhere_else(size: int) -> None:
    for index in range(size):
        proof = inclusion_proof(node, index, size)
        assert is_included(LEAVES[index], index, size, proof, ROOTS[size])
        others = [(LEAVES[index - 1], index), (LEAVES[index], (index + 1) % size)] if size > 1 else []
        assert not any(is_included(leaf, place, size, proof, ROOTS[size]) for leaf, place in others)
        assert not is_included(LEAVES[index], index, size, [*proof, LEAVES[0]], ROOTS[size])
        assert not proof or not is_included(LEAVES[index], index, size, proof[:-1], ROOTS[size])
    assert not is_included(LEAVES[0], size, size, [], ROOTS[size])


@pytest.mark.parametrize("new", range(SIZE + 1))
def test_each_tree_is_proved_to_be_the_beginning_of_a_later_one(new: int) -> None:
    for old in range(new + 1):
        proof = consistency_proof(node, old, new)
        assert is_consistent(old, ROOTS[old], new, ROOTS[new], proof)
        assert not is_consistent(old, LEAVES[0] if old != 1 else LEAVES[1], new, ROOTS[new], proof)
        assert not is_consistent(old, ROOTS[old], new, ROOTS[new], [*proof, LEAVES[0]])
        assert not proof or not is_consistent(old, ROOTS[old], new, ROOTS[new], proof[:-1])
    assert not is_consistent(new + 1, ROOTS[new], new, ROOTS[new], [])
