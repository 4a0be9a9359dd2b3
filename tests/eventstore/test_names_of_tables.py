"""Tables are rebuilt whatever their names are, as far as the system check lets them pass."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, models
from django.test.utils import isolate_apps

from eventstore.execute import execute
from eventstore.projecting import ReadModel, rows
from eventstore.projecting.declaration.registry import projections
from eventstore.projecting.inspect.as_of import table
from eventstore.projecting.inspect.drift import check
from eventstore.projecting.rebuild import rebuild, take_back
from tests.eventstore.sample import Count, Counted

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sample")]

LONG = "sample_" + 48 * "x"


def read_model(name: str, label: str) -> Any:
    indexes = [
        models.Index(fields=["amount"], name=f"sample_{label}_1"),
        models.Index(fields=["-amount"], name=f"sample_{label}_2"),
    ]
    meta = type("Meta", (), {"app_label": "eventstore", "db_table": name, "indexes": indexes})
    fields = {"position": models.BigIntegerField(primary_key=True), "amount": models.BigIntegerField(unique=True)}
    return type(f"Named{label}", (ReadModel,), {"__module__": __name__, "Meta": meta, **fields})


@pytest.fixture(
    params=[
        ["Sample_Mixed"],
        ["sample with spaces"],
        ["sample-dashes.and.dots"],
        ["select"],
        [f"{LONG}1", f"{LONG}2"],
        [f"sample_{'é' * 24}1", f"sample_{'é' * 24}2"],
        ["sample_plain", "Sample_Plain2"],
    ],
    ids=lambda names: names[0],
)
def named(request: pytest.FixtureRequest, sample: None) -> Iterator[list[Any]]:
    """Projections whose tables have these names."""
    with isolate_apps("tests.eventstore"):
        made = [read_model(name, f"{number}") for number, name in enumerate(request.param)]
    with connection.schema_editor() as editor:
        for model in made:
            editor.create_model(model)
    for number, model in enumerate(made):
        declare(model, f"named{number}")
    execute(Count(UUID(int=1), 3), "one", actor="ann")
    yield made
    with connection.cursor() as cursor:
        for name in connection.introspection.table_names():
            if any(name.startswith(model._meta.db_table) for model in made):
                cursor.execute(f'DROP TABLE "{name}"')


def declare(model: Any, name: str) -> None:
    def made(event: Counted, record: Any) -> list[Any]:
        return [model(position=record.position, amount=event.amount)]

    made.__name__ = name
    made.__qualname__ = name
    rows(model)(made)


def test_it_is_rebuilt_checked_taken_back_and_looked_at(named: list[Any]) -> None:
    chosen = [projections[f"named{number}"] for number in range(len(named))]
    with connection.cursor() as cursor:
        before = [connection.introspection.get_constraints(cursor, model._meta.db_table) for model in named]
    for _ in range(2):
        rebuild(chosen)
    for projection in chosen:
        take_back(projection)
        with table(projection, position=1) as past:
            assert past.count() <= 1
    assert [drift.differing for drift in check(chosen)] == [0] * len(chosen)
    assert [model._default_manager.count() for model in named] == [1] * len(named)
    with connection.cursor() as cursor:
        assert [connection.introspection.get_constraints(cursor, model._meta.db_table) for model in named] == before
