"""The table of a list: its columns and cells, with numbers at the end of their cells."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.templatetags.admin_list import result_headers
from django.contrib.admin.utils import lookup_field
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import FieldDoesNotExist
from django.db.models import IntegerField, Model

from eventstore.admin import show


@dataclass(frozen=True)
class Column:
    """A column with its title."""

    name: str
    title: Any
    is_number: bool


@dataclass(frozen=True)
class Cell:
    """A value in a column; `url` is there in the cell that leads to the row's own page."""

    column: Column
    value: str
    url: str | None


@dataclass(frozen=True)
class Table:
    """A list as it is shown."""

    columns: list[Column]
    rows: list[list[Cell]]


def table_of(changelist: ChangeList) -> Table:
    """The table of the rows that a list shows."""
    columns = list(_columns(changelist))
    return Table(columns, [_cells(changelist, columns, row) for row in changelist.result_list])


def value_of(obj: Model, name: str, model_admin: Any) -> str:
    """A field's value, or that of a method of the admin, as text or HTML; a choice by its label."""
    field, _, found = lookup_field(name, obj, model_admin)
    label = getattr(obj, f"get_{name}_display", None)
    return show.value(label() if label and field is not None and found is not None else found)


def _columns(changelist: ChangeList) -> Iterator[Column]:
    for name, header in zip(changelist.list_display, result_headers(changelist), strict=True):
        yield Column(str(name), header["text"], _is_number(changelist, str(name)))


def _is_number(changelist: ChangeList, name: str) -> bool:
    model_admin: Any = changelist.model_admin
    if name in model_admin.number_columns:
        return True
    try:
        field = changelist.lookup_opts.get_field(name)
    except FieldDoesNotExist:
        return False
    return isinstance(field, IntegerField)


def _cells(changelist: ChangeList, columns: list[Column], row: Any) -> list[Cell]:
    links = changelist.list_display_links or ()
    return [
        Cell(
            column,
            value_of(row, column.name, changelist.model_admin),
            changelist.url_for_result(row) if column.name in links else None,
        )
        for column in columns
    ]
