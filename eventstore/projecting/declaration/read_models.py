"""Read models: tables that only their projectors write."""

from collections.abc import Callable, Collection
from dataclasses import field, make_dataclass
from functools import cache, cached_property
from typing import Any, NoReturn, Self

from django.db import models
from django.db.models.base import ModelState
from django.db.models.query_utils import DeferredAttribute
from django.db.models.signals import class_prepared
from django.dispatch import receiver

from eventstore.errors import AppendOnly


class ReadModel(models.Model):
    """A table that only its projector writes. Give it a natural primary key, known from the event.

    Rows are constructed from columns by name, as with Django, but without Django's signals: a rebuild makes millions of
    rows, and this is several times as quick. `save` and `delete` raise AppendOnly, and so does what would write through
    `objects`, unless the model declares a manager of its own.
    """

    class Meta:
        abstract = True

    def __getstate__(self) -> dict[str, Any]:
        """Django's own, which expects that a state exists."""
        assert self._state
        return super().__getstate__()

    def save(self, *args: object, **kwargs: object) -> None:
        _refuse(type(self))

    def delete(self, *args: object, **kwargs: object) -> tuple[int, dict[str, int]]:
        _refuse(type(self))

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **options: Any) -> Self:
        """Make a row from columns that were read; Django fetches the others when they are accessed."""
        if not _is_plain(cls):
            return super().from_db(db, field_names, values, **options)
        row = cls.__new__(cls)
        row.__dict__.update(zip(field_names, values, strict=True))
        row._state = ModelState()
        row._state.adding, row._state.db = False, db
        return row

    @cached_property
    def _state(self) -> ModelState:  # type: ignore[override]
        """Django's notes about a row, made on first access: rows that are only inserted never need them."""
        return ModelState()


class ReadModelQuerySet(models.QuerySet[Any]):
    """Rows of a read model, to be read."""

    def update(self, **kwargs: object) -> int:
        _refuse(self.model)

    def delete(self) -> tuple[int, dict[str, int]]:
        _refuse(self.model)

    def bulk_create(self, *args: object, **kwargs: object) -> list[Any]:
        _refuse(self.model)

    def bulk_update(self, *args: object, **kwargs: object) -> int:
        _refuse(self.model)


def _refuse(model: type[models.Model]) -> NoReturn:
    raise AppendOnly(f"{model._meta.verbose_name}: read models are written by their projector. Execute a command.")


@receiver(class_prepared)
def _replace_queryset(sender: type[models.Model], **_: Any) -> None:
    """Let the manager that Django gives a read model only read; one that the model declares is its own affair."""
    if issubclass(sender, ReadModel):
        for manager in sender._meta.local_managers:
            if manager.auto_created:
                vars(manager)["_queryset_class"] = ReadModelQuerySet


@receiver(class_prepared)
def _replace_constructor(sender: type[models.Model], **_: Any) -> None:
    """Give a read model the constructor of a dataclass with its columns: Django's inspects each field anew."""
    if issubclass(sender, ReadModel) and _is_plain(sender):
        columns = [(column.attname, Any, _default(column)) for column in sender._meta.concrete_fields]
        sender.__init__ = make_dataclass(sender.__name__, columns).__init__  # type: ignore[method-assign, misc]


def _default(column: "models.Field[Any, Any]") -> Any:
    """The default of a dataclass field: Django's default, made anew for each row where Django does so."""
    make: Callable[[], Any] = column.get_default
    is_made_anew = column.has_default() and callable(column.default)
    return field(default_factory=make) if is_made_anew else field(default=make())


@cache
def _is_plain(model: type[models.Model]) -> bool:
    """Whether all columns are plain values: no relations, files and the like."""
    return all(column.descriptor_class is DeferredAttribute for column in model._meta.concrete_fields)
