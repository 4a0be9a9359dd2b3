"""`put`: rows of read models, few or many, new or in the place of what is there, with columns of every kind."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, models, transaction

from eventstore.backends.targets import Target
from eventstore.projecting.tables.table import Table
from tests.conformance.examples import backend
from tests.conformance.specimens import (
    MODELS,
    NOON,
    PLAIN_VALUES,
    SPECIAL_VALUES,
    Carved,
    Colour,
    Lonely,
    Plain,
    Special,
    plain,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("specimen")]

FEW, MANY = 1, 250  # an engine may have a quicker way for many rows


def put(rows: Sequence[models.Model], *, replacing: bool = False) -> None:
    model = type(rows[0])
    backend.put(Target(model._meta.db_table, model, replacing), rows)


def values_of(row: models.Model) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def comes_back(rows: Sequence[models.Model]) -> None:
    """Both as Django reads it, and as the engine does."""
    model = type(rows[0])
    written = [values_of(row) for row in rows]
    assert [unwrapped(row) for row in model._default_manager.order_by("pk").values()] == written
    found = Table(model, model._meta.db_table).read([row.pk for row in rows])
    assert [unwrapped(values_of(found[row.pk])) for row in rows] == written


def unwrapped(values: dict[str, Any]) -> dict[str, Any]:
    """Bytes come as views of memory from some drivers, as Django hands them out."""
    return {name: bytes(value) if isinstance(value, memoryview) else value for name, value in values.items()}


@pytest.mark.parametrize("replacing", [False, True])
@pytest.mark.parametrize("times", [FEW, MANY])
@pytest.mark.parametrize("values", PLAIN_VALUES)
def test_plain_columns_come_back_as_they_were(values: dict[str, Any], times: int, replacing: bool) -> None:
    """Texts of any kind, choices, ids, flags, numbers to their limits, days, times with microseconds, and NULL."""
    rows = [plain(number, **values) for number in range(times)]
    put(rows, replacing=replacing)
    comes_back(rows)


@pytest.mark.parametrize("replacing", [False, True])
@pytest.mark.parametrize("times", [FEW, MANY])
@pytest.mark.parametrize("values", SPECIAL_VALUES)
def test_special_columns_come_back_as_they_were(values: dict[str, Any], times: int, replacing: bool) -> None:
    """Decimals, floats, JSON, bytes, hours, lengths of time, addresses, references, and NULL."""
    rows = [Special(number=number, **values) for number in range(times)]
    put(rows, replacing=replacing)
    comes_back(rows)


@pytest.mark.parametrize("replacing", [False, True])
@pytest.mark.parametrize("times", [FEW, MANY])
@pytest.mark.parametrize("year", [0, 7, None])
def test_columns_of_a_projects_own_come_back_as_they_were(year: int | None, times: int, replacing: bool) -> None:
    """The field's prepared value is written, and the value read back equals the original."""
    rows = [Carved(id=UUID(int=number), year=year, moment=NOON) for number in range(times)]
    put(rows, replacing=replacing)
    comes_back(rows)


@pytest.mark.parametrize("replacing", [False, True])
def test_all_kinds_of_values_may_stand_in_one_batch(replacing: bool) -> None:
    """A column's type does not depend on the first row's value."""
    rows = [plain(number, **values) for number, values in enumerate(PLAIN_VALUES * 10)]
    put(rows, replacing=replacing)
    comes_back(rows)


@pytest.mark.parametrize("times", [FEW, MANY])
def test_what_is_not_said_is_the_fields_default(times: int) -> None:
    """The row says it, not the database."""
    put([plain(number) for number in range(times)])
    assert list(Plain.objects.values_list("colour", "big", "moment").distinct()) == [(Colour.RED, 0, None)]


@pytest.mark.parametrize("times", [FEW, MANY])
def test_a_row_takes_the_place_of_the_one_with_its_key(times: int) -> None:
    """Every column of it: none keeps its old value, NULL is a value too, and other rows are left alone."""
    old = {"text": "old", "name": "old", "slug": "old", "flag": True, "maybe": True, "big": 1, "positive": 1}
    put([plain(number, **old) for number in range(times + 1)])
    rows = [plain(number, **PLAIN_VALUES[-1]) for number in range(times)]
    put(rows, replacing=True)
    comes_back([*rows, plain(times, **old)])


def test_each_column_is_replaced() -> None:
    """One by one, so that none can be forgotten."""
    changed = {name: value for values in [*SPECIAL_VALUES[1:5], *SPECIAL_VALUES[5:]] for name, value in values.items()}
    assert set(changed) == {field.attname for field in Special._meta.concrete_fields} - {"number"}
    put([Special(number=1)])
    for name, value in changed.items():
        put([Special(number=1, **{name: value})], replacing=True)
        comes_back([Special(number=1, **{name: value})])


@pytest.mark.parametrize("times", [FEW, MANY])
def test_new_and_known_keys_may_stand_in_one_batch(times: int) -> None:
    """A fold does not know which of its rows are new."""
    put([plain(number, big=1) for number in range(times)])
    rows = [plain(number, big=2) for number in range(2 * times)]
    put(rows, replacing=True)
    comes_back(rows)


@pytest.mark.parametrize("times", [FEW, MANY])
def test_a_row_with_nothing_but_a_key_may_be_there_already(times: int) -> None:
    """There is nothing to change then."""
    rows = [Lonely(id=UUID(int=number)) for number in range(times)]
    for _ in range(2):
        put(rows, replacing=True)
    comes_back(rows)


@pytest.mark.parametrize("times", [FEW, MANY])
def test_a_new_row_with_a_key_that_is_there_is_an_error(times: int) -> None:
    """An event that is read twice must not go unnoticed; none of the batch is written."""
    put([plain(0, big=1)])
    with pytest.raises(DatabaseError), transaction.atomic():
        put([plain(number, big=2) for number in reversed(range(times))])
    assert Plain.objects.get().big == 1


TOO_MUCH: list[tuple[type[Plain | Special], dict[str, Any]]] = [
    (Plain, {"small": 2**15}),
    (Plain, {"number": -(2**31) - 1}),
    (Plain, {"positive": -1}),
    (Plain, {"text": None}),
    (Plain, {"name": "x" * 201}),
    (Special, {"small": 2**15}),
    (Special, {"whole": -(2**31) - 1}),
    (Special, {"url": None}),
]


@pytest.mark.parametrize("times", [FEW, MANY])
@pytest.mark.parametrize(("model", "value"), TOO_MUCH)
@pytest.mark.parametrize("replacing", [False, True])
def test_what_a_column_can_t_hold_is_an_error_of_the_database(
    model: type[Plain | Special], value: dict[str, Any], times: int, replacing: bool
) -> None:
    """A database without such a limit stores the value unchanged."""
    keys = [UUID(int=number) if model is Plain else number for number in range(times)]
    rows = [model(**{model._meta.pk.attname: key}, **value) for key in keys]
    try:
        with transaction.atomic():
            put(rows, replacing=replacing)
    except DatabaseError:
        assert not model.objects.exists()
    else:
        comes_back(rows)


def test_rows_go_to_the_table_that_is_named_and_to_no_other() -> None:
    """A rebuild fills a table beside the live one."""
    backend.create_like(Plain._meta.db_table, "conformance_beside")
    backend.put(Target("conformance_beside", Plain), [plain(number) for number in range(MANY)])
    assert not Plain.objects.exists()
    assert Table(Plain, "conformance_beside").count() == MANY
    backend.drop_table("conformance_beside")


@pytest.mark.parametrize("model", MODELS)
def test_a_target_names_every_column(model: type[models.Model]) -> None:
    """In the order of the fields, whether or not they are called as their columns are."""
    assert Target("t", model).columns == [field.column for field in model._meta.concrete_fields]
