"""SQLite: tables beside the live one, for rebuilds and checks."""

import re
from collections.abc import Sequence

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql.datastructures import BaseTable

SCHEMA = "SELECT sql FROM sqlite_master WHERE type = %s AND tbl_name = %s AND sql IS NOT NULL"

_INDEX_NAME = re.compile(r'INDEX "?(\w+)')
_CREATE_TABLE = re.compile(r"""CREATE TABLE\s+("(?:[^"]|"")*"|'[^']*'|`[^`]*`|\[[^\]]*\]|\w+)""", re.IGNORECASE)


class Tables:
    """The part of the backend that makes, exchanges and drops tables."""

    connection: BaseDatabaseWrapper

    def create_like(self, table: str, name: str, *, with_keys: bool = True) -> None:
        """Make the table with its keys in any case, as they belong to its definition."""
        self._create_like(table, name, "CREATE TABLE")

    def complete_like(self, table: str, name: str) -> None:
        """Do nothing: `exchange_tables` makes the indexes, whose names belong to the live table until then."""

    def create_temporary_like(self, table: str, name: str) -> None:
        self._create_like(table, name, "CREATE TEMPORARY TABLE")

    def _create_like(self, table: str, name: str, create: str) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(SCHEMA, ["table", table])
            (statement,) = cursor.fetchone()
            cursor.execute(_CREATE_TABLE.sub(lambda _: f'{create} "{name}"', statement, count=1))

    def table_of(self, model: type[models.Model], name: str, rows: Sequence[models.Model]) -> BaseTable:
        raise NotImplementedError("A file follows nobody, and temporary tables can always be created beside it.")

    def exchange_tables(self, table: str, new: str, old: str) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(SCHEMA, ["index", table])
            indexes = [statement for (statement,) in cursor.fetchall()]
            self.drop_table(old)
            self.rename_table(table, old)
            self.rename_table(new, table)
            for statement in indexes:  # an index can't be renamed, and its name belongs to the live table
                cursor.execute(f'DROP INDEX "{_INDEX_NAME.findall(statement)[0]}"')
                cursor.execute(statement)

    def rename_table(self, table: str, name: str) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(f'ALTER TABLE "{table}" RENAME TO "{name}"')

    def drop_table(self, table: str) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(f'DROP TABLE IF EXISTS "{table}"')
