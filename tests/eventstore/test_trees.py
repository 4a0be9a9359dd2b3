"""The trees over both stores: they equal one that is made of all leaves at once, whatever the pages were."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.db import connection

from eventstore.integrity import trees
from eventstore.integrity.trees import Tree, TreeDiffers
from eventstore.models import Command, Epoch, Event, Tile, TreeHead
from eventstore.verifier import merkle
from tests.eventstore.tampering import lift_guards

pytestmark = pytest.mark.django_db

AT = datetime(2026, 1, 2, tzinfo=UTC)
SIZES = (1, 2, 3, 255, 256, 257, 511, 512, 1_000)


def digest(position: int) -> bytes:
    return hashlib.sha256(b"%d" % position).digest()


def leaf(position: int) -> bytes:
    return merkle.leaf_hash(merkle.entry(position, digest(position)))


def store(positions: Sequence[int]) -> None:
    """Put events at these positions, whatever the database would have drawn."""
    lift_guards()
    Event.objects.bulk_create(
        Event(
            position=position,
            event_id=UUID(int=position),
            category="tally",
            stream_id=UUID(int=1),
            version=position,
            type="tally.counted",
            schema_version=1,
            data={},
            metadata={},
            recorded_at=AT,
            slot=1,
            digest=digest(position),
        )
        for position in positions
    )


def store_commands(numbers: Sequence[int]) -> None:
    lift_guards("eventstore_command")
    Command.objects.bulk_create(
        Command(
            number=number,
            command_id=UUID(int=number),
            actor="ann",
            key=str(number),
            fingerprint=bytes(32),
            type="tally.count",
            schema_version=1,
            data={},
            metadata={},
            accepted=True,
            response={},
            positions=[],
            recorded_at=AT,
            digest=digest(number),
        )
        for number in numbers
    )


def root(positions: Sequence[int]) -> bytes:
    """The root over these leaves, computed at once."""
    frontier = merkle.Frontier()
    for position in positions:
        frontier.append(leaf(position))
    return frontier.root()


def head_of(tree: Tree) -> bytes:
    size = trees.size(tree)
    return merkle.range_root(trees.node(tree), 0, size) if size else merkle.EMPTY_ROOT


@pytest.mark.parametrize("page", [100, 256, 5_000])
def test_a_tree_equals_the_one_of_all_leaves_whatever_the_pages_were(
    page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trees, "PAGE", page)
    positions = range(1, SIZES[-1] + 1)
    store(positions)
    before = 0
    for size in SIZES:
        assert trees.extend(Tree.EVENTS, size) == size - before
        assert trees.size(Tree.EVENTS) == size
        assert head_of(Tree.EVENTS) == root(positions[:size])
        before = size
    node = trees.node(Tree.EVENTS)  # every earlier tree can be had from today's
    assert all(merkle.range_root(node, 0, size) == root(positions[:size]) for size in range(1, SIZES[-1] + 1, 7))


@pytest.mark.parametrize("page", [1, 3, 4, 1_000])
def test_a_tree_of_many_levels_of_tiles_equals_the_one_of_all_leaves(
    page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trees, "PAGE", page)
    monkeypatch.setattr(trees, "HEIGHT", 2)
    monkeypatch.setattr(trees, "WIDTH", 4)
    positions = range(1, 4**3 + 7)
    store(positions)
    trees.extend(Tree.EVENTS, positions[-1])
    node = trees.node(Tree.EVENTS)
    assert all(merkle.range_root(node, 0, size) == root(positions[:size]) for size in positions)
    assert {tile.level for tile in Tile.objects.all()} == {0, 1, 2, 3}
    assert [trees.index_of(Tree.EVENTS, position) for position in positions] == [at - 1 for at in positions]


def test_the_commands_have_a_tree_of_their_own() -> None:
    store(range(1, 4))
    store_commands(range(1, 301))
    trees.extend(Tree.COMMANDS, 300)
    assert trees.size(Tree.EVENTS) == 0
    assert head_of(Tree.COMMANDS) == root(range(1, 301))


def test_only_rows_up_to_the_mark_become_leaves() -> None:
    store(range(1, 11))
    assert trees.extend(Tree.EVENTS, 7) == 7
    assert trees.extend(Tree.EVENTS, 7) == 0
    assert trees.end(Tree.EVENTS) == (7, 7)


def test_positions_with_gaps_have_leaves_without() -> None:
    positions = [position for position in range(1, 900) if position % 3 and not 300 < position < 500]
    store(positions)
    trees.extend(Tree.EVENTS, 2_000)
    assert head_of(Tree.EVENTS) == root(positions)
    some = range(0, len(positions), 9)
    assert [trees.index_of(Tree.EVENTS, positions[index]) for index in some] == list(some)


@pytest.mark.parametrize("position", [0, 3, 9, 11, 5_000])
def test_a_position_without_a_leaf_has_no_index(position: int) -> None:
    store([1, 2, 4, 5, 8, 11])
    trees.extend(Tree.EVENTS, 8)
    with pytest.raises(LookupError, match="no leaf"):
        trees.index_of(Tree.EVENTS, position)


def test_a_proof_is_made_of_the_tiles() -> None:
    store(range(1, 701))
    trees.extend(Tree.EVENTS, 700)
    node = trees.node(Tree.EVENTS)
    proof = merkle.inclusion_proof(node, trees.index_of(Tree.EVENTS, 300), 700)
    assert merkle.is_included(leaf(300), 299, 700, proof, root(range(1, 701)))
    grown = merkle.consistency_proof(node, 300, 700)
    assert merkle.is_consistent(300, root(range(1, 301)), 700, root(range(1, 701)), grown)


def test_a_node_sees_a_tree_that_grows() -> None:
    node = trees.node(Tree.EVENTS)
    store(range(1, 301))
    for size in (3, 4, 256, 300):
        trees.extend(Tree.EVENTS, size)
        assert merkle.range_root(node, 0, size) == root(range(1, size + 1))
    with pytest.raises(LookupError, match="no complete subtree"):
        node(0, 300)


def test_a_tree_that_was_dropped_is_made_anew() -> None:
    store(range(1, 11))
    trees.extend(Tree.EVENTS, 10)
    trees.clear(Tree.EVENTS)
    assert trees.end(Tree.EVENTS) == (0, 0)
    pages: list[int] = []
    assert trees.extend(Tree.EVENTS, 10, pages.append) == 10
    assert pages == [10]
    assert head_of(Tree.EVENTS) == root(range(1, 11))


@pytest.mark.parametrize("change", ["DELETE FROM", "UPDATE"])
def test_a_tree_whose_last_rows_were_changed_is_not_extended(change: str) -> None:
    store(range(1, 11))
    trees.extend(Tree.EVENTS, 8)
    with connection.cursor() as cursor:
        if change == "UPDATE":
            cursor.execute("UPDATE eventstore_event SET digest = %s WHERE position = 8", [digest(99)])
        else:
            cursor.execute("DELETE FROM eventstore_event WHERE position = 5")
    with pytest.raises(TreeDiffers, match="events"):
        trees.extend(Tree.EVENTS, 10)
    assert trees.size(Tree.EVENTS) == 8


def head(epoch: int, size: int, position: int) -> None:
    row = TreeHead(tree=Tree.EVENTS, epoch=epoch, size=size, position=position, root=bytes(32), note="", signed_at=AT)
    TreeHead.objects.bulk_create([row])


def test_the_head_over_a_leaf_is_the_earliest_that_is_still_one() -> None:
    log_id = Epoch.objects.get().log_id
    for size, position in ((10, 10), (20, 22), (30, 35)):
        head(1, size, position)
    Epoch.objects.bulk_create([Epoch(epoch=2, log_id=log_id, position=25, number=0, cause="restored", began_at=AT)])
    head(2, 40, 50)
    covering = [trees.head_over(Tree.EVENTS, index) for index in (0, 9, 10, 19, 20, 39, 40)]
    assert [each.size if each else None for each in covering] == [10, 10, 20, 20, 40, 40, None]
    assert trees.newest_head(Tree.EVENTS) == TreeHead.objects.get(size=40)
    assert trees.newest_head(Tree.COMMANDS) is None
