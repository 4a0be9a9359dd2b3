"""An archive in an object store: OpenStack Swift by its S3 API, as many clouds run it."""

import os
import select
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree

import pytest
from pyarrow.fs import FileSystem

from eventstore.archive import format as layout
from eventstore.archive import segments
from eventstore.archive.errors import CannotRestore
from eventstore.archive.places import Bucket, place_of
from eventstore.archive.restore import check, restore
from eventstore.archive.write import archive
from eventstore.integrity import sealer
from tests.eventstore.archive import history
from tests.eventstore.archive.test_killed import run

PYTHON = Path(__file__).parents[3] / ".venv-swift" / "bin" / "python"
SERVER = Path(__file__).parent / "swift" / "server.py"
START_SECONDS = 120.0

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.once("an object store is the same for every database"),
    pytest.mark.skipif(not PYTHON.exists(), reason="needs Swift: make .venv-swift/bin/swift-proxy-server"),
]


@pytest.fixture
def port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test:tester")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with subprocess.Popen(
        [PYTHON, "-W", "ignore", SERVER, tmp_path / "swift"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as server:
        try:
            assert server.stdout
            assert select.select([server.stdout], [], [], START_SECONDS)[0], "Swift has not started."
            yield int(server.stdout.readline())
        finally:
            server.kill()
    rmtree(tmp_path / "swift")


def killed_at(calls: int) -> None:
    """Let this process be killed half-way through a file."""
    write, made = Bucket.write, 0

    def dying(place: Bucket, name: str, content: bytes) -> None:
        nonlocal made
        made += 1
        if made == calls:
            place.system.open_output_stream(name).write(content[: len(content) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        write(place, name, content)

    Bucket.write = dying  # type: ignore[method-assign, assignment]


# One test, as a process that has spoken to S3 must not be copied any more.
def test_an_archive_in_an_object_store_is_killed_goes_on_and_is_restored(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = f"?endpoint_override=127.0.0.1:{port}&scheme=http&region=us-east-1"
    address = f"s3://books/one{options}"
    monkeypatch.setattr(layout, "SEGMENT_HEIGHT", 4)  # a request takes long, for a file of a few rows
    monkeypatch.setattr(segments, "SAVED_EVERY", 1)
    history.write(40)
    history.write_persons()
    sealer.seal()

    def killed_run() -> None:
        FileSystem.from_uri(f"s3://books{options}&allow_bucket_creation=true")[0].create_dir("books")
        killed_at(9)
        archive(address)

    assert not run(killed_run)
    names = place_of(address).names()
    assert segments.PROGRESS in names
    assert "manifest" not in names
    with pytest.raises(CannotRestore, match="no manifest is there"):
        check(address)

    done = archive(address)
    left = {name for name in names if name.endswith(".parquet")}
    assert left
    assert left <= set(place_of(address).names())
    before = history.everything()
    assert (done.events, done.commands) == (len(before["events"]), len(before["commands"]))
    history.write(5)
    assert archive(address).new_events == 8

    with pytest.raises(OSError, match=r"no bucket nothing\. Make it first"):
        archive(f"s3://nothing/one{options}")
    with monkeypatch.context() as patch:
        patch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
        for work in (archive, check):
            with pytest.raises(OSError, match="refuses the keys"):
                work(address)

    before = history.everything()
    history.emptied()
    assert restore(address, rebuild=False).faults == 0
    after = history.everything()
    assert [after[name] for name in ("events", "commands", "keys")] == [
        before[name] for name in ("events", "commands", "keys")
    ]
