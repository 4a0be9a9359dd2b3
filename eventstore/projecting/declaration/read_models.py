"""Read models: tables that their projectors alone write."""

from collections.abc import Callable, Collection
from dataclasses import field, make_dataclass
from functools import cache, cached_property
from typing import Any, Self

from django.db import models
from django.db.models.base import ModelState
from django.db.models.query_utils import DeferredAttribute
from django.db.models.signals import class_prepared
from django.dispatch import receiver

from eventstore.errors import AppendOnly


class ReadModel(models.Model):
    """A table that is written by its projector alone. Give it a natural primary key, known from the event.

    Its rows are made as Django makes them, from columns by their names, but without Django's signals: a rebuild makes
    millions of rows, and this is several times as quick.
    """

    class Meta:
        abstract = True

    def __getstate__(self) -> dict[str, Any]:
        """As Django has it, which takes it for granted that there is a state."""
        assert self._state
        return super().__getstate__()

    def save(self, *args: object, **kwargs: object) -> None:
        raise AppendOnly(f"{self._meta.verbose_name}: read models are written by their projector. Execute a command.")

    def delete(self, *args: object, **kwargs: object) -> tuple[int, dict[str, int]]:
        raise AppendOnly(f"{self._meta.verbose_name}: read models are written by their projector. Execute a command.")

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **options: Any) -> Self:
        """A row that was read. What was not, Django fetches when it is asked for."""
        if not _is_plain(cls):
            return super().from_db(db, field_names, values, **options)
        row = cls.__new__(cls)
        row.__dict__.update(zip(field_names, values, strict=True))
        row._state = ModelState()
        row._state.adding, row._state.db = False, db
        return row

    @cached_property
    def _state(self) -> ModelState:  # type: ignore[override]
        """What Django notes about a row, made when Django asks: a row on its way into the table is never asked."""
        return ModelState()


@receiver(class_prepared)
def _quicken(sender: type[models.Model], **_: Any) -> None:
    """Give a read model the constructor that a dataclass with its columns has: Django's looks at each field anew."""
    if issubclass(sender, ReadModel) and _is_plain(sender):
        columns = [(column.attname, Any, _default(column)) for column in sender._meta.concrete_fields]
        sender.__init__ = make_dataclass(sender.__name__, columns).__init__  # type: ignore[method-assign, misc]


def _default(column: "models.Field[Any, Any]") -> Any:
    """What stands in for a value that is not given: what Django takes, made each time where Django does so."""
    make: Callable[[], Any] = column.get_default
    is_made_anew = column.has_default() and callable(column.default)
    return field(default_factory=make) if is_made_anew else field(default=make())


@cache
def _is_plain(model: type[models.Model]) -> bool:
    """Whether its attributes are no more than values: no relations, files or such."""
    return all(column.descriptor_class is DeferredAttribute for column in model._meta.concrete_fields)
