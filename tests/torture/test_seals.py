"""Seals under fire: two at once, killed ones, and writers that commit out of order. No head ever skips an event."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from io import StringIO
from pathlib import Path
from uuid import UUID

import pytest
from django.test import override_settings

from eventstore.execute import execute
from eventstore.integrity import trees
from eventstore.integrity.sealer import seal
from eventstore.integrity.trees import Tree
from eventstore.models import Command, Event, TreeHead
from eventstore.verifier import merkle, notes
from eventstore.verifier.seal_file import notes_in
from tests.eventstore.sample import Count
from tests.torture.test_feed_never_skips import another_transaction, append_raw
from tests.torture.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

TALLY = UUID(int=1)


@pytest.fixture(autouse=True)
def file(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "heads.txt"
    with override_settings(SEAL_FILE=str(path)):
        yield path


def count(times: int, of: str = "a") -> None:
    for number in range(times):
        execute(Count(TALLY, 1), f"{of} {number}", actor="ann")


def head_is_right(head: TreeHead) -> bool:
    """Whether a head is the root over all rows up to its position, computed from the rows alone."""
    events = Event.objects.filter(position__lte=head.position).order_by("position").values_list("position", "digest")
    commands = Command.objects.filter(number__lte=head.position).order_by("number").values_list("number", "digest")
    frontier = merkle.Frontier()
    for position, digest in events if head.tree == Tree.EVENTS else commands:
        frontier.append(merkle.leaf_hash(merkle.entry(position, bytes(digest))))
    return (frontier.size, frontier.root()) == (head.size, bytes(head.root))


def all_is_right(file: Path) -> None:
    """Assert that every head ever signed, also one that only the file has, is right and follows from those before."""
    heads = list(TreeHead.objects.order_by("id"))
    assert heads
    assert all(map(head_is_right, heads))
    node = {tree: trees.node(tree) for tree in Tree}
    for note in notes_in(StringIO(file.read_text())):
        head = notes.read_head(note)
        assert merkle.range_root(node[Tree(head.origin.rpartition("/")[2])], 0, head.size) == head.root


def test_sealers_at_once_sign_one_head_for_each_size(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trees, "PAGE", 3)
    for round_ in range(3):
        count(10, of=str(round_))
        signed = at_once([seal] * 3)
        assert [len(heads) for heads in signed if heads]
    all_is_right(file)
    assert sorted(TreeHead.objects.values_list("tree", "size")) == sorted(
        set(TreeHead.objects.values_list("tree", "size"))
    )
    assert len(list(notes_in(StringIO(file.read_text())))) == TreeHead.objects.count()


@pytest.mark.postgresql
def test_sealers_beside_writers_skip_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trees, "PAGE", 4)

    def write(of: str) -> None:
        for number in range(15):
            execute(Count(UUID(int=ord(of)), 1), f"{of} {number}", actor="ann")

    def seal_often() -> None:
        for _ in range(12):
            seal()

    tasks: list[Callable[[], None]] = [partial(write, "b"), partial(write, "c"), seal_often, seal_often]
    at_once(tasks)
    seal()
    all_is_right(file)
    assert trees.size(Tree.EVENTS) == Event.objects.count() == 30


@pytest.mark.postgresql
def test_a_head_never_skips_a_writer_that_lingers(file: Path) -> None:
    count(1)
    seal()
    with another_transaction() as slow:
        append_raw(slow, amount=1)
        execute(Count(UUID(int=2), 1), "faster", actor="ann")
        seal()
        assert trees.size(Tree.EVENTS) == 1, "The event above the lingering one is not sealed before it."
        slow.commit()
    seal()
    assert trees.size(Tree.EVENTS) == 3
    all_is_right(file)


@pytest.mark.parametrize(("point", "nth"), [("before commit", 2), ("after commit", 4)])
def test_a_sealer_that_was_killed_leaves_a_tree_that_grows_on(
    file: Path, program_environment: dict[str, str], point: str, nth: int
) -> None:
    count(10)
    command = [sys.executable, "-m", "tests.torture.crasher", "seal_all", point, str(nth)]
    environment = {**program_environment, "SEAL_FILE": str(file)}
    ended = subprocess.run(command, env=environment, check=False)
    assert ended.returncode == -signal.SIGKILL, "It did not come to this point."
    assert 0 < trees.size(Tree.EVENTS) <= 10
    seal()
    count(3, of="later")
    seal()
    all_is_right(file)
    assert trees.size(Tree.EVENTS) == 13
