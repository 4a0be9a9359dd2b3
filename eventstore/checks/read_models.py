"""Checks of read models: tables that a rebuild can put another table in the place of, with the same rows each time."""

import random
import uuid
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.core import checks
from django.core.checks import CheckMessage
from django.db.models import DO_NOTHING, AutoField, DateField, Field, GeneratedField, Model, TimeField
from django.db.models.fields.related import ForeignKey, ManyToManyField
from django.utils import timezone

from eventstore.projecting.declaration.read_models import ReadModel
from eventstore.projecting.declaration.registry import projections

ROLES = ("new", "old", "check", "as_of")  # the endings of the names of tables beside the live one
MAX_NAME_BYTES = 63 - len("__as_of")  # PostgreSQL cuts what is longer than 63

# Made anew at each rebuild, as far as one can tell.
CHANCE: tuple[Callable[..., Any], ...] = (
    uuid.uuid1,
    uuid.uuid4,
    timezone.now,
    timezone.localdate,
    timezone.localtime,
    datetime.now,
    date.today,
    random.random,
)


def check_read_models(**_: Any) -> list[CheckMessage]:
    """Checks keys, references and names of all read models."""
    found = read_models()
    return [
        *(message for model in found for message in (*_columns(model), *_name(model))),
        *(message for model in _models() for field in _relations(model) for message in _relation(model, field)),
    ]


def read_models() -> list[type[Model]]:
    """The models that are declared as read models, or that a projection writes."""
    written = {projection.model for projection in projections.values()}
    known = [model for model in _models() if issubclass(model, ReadModel) or model in written]
    return [model for model in [*known, *(written - set(known))] if not model._meta.proxy]


def _columns(model: type[Model]) -> Iterator[CheckMessage]:
    key = model._meta.pk
    if isinstance(key, AutoField) or key.has_db_default() or (key.has_default() and callable(key.default)):
        yield checks.Error(
            f"The key {key.name} of the read model {model.__name__} is made up when a row is written, so each rebuild "
            "gives the rows others, and a fold does not find its row.",
            hint=f"Give {model.__name__} a natural primary_key, known from the event: its stream, or its position.",
            obj=model,
            id="eventstore.E015",
        )
    for column in model._meta.concrete_fields:
        if reason := _chance(column):
            yield checks.Error(
                f"The column {column.name} of the read model {model.__name__} {reason}, so a rebuild would not give "
                "the same rows.",
                hint="Let the projector set it, from the event or from record.recorded_at.",
                obj=model,
                id="eventstore.E017",
            )


def _chance(column: "Field[Any, Any]") -> str:
    """Why the values of a column do not follow from events; empty if they do."""
    if isinstance(column, DateField | TimeField) and (column.auto_now or column.auto_now_add):
        return "takes the time at which the row is written"
    if isinstance(column, GeneratedField):
        return "is computed by the database, and the engine writes all columns itself"
    if any(column.default is one or column.default == one for one in CHANCE):
        return "has a default that is another one each time"
    return ""


def _name(model: type[Model]) -> Iterator[CheckMessage]:
    table = model._meta.db_table
    if set(table) & set("\"'%`[]\0"):
        problem = "has a quote, a bracket or a percent sign in it, so no name can be made from it"
    elif len(table.encode()) > MAX_NAME_BYTES:
        problem = f"is longer than {MAX_NAME_BYTES} bytes, so PostgreSQL would cut the names that are made from it"
    elif taken := {f"{table}__{role}" for role in ROLES} & set(_tables()):
        problem = f"leads to the name {min(taken)}, which another model has"
    else:
        return
    yield checks.Error(
        f"The table name {table} of the read model {model.__name__} {problem}: a rebuild puts tables beside it.",
        hint="Set another db_table in its Meta. A schema belongs into the search_path of the connection.",
        obj=model,
        id="eventstore.E016",
    )


def _tables() -> set[str]:
    return {model._meta.db_table for model in _models()}


def _models() -> list[type[Model]]:
    """The models of all apps; an app that was never populated has none."""
    configs = [config for config in apps.get_app_configs() if config.models is not None]
    return [model for config in configs for model in config.get_models(include_auto_created=True)]


def _relations(model: type[Model]) -> "list[Field[Any, Any]]":
    """The foreign keys of a model, and its relations to many; the model that Django makes of the latter has none."""
    if model._meta.auto_created:
        return []
    fields = [*model._meta.local_fields, *model._meta.local_many_to_many]
    return [field for field in fields if isinstance(field, ForeignKey | ManyToManyField)]


def _relation(model: type[Model], field: "Field[Any, Any]") -> Iterator[CheckMessage]:
    ours, target = read_models(), field.related_model
    if (model not in ours and target not in ours) or _is_loose(field, of_read_model=model in ours):
        return
    name = target.__name__ if isinstance(target, type) else str(target)
    there = f"to the read model {name}" if target in ours else f"of a read model, to {name}"
    yield checks.Error(
        f"{model.__name__}.{field.name} is a reference {there}. A constraint stays with the table that a rebuild "
        "replaces: then each command fails that writes a row which the former table lacks.",
        hint=f"Keep the id in a plain column, such as {field.name}_id = UUIDField(); or give the ForeignKey "
        "on_delete=DO_NOTHING, db_constraint=False.",
        obj=model,
        id="eventstore.E014",
    )


def _is_loose(field: "Field[Any, Any]", *, of_read_model: bool) -> bool:
    """Whether the database knows nothing of a reference, and no row of a read model is deleted for its sake."""
    relation: Any = field.remote_field
    if isinstance(field, ManyToManyField):
        return not of_read_model and not getattr(relation, "db_constraint", True)
    if getattr(field, "db_constraint", True) or getattr(relation, "parent_link", False):
        return False
    return not of_read_model or relation.on_delete is DO_NOTHING
