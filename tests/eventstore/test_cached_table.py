"""The rows that a rebuild caches: they come out as if each had been read again."""

from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from eventstore.execute import execute
from eventstore.projecting import replay
from eventstore.projecting.declaration.registry import projections
from eventstore.projecting.rebuild import rebuild
from eventstore.projecting.tables import cached
from eventstore.projecting.tables.cached import CachedTable
from tests.eventstore.sample import Count
from tests.eventstore.sample_projections import Standing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sample")]

TALLIES = [UUID(int=number) for number in range(1, 4)]


@pytest.fixture
def table() -> CachedTable:
    return CachedTable(projections["standings"].table)


def row_of(number: int, total: int) -> Standing:
    return Standing(tally_id=TALLIES[number], total=total, position=1)


def cached_totals(table: CachedTable, *tallies: UUID) -> dict[UUID, int]:
    return {row.pk: row.total for row in table.read(tallies).values() if isinstance(row, Standing)}


def totals() -> dict[UUID, int]:
    return dict(Standing.objects.values_list("tally_id", "total"))


@pytest.mark.parametrize("max_cached_rows", [0, 1, 100])
@pytest.mark.parametrize("page", [1, 2, 100])
def test_however_many_rows_are_cached_the_rows_are_the_same(
    monkeypatch: pytest.MonkeyPatch, max_cached_rows: int, page: int
) -> None:
    for number, tally in enumerate(TALLIES * 3):
        execute(Count(tally, number + 1), str(number), actor="ann")
    before = totals()
    Standing.objects.update(total=99)
    monkeypatch.setattr(cached, "MAX_CACHED_ROWS", max_cached_rows)
    monkeypatch.setattr(replay, "PAGE", page)
    rebuild([projections["standings"]])
    assert totals() == before


def test_rows_that_are_there_are_read_once(table: CachedTable) -> None:
    table.table.insert([row_of(0, 1)])
    assert set(table.read(TALLIES)) == {TALLIES[0]}
    table.upsert([row_of(0, 2), row_of(1, 5)])
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert cached_totals(table, *TALLIES[:2]) == {TALLIES[0]: 2, TALLIES[1]: 5}
    assert not queries
    assert totals() == {TALLIES[0]: 2, TALLIES[1]: 5}


def test_a_row_that_was_deleted_can_be_written_again(table: CachedTable) -> None:
    table.forget(is_empty=True)
    table.upsert([row_of(0, 1)])
    table.delete([TALLIES[0]])
    assert table.read([TALLIES[0]]) == {}
    table.upsert([row_of(0, 3)])
    assert totals() == {TALLIES[0]: 3}


def test_a_row_that_left_the_cache_is_read_again(table: CachedTable) -> None:
    table.upsert([row_of(0, 1)])
    Standing.objects.update(total=7)
    table.forget()
    assert cached_totals(table, TALLIES[0]) == {TALLIES[0]: 7}
