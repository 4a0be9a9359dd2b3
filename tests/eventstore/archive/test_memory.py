"""What archives and restores keep in memory does not grow with the log."""

from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from eventstore.archive import columns, lines, scratch
from eventstore.archive.restore import check, restore
from eventstore.archive.scratch import Scratch
from eventstore.archive.write import archive
from eventstore.integrity import sealer
from eventstore.integrity.digests import NO_DIGEST
from eventstore.models import SubjectKey
from tests.eventstore.archive import history

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.once("looks at no database")
def test_the_ends_of_streams_are_kept_but_not_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scratch, "HELD", 10)
    ends, streams = Scratch(), [uuid4().bytes for _ in range(100)]
    for version in (1, 2):
        for stream in streams:
            assert ends.end(stream)[0] == version - 1
            ends.move_end(stream, version, f"{version}")
            assert len(ends.held) <= 10
    assert {ends.end(stream) for stream in streams} == {(2, "2")}
    assert ends.end(b"another") == (0, NO_DIGEST)


def test_a_restore_is_the_same_however_little_it_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    history.write(30)
    history.write_persons()
    sealer.seal()
    history.write(5)
    sealer.seal()
    before = history.everything()
    archive(str(tmp_path))
    history.emptied()
    for module, name, value in ((scratch, "HELD", 1), (columns, "BATCH", 3), (lines, "HELD_BYTES", 16)):
        monkeypatch.setattr(module, name, value)
    restored = restore(str(tmp_path), rebuild=False)
    assert restored.faults == 0
    after = history.everything()
    assert [after[name] for name in ("events", "commands", "keys")] == [
        before[name] for name in ("events", "commands", "keys")
    ]


def test_rows_are_decoded_some_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    history.write(30)
    archive(str(tmp_path))
    monkeypatch.setattr(columns, "BATCH", 4)
    decoded, sizes = columns.decode, list[int]()

    def watched(*arguments: object) -> object:
        for found in decoded(*arguments):  # type: ignore[arg-type]
            sizes.append(max(map(len, found.values())))
            yield found

    monkeypatch.setattr(columns, "decode", watched)
    check(str(tmp_path))
    assert len(sizes) > 10
    assert max(sizes) <= 4


def test_keys_of_persons_are_stored_many_at_a_time(tmp_path: Path) -> None:
    history.write(1)
    history.write_persons()
    known = SubjectKey.objects.exclude(wrapped=None).latest("created_at")
    SubjectKey.objects.bulk_create(
        SubjectKey(subject_id=UUID(int=10_000 + number), wrapped=known.wrapped, site_key=known.site_key)
        for number in range(300)
    )
    before = history.rows(SubjectKey, "purged_at")
    archive(str(tmp_path))
    history.emptied()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        restore(str(tmp_path), rebuild=False, verify=False)
    insertions = [query for query in queries if 'INTO "eventstore_subjectkey"' in query["sql"]]
    assert history.rows(SubjectKey, "purged_at") == before
    assert 0 < len(insertions) < 10
