"""System checks of read models: what a rebuild could not rebuild is said at the start."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.checks import Error, run_checks
from django.db import models
from django.test.utils import isolate_apps
from django.utils import timezone

from eventstore.checks import read_models
from eventstore.checks.doctor.examinations import code
from eventstore.checks.read_models import check_read_models
from eventstore.projecting import ReadModel

pytestmark = pytest.mark.usefixtures("only_these")


@pytest.fixture
def only_these(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The models that a test makes, and no others."""
    with isolate_apps("tests.eventstore") as isolated:
        monkeypatch.setattr(read_models, "apps", isolated)
        monkeypatch.setattr(read_models, "projections", {})
        yield


def model(
    base: type[models.Model] = ReadModel, name: str = "Row", table: str = "", **fields: Any
) -> type[models.Model]:
    meta = type("Meta", (), {"app_label": "eventstore", **({"db_table": table} if table else {})})
    return type(name, (base,), {"__module__": __name__, "Meta": meta, **fields})


def key() -> Any:
    return models.UUIDField(primary_key=True)


def found() -> list[str]:
    messages = check_read_models()
    assert all(isinstance(message, Error) and message.msg and message.hint for message in messages)
    return [str(message.id).partition(".")[2] for message in messages]


@pytest.mark.parametrize(
    "own",
    [
        {},
        {"id": models.BigAutoField(primary_key=True)},
        {"id": models.SmallAutoField(primary_key=True)},
        {"id": models.UUIDField(primary_key=True, default=uuid.uuid1)},
        {"id": models.IntegerField(primary_key=True, db_default=1)},
    ],
)
def test_a_key_that_is_made_up_when_a_row_is_written_is_found(own: dict[str, Any]) -> None:
    model(**own)
    assert "E015" in found()


@pytest.mark.parametrize(
    "column",
    [
        models.DateTimeField(auto_now=True),
        models.DateTimeField(auto_now_add=True),
        models.DateField(auto_now_add=True),
        models.TimeField(auto_now=True),
        models.DateTimeField(default=timezone.now),
        models.UUIDField(default=uuid.uuid4),
        models.GeneratedField(expression=models.Value(1), output_field=models.IntegerField(), db_persist=True),
    ],
)
def test_a_column_that_does_not_follow_from_events_is_found(column: Any) -> None:
    model(id=key(), column=column)
    assert found() == ["E017"]


def test_plain_columns_are_fine() -> None:
    model(
        id=key(), items=models.JSONField(default=list), at=models.DateTimeField(), total=models.IntegerField(default=0)
    )
    assert found() == []


@pytest.mark.parametrize("kind", [models.ForeignKey, models.OneToOneField])
@pytest.mark.parametrize("constraint", [True, False])
def test_a_reference_to_a_read_model_is_found_unless_it_is_without_constraint(kind: Any, constraint: bool) -> None:
    row = model(id=key())
    model(models.Model, "Other", row=kind(row, models.CASCADE, db_constraint=constraint))
    assert found() == (["E014"] if constraint else [])


def test_so_is_one_to_many() -> None:
    row = model(id=key())
    model(models.Model, "Other", rows=models.ManyToManyField(row))
    model(models.Model, "Third", rows=models.ManyToManyField(row, db_constraint=False, related_name="+"))
    assert found() == ["E014"]


def test_so_is_one_from_a_read_model() -> None:
    """A group that is deleted would delete rows with it."""
    loose: dict[str, Any] = {"db_constraint": False, "null": True, "related_name": "+"}
    model(id=key(), group=models.ForeignKey(Group, models.CASCADE, null=True))
    model(name="Second", id=key(), group=models.ForeignKey(Group, models.SET_NULL, **loose))
    model(name="Third", id=key(), group=models.ForeignKey(Group, models.DO_NOTHING, **loose))
    model(name="Fourth", id=key(), groups=models.ManyToManyField(Group, related_name="+"))
    assert found() == ["E014", "E014", "E014"]


def test_a_read_model_that_inherits_the_table_of_another_is_found() -> None:
    row = model(id=key())
    model(row, "Longer", more=models.IntegerField())
    assert found() == ["E014"]


def test_so_is_a_plain_model_that_a_projection_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    row = model(models.Model)
    assert found() == []
    written = type("Written", (), {"model": row})
    monkeypatch.setattr(read_models, "projections", {"rows": written})
    assert found() == ["E015"]


@pytest.mark.parametrize(
    ("table", "is_fine"),
    [
        ("rows", True),
        ("Mixed_Case", True),
        ("ends in a space ", True),
        ("x" * 56, True),
        ("x" * 57, False),
        ("é" * 28, True),
        ("é" * 29, False),
        ('"schema"."rows"', False),
        ('"rows"', False),
        ("ro`ws", False),
        ("100%", False),
    ],
)
def test_a_table_name_that_no_other_can_be_made_from_is_found(table: str, is_fine: bool) -> None:
    model(id=key(), table=table)
    assert found() == ([] if is_fine else ["E016"])


def test_so_is_a_name_that_is_needed_beside_another() -> None:
    model(id=key(), table="rows")
    model(models.Model, "Other", table="rows__old")
    assert found() == ["E016"]


def test_it_is_a_system_check_and_one_of_the_doctor() -> None:
    model()
    assert "eventstore.E015" in [message.id for message in run_checks(tags=["eventstore"])]
    assert any("Row" in finding.says for finding in code())
