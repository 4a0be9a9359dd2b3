"""The table of a specimen, with its new and old table."""

from typing import Any

from django.db import connection

from eventstore.backends.targets import Target
from tests.conformance.examples import backend
from tests.conformance.specimens import Plain

LIVE, NEW, OLD = "conformance_plain", "conformance_plain__new", "conformance_plain__old"


def put(table: str, *rows: Plain, replacing: bool = False) -> None:
    backend.put(Target(table, Plain, replacing), rows)


def numbers(table: str) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT big FROM "{table}" ORDER BY big')
        return [big for (big,) in cursor.fetchall()]


def exists(table: str) -> bool:
    return table in connection.introspection.table_names()


def shape(table: str) -> list[Any]:
    with connection.cursor() as cursor:
        described = connection.introspection.get_table_description(cursor, table)
    return [(column.name, column.type_code, column.null_ok, column.default) for column in described]
