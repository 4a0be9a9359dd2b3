"""Archives: checked without a reader of Parquet, by files and leaves, against their own heads and kept ones."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from eventstore.verifier.check import Report, check
from eventstore.verifier.notes import sign
from tests.eventstore.verifier.sealed import COMMANDS, EVENTS, KEY, PRIVATE, Json, Tree


def written(folder: Path, name: str, content: bytes) -> Json:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(content)
    return {"name": name, "rows": 1, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def tree_of(folder: Path, tree: Tree) -> Json:
    """The part of a manifest about a tree of one segment."""
    rows = written(folder, f"{tree.name}/0-a.parquet", b"PAR1")
    leaves = written(folder, f"{tree.name}/0-a.leaves", b"".join(tree.leaves))
    segment = {**rows, "rows": len(tree.leaves), "leaves": leaves["name"], "leaves_sha256": leaves["sha256"]}
    return {"size": len(tree.leaves), "root": tree.head(len(tree.leaves)).root.hex(), "segments": [segment]}


def line(tree: Tree, size: int) -> str:
    return json.dumps({"epoch": 1, "position": 10 * size, "note": tree.note(size)})


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    folder.mkdir()
    heads = "\n".join([line(EVENTS, 3), line(COMMANDS, 3), line(EVENTS, 7)])
    manifest = {
        "format": "tidemark archive",
        "version": 1,
        "log_id": "0190a6f2-7c3e-7d4a-8b1f-3c2d1e0f9a8b",
        "epochs": [{"epoch": 1, "position": 0, "number": 0}],
        "events": tree_of(folder, EVENTS),
        "commands": tree_of(folder, COMMANDS),
        "heads": {"segments": [written(folder, "heads/0-a.jsonl", heads.encode())]},
        "erasures": written(folder, "erasures/0-a.jsonl", b""),
        "closed": written(folder, "closed/0-a.jsonl", b""),
        "keys": {"place": "left out", "site": None, "subjects": None},
        "tables": {},
    }
    write(folder, manifest)
    return folder


def write(folder: Path, manifest: Json, *, signed: bool = True) -> None:
    text = json.dumps(manifest, indent=1) + "\n"
    (folder / "manifest").write_text(f"{text}\n{sign(text, KEY.name, PRIVATE)}" if signed else text)


def changed(folder: Path, change: Callable[[Json], object]) -> None:
    """Change the manifest, and sign it again."""
    manifest = json.loads((folder / "manifest").read_text().partition("\n\n")[0])
    change(manifest)
    write(folder, manifest)


def look(folder: Path, *kept: str) -> Report:
    heads = []
    for number, note in enumerate(kept):
        heads.append(folder.parent / f"kept-{number}.txt")
        heads[-1].write_text(note)
    return check([folder], [KEY], heads)


def test_a_whole_one_holds(archive: Path) -> None:
    report = look(archive)
    assert report.exit_code == 0, (report.wrong, report.unchecked)
    assert [finding.head.size for finding in report.findings] == [7, 3]


def test_kept_heads_must_be_those_of_its_leaves(archive: Path) -> None:
    assert look(archive, EVENTS.note(5), COMMANDS.note(2)).exit_code == 0
    other = Tree("events", [(number, bytes(32)) for number in range(7)])
    report = look(archive, other.note(5), COMMANDS.note(2))
    assert report.exit_code == 3
    assert "the head that you keep" in report.wrong[0][1]


def test_a_kept_head_of_more_leaves_is_not_covered(archive: Path) -> None:
    more = Tree("events", [(number, bytes(32)) for number in range(9)])
    assert look(archive, more.note(9), COMMANDS.note(2)).exit_code == 1


@pytest.mark.parametrize("name", ["events/0-a.parquet", "events/0-a.leaves", "commands/0-a.leaves", "heads/0-a.jsonl"])
def test_a_file_that_was_changed_is_found(archive: Path, name: str) -> None:
    content = (archive / name).read_bytes()
    (archive / name).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    report = look(archive)
    assert report.exit_code == 3
    assert name in report.wrong[0][1]
    (archive / name).unlink()
    assert look(archive).exit_code == 3


def test_a_manifest_that_was_changed_is_found(archive: Path) -> None:
    text = (archive / "manifest").read_text()
    (archive / "manifest").write_text(text.replace('"size": 7', '"size": 6'))
    assert look(archive).exit_code == 3


def test_leaves_that_were_changed_with_all_that_names_them_do_not_fit_the_heads(archive: Path) -> None:
    """As who has the key could: but heads were signed before."""
    other = Tree("events", [(number, bytes(32)) for number in range(7)])
    changed(archive, lambda manifest: manifest.update(events=tree_of(archive, other)))
    report = look(archive)
    assert report.exit_code == 3
    assert "its own head" in report.wrong[0][1]


def test_without_a_key_it_is_not_said_whose_it_is(archive: Path) -> None:
    report = check([archive], [])
    assert report.exit_code == 1
    assert "--key" in report.unchecked[0][1]


def test_names_lead_nowhere_else(archive: Path) -> None:
    changed(archive, lambda manifest: manifest["erasures"].update(name="../manifest"))
    assert look(archive).exit_code == 1


def test_a_head_that_a_restore_has_cut_off_does_not_bind(archive: Path) -> None:
    other = Tree("events", [(number, bytes(32)) for number in range(7)])
    lost = written(archive, "heads/0-b.jsonl", line(other, 7).encode())
    epochs = [{"epoch": 1, "position": 0, "number": 0}, {"epoch": 2, "position": 60, "number": 30}]
    changed(archive, lambda manifest: manifest.update(heads={"segments": [lost]}, epochs=epochs))
    assert look(archive).exit_code == 0


def test_a_folder_that_is_no_archive_is_not_checked(tmp_path: Path) -> None:
    assert look(tmp_path).exit_code == 1
