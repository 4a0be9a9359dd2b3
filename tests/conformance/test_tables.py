"""Tables beside the live one: made, filled, completed, exchanged, renamed and dropped, with their indexes."""

from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, IntegrityError, connection, models, transaction

from eventstore.projecting.tables.table import Table
from tests.conformance.examples import backend
from tests.conformance.sessions import other_session, run_and_roll_back, without_waiting
from tests.conformance.specimens import MODELS, Plain, plain
from tests.conformance.tables import LIVE, NEW, OLD, exists, numbers, put, shape

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("specimen", "no_tables_beside")]


def constraints(table: str) -> dict[str, Any]:
    """Keys and indexes by their names, without CHECKs, whose names no code relies on."""
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, table)
    return {
        name: (c["columns"], c["unique"], c["primary_key"], c.get("orders"))
        for name, c in found.items()
        if not c["check"]
    }


def fill_beside(*rows: Plain) -> None:
    """The steps of a rebuild, up to the exchange."""
    backend.create_like(LIVE, NEW)
    put(NEW, *rows)
    backend.complete_like(LIVE, NEW)


@pytest.mark.parametrize("model", MODELS)
def test_a_table_is_made_empty_and_of_the_same_shape(model: type[models.Model]) -> None:
    """The same columns, of the same types, in the same order."""
    live = model._meta.db_table
    backend.create_like(live, NEW)
    assert shape(NEW) == shape(live)
    assert Table(model, NEW).count() == 0
    backend.drop_table(NEW)


def test_a_new_table_has_the_same_keys() -> None:
    """A new table refuses doubles of a unique key and lets a row replace another, also while it is filled."""
    put(LIVE, plain(1, big=1))
    backend.create_like(LIVE, NEW)
    put(NEW, plain(1, big=7))
    put(NEW, plain(1, big=8), replacing=True)
    with pytest.raises(DatabaseError), transaction.atomic():
        put(NEW, plain(1))
    assert (numbers(LIVE), numbers(NEW)) == ([1], [8])


def test_the_filled_table_replaces_the_live_table_which_stays() -> None:
    """An exchange changes all names in one transaction."""
    put(LIVE, plain(1, big=1))
    fill_beside(plain(2, big=2), plain(3, big=3))
    backend.exchange_tables(LIVE, NEW, OLD)
    assert (numbers(LIVE), numbers(OLD), exists(NEW)) == ([2, 3], [1], False)
    assert list(Plain.objects.order_by("big").values_list("pk", flat=True)) == [UUID(int=2), UUID(int=3)]


def test_the_live_table_keeps_its_indexes_by_their_names() -> None:
    """However often it was exchanged: migrations know indexes by name."""
    before = constraints(LIVE)
    assert {"conformance_plain_big", "conformance_plain_flagged", "conformance_plain_slug"} <= set(before)
    for _ in range(3):
        fill_beside()
        backend.exchange_tables(LIVE, NEW, OLD)
        assert constraints(LIVE) == before
        assert shape(LIVE) == shape(OLD)


def test_an_exchange_drops_the_table_that_an_earlier_one_replaced() -> None:
    """Only the last old table remains."""
    for number in (1, 2, 3):
        fill_beside(plain(number, big=number))
        backend.exchange_tables(LIVE, NEW, OLD)
    assert (numbers(LIVE), numbers(OLD)) == ([3], [2])


def test_the_replaced_table_can_come_back() -> None:
    """Under the name of a new one, and then by an exchange; what it lacks is given to it."""
    before = constraints(LIVE)
    put(LIVE, plain(1, big=1))
    fill_beside(plain(2, big=2))
    backend.exchange_tables(LIVE, NEW, OLD)
    backend.rename_table(OLD, NEW)
    backend.complete_like(LIVE, NEW)
    backend.exchange_tables(LIVE, NEW, OLD)
    assert (numbers(LIVE), numbers(OLD)) == ([1], [2])
    assert constraints(LIVE) == before


def test_to_complete_a_table_twice_is_to_complete_it_once() -> None:
    """A rebuild that resumes after a kill completes its table again."""
    fill_beside()
    before = {columns: unique for columns, unique, *_ in map(hashable, constraints(NEW).values())}
    count = len(constraints(NEW))
    backend.complete_like(LIVE, NEW)
    assert len(constraints(NEW)) == count
    assert {columns: unique for columns, unique, *_ in map(hashable, constraints(NEW).values())} == before


def hashable(constraint: tuple[list[str], bool, bool, list[str] | None]) -> tuple[tuple[str, ...], bool]:
    return tuple(constraint[0]), constraint[1]


def test_the_live_table_can_be_written_after_an_exchange() -> None:
    """New rows, and others in their places: keys are what they were."""
    fill_beside(plain(1, big=1))
    backend.exchange_tables(LIVE, NEW, OLD)
    put(LIVE, plain(1, big=2), plain(2, big=3), replacing=True)
    with pytest.raises(DatabaseError), transaction.atomic():
        put(LIVE, plain(1))
    assert numbers(LIVE) == [2, 3]


@pytest.mark.django_db(transaction=True)
def test_an_exchange_that_is_undone_has_changed_nothing() -> None:
    """Tables are exchanged in a transaction, as everything else."""
    before = constraints(LIVE)
    put(LIVE, plain(1, big=1))
    fill_beside(plain(2, big=2))
    run_and_roll_back(partial(backend.exchange_tables, LIVE, NEW, OLD))
    assert (numbers(LIVE), numbers(NEW), exists(OLD)) == ([1], [2], False)
    assert constraints(LIVE) == before
    backend.drop_table(NEW)


@pytest.mark.django_db(transaction=True)
def test_no_other_session_sees_an_exchange_before_it_is_committed() -> None:
    """A reader gets the old rows, or a transient error; never an error about a missing table."""
    put(LIVE, plain(1, big=1))
    fill_beside(plain(2, big=2))
    with other_session() as other:
        with transaction.atomic():
            backend.exchange_tables(LIVE, NEW, OLD)
            seen = list[list[int]]()
            assert without_waiting(other, lambda: seen.append(numbers(LIVE))) == bool(seen)
            assert seen in ([], [[1]])
        assert other(partial(numbers, LIVE)) == [2]
    backend.drop_table(OLD)


def test_to_drop_what_is_not_there_is_no_error() -> None:
    """Dropping a missing table changes nothing."""
    for _ in range(2):
        backend.drop_table(NEW)
    assert not exists(NEW)


def test_the_keys_of_a_table_without_them_come_when_it_is_filled() -> None:
    """A table without keys is completed as any other."""
    before = constraints(LIVE)
    backend.create_like(LIVE, NEW, with_keys=False)
    put(NEW, plain(1, big=1), plain(2, big=2))
    for _ in range(2):
        backend.complete_like(LIVE, NEW)
    with pytest.raises(DatabaseError), transaction.atomic():
        put(NEW, plain(1))
    backend.exchange_tables(LIVE, NEW, OLD)
    assert constraints(LIVE) == before
    assert numbers(LIVE) == [1, 2]


def test_a_key_that_is_there_twice_is_an_error_when_the_table_is_completed_at_the_latest() -> None:
    backend.create_like(LIVE, NEW, with_keys=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        put_twice_and_complete()


def put_twice_and_complete() -> None:
    put(NEW, plain(1), plain(1))
    backend.complete_like(LIVE, NEW)
