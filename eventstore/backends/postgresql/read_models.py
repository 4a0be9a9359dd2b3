"""PostgreSQL: finds and writes the rows of read models."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from msgspec.json import Encoder

from eventstore.backends.deferred import Statement
from eventstore.backends.postgresql.driver import execute_deferred, query_all
from eventstore.backends.targets import Lookup, Target

COPY_FROM_ROWS = 100  # rows from which COPY pays for its further round trips

# What a plain column holds, the narrower kinds of field first.
_TYPES = (
    (models.BooleanField, bool),
    (models.IntegerField, int),
    (models.UUIDField, UUID),
    (models.DateTimeField, datetime),
    (models.DateField, date),
    (models.Field, str),
)


def _plain_text(value: object) -> str:
    """Text of a class of its own, such as what stands for personal text that can't be decrypted, as plain text."""
    if isinstance(value, str):
        return str(value)
    raise NotImplementedError(f"A read model can't hold {type(value).__name__}.")


encode = Encoder(enc_hook=_plain_text).encode


def find(connection: BaseDatabaseWrapper, target: Target, keys: Sequence[Any]) -> list[models.Model]:
    """The rows with these primary keys."""
    if not target.is_plain:
        return _found_by_cursor(connection, target, keys)
    lookup = Lookup(target, keys)
    (document,) = query_all(connection, [lookup_statement(connection, lookup)])
    return found(connection, lookup, document)


def lookup_statement(connection: BaseDatabaseWrapper, lookup: Lookup) -> Statement:
    """The statement that finds rows whose values are plain."""
    return _lookup(lookup.target, connection), (encode(lookup.keys),)


def found(connection: BaseDatabaseWrapper, lookup: Lookup, document: bytes) -> list[models.Model]:
    """The rows in the document that a lookup returned."""
    target = lookup.target
    rows = _decoder(target).decode(document)
    return [target.model.from_db(connection.alias, target.attributes, row) for row in rows]


def put(connection: BaseDatabaseWrapper, target: Target, rows: Sequence[models.Model]) -> None:
    """Write rows, of which there is at least one."""
    if not target.is_plain_once_prepared:
        _insert_values(connection, target, rows)
    elif len(rows) >= COPY_FROM_ROWS and _can_be_copied(target):
        _copy(connection, target, rows)
    else:
        _insert_json(connection, target, rows)


def _lookup(target: Target, connection: BaseDatabaseWrapper) -> str:
    """The statement of a lookup; each key is found by the index, whatever the planner thinks of the table: see OPEN."""
    key = target.model._meta.pk
    columns = ", ".join(f'own."{column}"' for column in target.columns)
    return f"""
        SELECT coalesce(json_agg(json_build_array({columns})), '[]')::text
        FROM json_array_elements_text(%s::json) AS wanted (key), LATERAL (
            SELECT * FROM "{target.table}"
            WHERE "{key.column}" = wanted.key::{_type_of(key, connection)} OFFSET 0) AS own
    """  # noqa: S608 - a table of ours


@cache
def _decoder(target: Target) -> "msgspec.json.Decoder[list[tuple[Any, ...]]]":
    """The decoder of rows that come as arrays of their columns' values."""
    held = [next(held for kind, held in _TYPES if isinstance(field, kind)) for field in target.fields]
    row: Any = tuple.__class_getitem__(tuple(each | None for each in held))
    return msgspec.json.Decoder(list[row])


def _found_by_cursor(connection: BaseDatabaseWrapper, target: Target, keys: Sequence[Any]) -> list[models.Model]:
    """The rows with these keys, each value as the driver reads it."""
    statement = f'SELECT {target.names} FROM "{target.table}" WHERE "{target.model._meta.pk.column}" = ANY(%s)'  # noqa: S608 - a table of ours
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(keys)])
        return [target.row_of(values, connection) for values in cursor.fetchall()]


def _insert_json(connection: BaseDatabaseWrapper, target: Target, rows: Sequence[models.Model]) -> None:
    """Insert rows as one JSON parameter, so that the statement is prepared once for any number of them."""
    incoming = [dict(zip(target.columns, row, strict=True)) for row in target.values_of(rows, connection)]
    statement = f"""
        INSERT INTO "{target.table}" ({target.names})
        SELECT {target.names} FROM json_populate_recordset(NULL::"{target.table}", %s::json) {target.on_conflict}
    """  # noqa: S608 - a table of ours
    execute_deferred(connection, statement, encode(incoming))


def _insert_values(connection: BaseDatabaseWrapper, target: Target, rows: Sequence[models.Model]) -> None:
    """Insert each value by itself, as its field prepared it for the driver."""
    with connection.cursor() as cursor:
        cursor.executemany(target.insertion, list(target.values_of(rows, connection)))


def _copy(connection: BaseDatabaseWrapper, target: Target, rows: Sequence[models.Model]) -> None:
    """Insert many rows by COPY, three times as quick; the binary format needs to know each column's type."""
    query_all(connection, [])  # deferred statements come first, as Django's wrappers don't see a COPY
    types = [_type_of(field, connection) for field in target.fields]
    statement = f'COPY "{target.table}" ({target.names}) FROM STDIN (FORMAT BINARY)'
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(types)
        for row in target.values_of(rows, connection):
            copy.write_row(row)


def _can_be_copied(target: Target) -> bool:
    """Whether the driver's binary format is safe: it cuts a number that is too large for a smaller type than bigint."""
    integers = [field for field in target.fields if isinstance(field, models.IntegerField)]
    return not target.replacing and all(isinstance(field, models.BigIntegerField) for field in integers)


def _type_of(field: "models.Field[Any, Any]", connection: BaseDatabaseWrapper) -> str:
    """The type of a column, without its length: a comparison must not cut anything."""
    return str(field.db_type(connection)).partition("(")[0]
