"""Whatever is changed in an archive is found before anything is restored, also by whoever can make checksums anew."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pyarrow as pa
import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from eventstore.archive import columns, manifest
from eventstore.archive import format as layout
from eventstore.archive.errors import CannotRestore
from eventstore.archive.format import Manifest
from eventstore.archive.leaves import leaves_of, root_of
from eventstore.archive.places import Folder
from eventstore.archive.restore import check
from eventstore.archive.write import archive
from eventstore.integrity import seal_keys, sealer
from eventstore.keys import ring
from eventstore.verifier import notes
from tests.eventstore.archive import history

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def pristine(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Path:
    """An archive for all tests; its log is rolled back."""
    place = tmp_path_factory.mktemp("archives") / "archive"
    with django_db_blocker.unblock(), transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(layout, "SEGMENT_HEIGHT", 3)
        history.write(30)
        history.write_persons()
        sealer.seal()
        archive(str(place))
        transaction.set_rollback(True)
    ring.forget()
    return place


@pytest.fixture
def folder(pristine: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(pristine, tmp_path / "archive"))


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))


def opened(folder: Path) -> dict[str, Any]:
    body, _, _ = (folder / "manifest").read_text().partition("\n\n")
    found: dict[str, Any] = json.loads(body)
    return found


def signed(folder: Path, changed: dict[str, Any]) -> None:
    """A manifest that the site's own key has signed, as if the program had written it."""
    manifest.write(Folder(folder), msgspec.convert(changed, Manifest))


def test_a_sound_archive_is_sound(folder: Path) -> None:
    check(str(folder))


def test_each_kind_of_file_is_looked_at(folder: Path) -> None:
    """One flipped bit in each file, at a random place."""
    chance = Random(15)
    for path in files(folder):
        content = path.read_bytes()
        if not content:
            continue
        at = chance.randrange(len(content))
        path.write_bytes(content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :])
        with pytest.raises(CannotRestore):
            check(str(folder))
        path.write_bytes(content)
    check(str(folder))


def test_each_file_is_needed(folder: Path) -> None:
    for path in files(folder):
        shutil.move(path, folder.parent / "away")
        with pytest.raises(CannotRestore):
            check(str(folder))
        shutil.move(folder.parent / "away", path)
    check(str(folder))


def test_files_that_are_cut_short_or_swapped_are_found(folder: Path) -> None:
    segments = sorted((folder / "events").glob("*.parquet"))
    content = segments[0].read_bytes()
    segments[0].write_bytes(content[:-1])
    with pytest.raises(CannotRestore, match="checksum"):
        check(str(folder))
    segments[0].write_bytes(segments[1].read_bytes())
    segments[1].write_bytes(content)
    with pytest.raises(CannotRestore, match="checksum"):
        check(str(folder))


def test_an_edited_manifest_is_not_trusted(folder: Path) -> None:
    text = (folder / "manifest").read_text()
    (folder / "manifest").write_text(text.replace('"generation": 1', '"generation": 2'))
    with pytest.raises(CannotRestore, match="signature"):
        check(str(folder))
    (folder / "manifest").write_text(text.partition("\n\n")[0] + "\n")
    with pytest.raises(CannotRestore, match="Nobody has signed"):
        check(str(folder))


def without_a_segment(said: dict[str, Any]) -> None:
    del said["events"]["segments"][1]


def with_swapped_segments(said: dict[str, Any]) -> None:
    said["events"]["segments"][:2] = said["events"]["segments"][1::-1]


def without_the_last_segment(said: dict[str, Any]) -> None:
    gone = said["events"]["segments"].pop()
    said["events"]["size"] -= gone["rows"]
    said["events"]["last"] = said["events"]["segments"][-1]["last"]


def with_another_root(said: dict[str, Any]) -> None:
    said["events"]["root"] = "00" * 32


def with_leaves_of_another(said: dict[str, Any]) -> None:
    first, second = said["events"]["segments"][:2]
    first["leaves"], second["leaves"] = second["leaves"], first["leaves"]
    first["leaves_sha256"], second["leaves_sha256"] = second["leaves_sha256"], first["leaves_sha256"]


def with_a_way_out(said: dict[str, Any]) -> None:
    said["erasures"]["name"] = "erasures/../../../etc/passwd"


def with_an_absolute_name(said: dict[str, Any]) -> None:
    said["closed"]["name"] = "/etc/passwd"


def with_a_hidden_name(said: dict[str, Any]) -> None:
    said["closed"]["name"] = "closed/..\n"


def with_a_huge_number(said: dict[str, Any]) -> None:
    said["mark"]["position"] = 2**63


def with_a_negative_number(said: dict[str, Any]) -> None:
    said["events"]["segments"][0]["rows"] = -1


def of_a_later_version(said: dict[str, Any]) -> None:
    said["version"] = 2


def of_a_later_schema(said: dict[str, Any]) -> None:
    said["schemas"]["events"]["tally.counted"] = [1, 2]


def of_an_unknown_type(said: dict[str, Any]) -> None:
    said["schemas"]["commands"]["tally.unheard"] = [1]


def without_a_type(said: dict[str, Any]) -> None:
    del said["schemas"]["events"]["tally.counted"]


def with_a_table_that_nobody_knows(said: dict[str, Any]) -> None:
    said["tables"]["auth.Nothing"] = said["closed"]


def without_heads(said: dict[str, Any]) -> None:
    said["heads"]["segments"][0]["rows"] = 1


@pytest.mark.parametrize(
    "change",
    [
        *(without_a_segment, with_swapped_segments, without_the_last_segment, with_another_root),
        *(with_leaves_of_another, with_a_way_out, with_an_absolute_name, with_a_hidden_name, with_a_huge_number),
        *(with_a_negative_number, of_a_later_version, of_a_later_schema, of_an_unknown_type, without_a_type),
        *(with_a_table_that_nobody_knows, without_heads),
    ],
)
def test_a_manifest_that_is_signed_but_wrong_is_refused(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    said = opened(folder)
    change(said)
    text = json.dumps(said, indent=1) + "\n"
    key = seal_keys.private_keys()[0]
    (folder / "manifest").write_text(text + "\n" + notes.sign(text, seal_keys.name(), key))
    with pytest.raises(CannotRestore):
        check(str(folder))


def forged(folder: Path, store: str, number: int, change: Callable[[dict[str, list[Any]]], None]) -> None:
    """Change rows of a segment, and make all anew that can be made without the digests: file, name, manifest."""
    said = opened(folder)
    segment = said[store]["segments"][number]
    (found,) = columns.decode(store, segment["name"], (folder / segment["name"]).read_bytes())
    change(found)
    content = columns.encode(store, pa.table(found, schema=columns.SCHEMAS[store]))
    (folder / segment["name"]).write_bytes(content)
    segment["bytes"], segment["sha256"] = len(content), hashlib.sha256(content).hexdigest()
    signed(folder, said)


@pytest.mark.parametrize(
    ("store", "column", "value"),
    [
        ("events", "data", '{"amount":3,"tally_id":"00000000-0000-0000-0000-000000000064","total":3}'),
        ("events", "metadata", '{"actor":"eve"}'),
        ("events", "version", 7),
        ("events", "recorded_at", 1),
        ("events", "type", "tally.reset"),
        ("events", "category", "other"),
        ("events", "position", 10**6),
        ("commands", "actor", "eve"),
        ("commands", "key", "another"),
        ("commands", "response", '{"total":99}'),
        ("commands", "accepted", False),
        ("commands", "positions", [1]),
        ("commands", "positions", []),
        ("commands", "fingerprint", bytes(32)),
    ],
)
def test_a_forged_row_is_found_by_its_digest(folder: Path, store: str, column: str, value: Any) -> None:
    def change(found: dict[str, list[Any]]) -> None:
        found[column][3] = value

    forged(folder, store, 1, change)
    with pytest.raises(CannotRestore):
        check(str(folder))


def test_a_row_that_is_forged_with_its_leaves_and_roots_is_found_by_the_signed_head(folder: Path) -> None:
    """Whoever makes digests, leaves and roots anew can't make the head that was signed; here of the last segment."""
    said = opened(folder)
    tree = said["commands"]
    for segment in tree["segments"]:
        leaves = (folder / segment["leaves"]).read_bytes()
        changed = leaves_of([segment["first"]], [bytes(32)])[0] + leaves[32:]
        (folder / segment["leaves"]).write_bytes(changed)
        segment["leaves_sha256"] = hashlib.sha256(changed).hexdigest()
        segment["root"] = root_of([changed[at : at + 32] for at in range(0, len(changed), 32)]).hex()
    signed(folder, said)
    with pytest.raises(CannotRestore):
        check(str(folder))
