"""Seals: what is new is signed, kept outside, and stored; what contradicts an earlier head is never signed."""

import base64
from collections.abc import Iterator
from io import StringIO
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from eventstore.execute import execute
from eventstore.integrity import outside, seal_keys, sealer, trees
from eventstore.integrity.sealer import origin, seal
from eventstore.integrity.trees import Tree, TreeDiffers
from eventstore.integrity.verify import Scope, verify
from eventstore.integrity.verify.outside import notes_in as read_notes
from eventstore.log.identity import begin_epoch, identity
from eventstore.models import Epoch, Event, Tile, TreeHead
from eventstore.verifier import merkle, notes
from eventstore.verifier.seal_file import CUT_OFF, notes_in
from tests.crash_points import Crash, crashing
from tests.eventstore.full_disk import room_for
from tests.eventstore.sample import Count
from tests.eventstore.tampering import lift_guards
from tests.role_fixtures import acting

pytestmark = pytest.mark.django_db

TALLY = UUID(int=1)
OTHER_KEY = base64.b64encode(bytes(range(7, 39))).decode()


@pytest.fixture(autouse=True)
def file(tmp_path: Path) -> Iterator[Path]:
    """The file outside, and a name."""
    path = tmp_path / "heads.txt"
    with override_settings(SEAL_FILE=str(path), SEAL_NAME="bank.example"):
        yield path


def count(times: int = 1) -> None:
    before = Event.objects.count()
    for number in range(before, before + times):
        execute(Count(TALLY, 1 if number < 90 else -1), f"key {number}", actor="ann")


def heads_in(file: Path) -> list[notes.Head]:
    return [notes.read_head(note) for note in notes_in(StringIO(file.read_text()))]


def test_both_trees_are_sealed_and_the_heads_are_kept_in_three_places(file: Path) -> None:
    count(5)
    heads = seal()
    assert [(head.tree, head.size, head.epoch) for head in heads] == [("events", 5, 1), ("commands", 5, 1)]
    assert list(TreeHead.objects.order_by("id")) == heads
    assert list(notes_in(StringIO(file.read_text()))) == [head.note for head in heads]


def test_a_head_is_a_note_that_any_verifier_of_transparency_logs_reads() -> None:
    count(3)
    (head, _) = seal()
    lines = head.note.split("\n")
    log_id = Epoch.objects.get().log_id
    rows = Event.objects.order_by("position").values_list("position", "digest")
    frontier = merkle.Frontier()
    for position, digest in rows:
        frontier.append(merkle.leaf_hash(position.to_bytes(8, "big") + bytes(digest)))
    root = base64.b64encode(frontier.root()).decode()
    assert lines[:4] == [f"bank.example/{log_id}/1/events", "3", root, ""]
    assert lines[4].startswith("— bank.example ")
    assert lines[5:] == [""]
    signature = base64.b64decode(lines[4].split(" ")[2])
    key = seal_keys.signing_key().public_key()
    key.verify(signature[4:], "\n".join([*lines[:3], ""]).encode())  # raises if it does not fit
    assert head.position == rows[2][0]
    assert bytes(head.root) == frontier.root()


def test_where_nothing_is_new_nothing_is_signed(file: Path) -> None:
    assert seal() == []
    count()
    assert len(seal()) == 2
    before = file.read_bytes()
    assert seal() == []
    assert file.read_bytes() == before
    assert TreeHead.objects.count() == 2


def test_a_refused_command_grows_the_tree_of_commands_alone() -> None:
    count()
    seal()
    execute(Count(TALLY, 1_000), "too many", actor="ann")
    assert [head.tree for head in seal()] == ["commands"]


def test_a_seal_costs_what_is_new() -> None:
    count(2)
    seal()
    costs = []
    for times in (1, 40, 1):
        count(times)
        with CaptureQueriesContext(connection) as queries:
            seal()
        costs.append(len(queries))
    assert costs[0] == costs[1] == costs[2]
    assert Tile.objects.count() == 2


def test_a_new_epoch_has_heads_of_its_own() -> None:
    count(2)
    seal()
    begin_epoch(Epoch.Cause.DECLARED, "a drill")
    heads = seal()
    assert [(head.epoch, head.size) for head in heads] == [(2, 2), (2, 2)]
    assert heads[0].note.startswith(f"{origin(Tree.EVENTS, identity())}\n2\n")


def test_every_head_follows_from_the_one_before() -> None:
    found = []
    for times in (1, 2, 4, 1, 20):
        count(times)
        found.append(seal()[0])
    node = trees.node(Tree.EVENTS)
    for old, new in pairwise(found):
        proof = merkle.consistency_proof(node, old.size, new.size)
        assert merkle.is_consistent(old.size, bytes(old.root), new.size, bytes(new.root), proof)


def delete_from_tree() -> None:
    """Forget the last leaf, as a database does that was restored without a new epoch."""
    lift_guards()
    lift_guards("eventstore_treehead")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM eventstore_tile")
        cursor.execute("DELETE FROM eventstore_treehead")
        cursor.execute("DELETE FROM eventstore_event WHERE position = (SELECT max(position) FROM eventstore_event)")


@pytest.mark.postgresql
def test_the_role_of_the_site_can_seal(granted: None) -> None:
    with acting():
        count(2)
        assert len(seal()) == 2
        begin_epoch(Epoch.Cause.DECLARED)
        trees.clear(Tree.EVENTS)  # as the first seal of an epoch may have to
        assert len(seal()) == 2


def test_what_contradicts_a_head_that_is_kept_outside_is_not_signed(file: Path) -> None:
    count(5)
    seal()
    before = file.read_bytes()
    delete_from_tree()
    with pytest.raises(TreeDiffers, match="over 5 leaves"):
        seal()
    begin_epoch(Epoch.Cause.NOTICED)
    assert seal()[0].size == 4
    assert file.read_bytes().startswith(before)


def test_a_tree_that_was_rewritten_is_not_signed() -> None:
    count(5)
    seal()
    Tile.objects.filter(tree=Tree.EVENTS, level=0).update(hashes=bytes(4 * 32) + trees_last())
    count()
    with pytest.raises(TreeDiffers, match="over 5 leaves"):
        seal()


def trees_last() -> bytes:
    return bytes(Tile.objects.get(tree=Tree.EVENTS, level=0).hashes)[-32:]


def test_a_new_epoch_makes_a_tree_anew_that_does_not_fit_the_rows_any_more() -> None:
    count(5)
    seal()
    lift_guards()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM eventstore_event WHERE position = (SELECT max(position) FROM eventstore_event)")
    with pytest.raises(TreeDiffers, match="last leaf"):
        seal()
    begin_epoch(Epoch.Cause.RESTORED)
    assert [(head.epoch, head.size) for head in seal()] == [(2, 4), (2, 5)]


def test_the_first_head_of_a_new_key_is_signed_by_the_old_one_too(tmp_path: Path) -> None:
    count()
    old = seal_keys.public(seal_keys.signing_key())
    path = tmp_path / "keys"
    path.write_text(base64.b64encode(seal_keys.signing_key().private_bytes_raw()).decode() + "\n")
    path.chmod(0o600)
    with override_settings(SEAL_KEY="", SEAL_KEY_FILE=str(path)):
        seal()
        new = seal_keys.make_key()
        assert seal_keys.known_keys() == [new, old]
        changed = seal()  # nothing else is new
        assert [set(sealer._signers(head.note)) for head in changed] == [{new, old}, {new, old}]
        assert notes.opened(changed[0].note, [old])[1] == [old]
        count()
        assert [sealer._signers(head.note) for head in seal()] == [[new], [new]]


def test_without_a_key_nothing_is_made(file: Path) -> None:
    count()
    with override_settings(SEAL_KEY="", SEAL_KEY_FILE=""), pytest.raises(ImproperlyConfigured, match="--new-key"):
        seal()
    assert not Tile.objects.exists()
    assert not file.exists()


def test_a_head_that_can_not_be_kept_outside_is_not_stored(tmp_path: Path) -> None:
    count()
    with override_settings(SEAL_FILE=str(tmp_path / "nowhere" / "heads")), pytest.raises(FileNotFoundError):
        seal()
    assert not TreeHead.objects.exists()
    assert len(seal()) == 2


def test_a_head_that_was_kept_outside_alone_does_no_harm(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    count(3)

    def crash(note: str) -> None:
        append(note)
        raise Crash

    append = outside.append
    with monkeypatch.context() as patch:
        patch.setattr(outside, "append", crash)
        with pytest.raises(Crash):
            seal()
    assert not TreeHead.objects.exists()
    assert [head.size for head in heads_in(file)] == [3]
    count()
    assert [head.size for head in seal()] == [4, 4]
    assert [head.size for head in heads_in(file)] == [3, 4, 4]


def test_a_file_that_lacks_the_newest_head_gets_it(file: Path) -> None:
    count()
    heads = seal()
    file.unlink()
    assert seal() == []
    assert list(notes_in(StringIO(file.read_text()))) == [head.note for head in heads]


@pytest.mark.parametrize("left", [[0], [1, 1, 1], [50, 60], [106], [107], [108, 1], [109, 2], [150, 1, 1], [150, 30]])
def test_a_file_without_room_gets_all_heads_once_there_is_some(
    file: Path, monkeypatch: pytest.MonkeyPatch, left: list[int]
) -> None:
    """The beginning of a head may be in it, again and again, as each attempt finds a little room."""
    count()
    seal()
    append, heads, rooms = outside.append, TreeHead.objects.count(), iter(left)

    def append_to_a_full_disk(note: str) -> None:
        with room_for(file.stat().st_size + next(rooms)):
            append(note)

    monkeypatch.setattr(outside, "append", append_to_a_full_disk)
    count()
    for _ in left:
        with pytest.raises(OSError, match="File too large"):
            seal()
    assert TreeHead.objects.count() == heads
    monkeypatch.undo()
    later = seal()
    assert [head.size for head in later] == [2, 2]
    with override_settings(SEAL_FILE=str(file)):
        report = verify(Scope(seals=file))
    assert (report.faults.named, report.heads_outside) == ([], heads + 2)
    with file.open(encoding="utf-8", errors="replace") as lines:
        assert {head.note for head in TreeHead.objects.all()} <= set(notes_in(lines))


@pytest.mark.parametrize("cut", [1, 2, 20, 80, 130, 150, 190, 200])
def test_a_note_that_a_crash_has_cut_off_spoils_none_after_it(file: Path, cut: int) -> None:
    count()
    first, other = seal()
    whole = file.read_bytes()
    file.write_bytes(whole[:-cut])
    count()
    second = seal()[0]
    found = list(notes_in(StringIO(file.read_text())))
    assert found[0] == first.note
    assert second.note in found
    assert set(found) <= {first.note, other.note, second.note, TreeHead.objects.order_by("-id")[0].note}
    assert outside.newest(origin(Tree.EVENTS, identity()), seal_keys.known_keys()) == notes.read_head(second.note)


def test_pieces_that_a_full_disk_leaves_in_a_file_that_only_grows_spoil_nothing(file: Path) -> None:
    """Wherever a note ends, and wherever the mark that should have followed it does."""
    count()
    seal()
    before = file.read_bytes()
    count()
    event, command = (head.note for head in seal())
    newest = notes.read_head(event)
    pieces = [event.encode()[:length] for length in range(1, len(event.encode()))]
    pieces += [piece + CUT_OFF.encode()[:length] for piece in pieces[::7] for length in (1, 9, len(CUT_OFF) - 1)]
    for piece in pieces:
        file.write_bytes(before + piece)
        assert None not in notes_of_log(file), piece
        outside.append(event)
        outside.append(command)
        found = notes_of_log(file)
        assert None not in found, piece
        assert found[-2:] == [event, command], piece
        with file.open(errors="replace") as lines:
            assert list(notes_in(lines))[-2:] == [event, command], piece
        assert outside.newest(newest.origin, seal_keys.known_keys()) == newest


def notes_of_log(file: Path) -> list[str | None]:
    """The notes as `verify` reads them, None for what is no part of one."""
    with file.open(errors="replace", newline="") as lines:
        return [note for _line, note in read_notes(lines)]


def test_a_note_of_a_stranger_in_the_file_is_no_head_of_ours(file: Path) -> None:
    count()
    head = notes.Head(origin(Tree.EVENTS, identity()), 99, bytes(32))
    stranger = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    file.write_text(f"{head.text}\n{notes.sign(head.text, 'bank.example', stranger)}\n")
    assert [head.size for head in seal()] == [1, 1]


@pytest.mark.django_db(transaction=True)
def test_a_sealer_that_was_stopped_anywhere_leaves_a_tree_that_grows_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """`tests/torture` kills a process; here the transactions of one are broken off, each before and after its end."""
    monkeypatch.setattr(trees, "PAGE", 3)

    def explode() -> None:
        raise Crash

    for nth in range(1, 6):
        for point in ("before commit", "after commit"):
            count(5)
            with crashing(point, explode, nth), pytest.raises(Crash):
                seal()
            seal()
    frontier = merkle.Frontier()
    for position, digest in Event.objects.order_by("position").values_list("position", "digest"):
        frontier.append(merkle.leaf_hash(merkle.entry(position, bytes(digest))))
    heads = TreeHead.objects.filter(tree=Tree.EVENTS).order_by("id")
    assert bytes(heads.reverse()[0].root) == frontier.root()
    assert len({head.size for head in heads}) == len(heads)
