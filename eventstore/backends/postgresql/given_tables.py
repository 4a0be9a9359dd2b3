"""PostgreSQL: a table that a query is given as JSON, where none can be created: on a standby."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql.compiler import SQLCompiler
from django.db.models.sql.datastructures import BaseTable
from psycopg.types.json import Json, Jsonb

GIVEN = 'json_populate_recordset(NULL::"{type}", %s::json) AS "{name}"'


class GivenTable(BaseTable):
    """The rows in a JSON array, as a table of the type of another."""

    def __init__(self, table_name: str, alias: str | None, kind: str = "", rows: str = "[]") -> None:
        super().__init__(table_name, alias)
        self.kind, self.rows = kind, rows

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[str | int, ...]]:
        return GIVEN.format(type=self.kind, name=self.table_alias or self.table_name), (self.rows,)

    def relabeled_clone(self, change_map: Mapping[str | None, str]) -> "GivenTable":
        alias = change_map.get(self.table_alias, self.table_alias)
        return GivenTable(self.table_name, alias, self.kind, self.rows)


def given_table(
    connection: BaseDatabaseWrapper, model: type[models.Model], name: str, rows: Sequence[models.Model]
) -> GivenTable:
    """Rows of a model as a table with a name. Times keep their microseconds, which Django's own encoder cuts off."""
    fields = model._meta.concrete_fields
    values = [{field.column: _json_of(field, row, connection) for field in fields} for row in rows]
    return GivenTable(name, None, model._meta.db_table, json.dumps(values, default=str))


def _json_of(field: Any, row: models.Model, connection: BaseDatabaseWrapper) -> Any:
    """The value of a field as PostgreSQL reads it from JSON."""
    value = field.get_db_prep_save(getattr(row, field.attname), connection)
    if isinstance(value, Json | Jsonb):
        return value.obj
    return f"\\x{bytes(value).hex()}" if isinstance(value, bytes | memoryview) else value
