"""Read models: tables that their projectors alone write."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Self

from django.db import models
from django.db.models.base import ModelState
from django.db.models.query_utils import DeferredAttribute

from eventstore.errors import AppendOnly


class ReadModel(models.Model):
    """A table that is written by its projector alone. Give it a natural primary key, known from the event.

    Its rows are made as Django makes them, but without Django's signals, which nobody needs here: a rebuild makes
    millions of rows, and this is several times as quick.
    """

    class Meta:
        abstract = True

    def __init__(self, *args: Any, **values: Any) -> None:
        columns = _columns(type(self))
        if args or columns is None:
            super().__init__(*args, **values)
            return
        mine = self.__dict__
        mine.update(columns.defaults)
        for name, default in columns.computed:
            if name not in values:
                mine[name] = default()
        mine.update(values)
        if len(mine) > columns.count:  # "pk", or what is no column: Django knows, and says what is wrong with it
            mine.clear()
            super().__init__(**values)
            return
        self._state = ModelState()

    def save(self, *args: object, **kwargs: object) -> None:
        raise AppendOnly(f"{self._meta.verbose_name}: read models are written by their projector. Execute a command.")

    def delete(self, *args: object, **kwargs: object) -> tuple[int, dict[str, int]]:
        raise AppendOnly(f"{self._meta.verbose_name}: read models are written by their projector. Execute a command.")

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **options: Any) -> Self:
        """A row that was read; Django's own way where not all columns were."""
        columns = _columns(cls)
        if columns is None or len(values) != columns.count:
            return super().from_db(db, field_names, values, **options)
        row = cls.__new__(cls)
        row._state = ModelState()
        row._state.adding, row._state.db = False, db
        row.__dict__.update(zip(field_names, values, strict=True))
        return row


@dataclass(frozen=True)
class Columns:
    """What a row is made of: values that stand in for what is not given, and those that are made each time."""

    defaults: Mapping[str, Any]
    computed: Sequence[tuple[str, Callable[[], Any]]]

    @cached_property
    def count(self) -> int:
        """How many there are."""
        return len(self.defaults) + len(self.computed)


@cache
def _columns(model: type[models.Model]) -> Columns | None:
    """The columns of a model whose attributes are no more than values; None for one with relations, files or such."""
    fields = model._meta.concrete_fields
    if any(field.descriptor_class is not DeferredAttribute for field in fields):
        return None
    computed = [field for field in fields if callable(field.default)]
    fixed = {field.attname: field.get_default() for field in fields if field not in computed}
    return Columns(fixed, [(field.attname, field.get_default) for field in computed])
