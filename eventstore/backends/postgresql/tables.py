"""PostgreSQL: tables beside the live one, for rebuilds and checks."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.db import models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql.datastructures import BaseTable

from eventstore.backends.postgresql.copies import NOT_COPIED
from eventstore.backends.postgresql.given_tables import given_table

# Statements that take all rights to a table from the roles that have any.
REVOKE_ALL = """
SELECT DISTINCT format('REVOKE ALL ON %%s FROM %%s', %(name)s::text,
    CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END)
FROM pg_class, LATERAL (
    SELECT grantee FROM aclexplode(relacl)
    UNION ALL
    SELECT grantee FROM pg_attribute, aclexplode(attacl) WHERE attrelid = pg_class.oid) AS granted
WHERE pg_class.oid = %(name)s::text::regclass AND grantee <> relowner
"""

# Primary keys and other constraints that are kept by an index, by what they are.
KEYS = (
    "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype IN ('p', 'u', 'x')"
)

# Indexes by what they are, so that those of two tables of one shape can be matched.
INDEXES = """
SELECT relname, regexp_replace(pg_get_indexdef(indexrelid), '^(CREATE (UNIQUE )?INDEX) .* (USING .*)$', '\\1 \\3')
FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE indrelid = %s::regclass ORDER BY 2, 1
"""

# Indexes that keep nothing unique: made from all rows at once they cost a fraction of what they do row by row.
PLAIN_INDEXES = """
SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
WHERE indrelid = %s::regclass AND NOT indisunique AND NOT indisexclusion
"""

# A transaction that waits long for a table, or for the writers, makes all later ones wait too: better to give up, and
# try again.
SET_LOCK_TIMEOUT = "SET LOCAL lock_timeout = '2s'"

# A tenth of the usual sample tells the planner which index serves; the table's next ANALYZE tells the rest. The usual
# one takes longer than all indexes together where a table is no larger than the sample.
SAMPLE = "SET LOCAL default_statistics_target = 10"


class Tables:
    """The part of the backend that makes, exchanges and drops tables."""

    connection: BaseDatabaseWrapper

    def create_like(self, table: str, name: str, *, with_keys: bool = True) -> None:
        without = "" if with_keys else "EXCLUDING INDEXES"
        with self.connection.cursor() as cursor:
            cursor.execute(f'CREATE TABLE "{name}" (LIKE "{table}" INCLUDING ALL {without})')
            cursor.execute(PLAIN_INDEXES, [f'"{name}"'])
            for (index,) in cursor.fetchall():
                cursor.execute(f'DROP INDEX "{index}"')

    def complete_like(self, table: str, name: str) -> None:
        with self.connection.cursor() as cursor:
            for key in (_keys(cursor, table) - _keys(cursor, name)).elements():
                cursor.execute(f'ALTER TABLE "{name}" ADD {key}')
            there, wanted = (Counter(shape for _, shape in _indexes(cursor, one)) for one in (name, table))
            for shape in (wanted - there).elements():
                cursor.execute(shape.replace(" USING", f' ON "{name}" USING', 1))
            with transaction.atomic(using=self.connection.alias):
                cursor.execute(SAMPLE)
                cursor.execute(f'ANALYZE "{name}"')

    def create_temporary_like(self, table: str, name: str) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(f'CREATE TEMPORARY TABLE "{name}" (LIKE "{table}" INCLUDING ALL) ON COMMIT DROP')

    def table_of(self, model: type[models.Model], name: str, rows: Sequence[models.Model]) -> BaseTable:
        return given_table(self.connection, model, name, rows)

    def exchange_tables(self, table: str, new: str, old: str) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(SET_LOCK_TIMEOUT)
            cursor.execute(f'DROP TABLE IF EXISTS "{old}"')
            pairs = zip(_indexes(cursor, table), _indexes(cursor, new), strict=True)
            for number, ((kept, _), (taken, _)) in enumerate(pairs):
                between, aside = f"{_short(table)}__{number}", f"{_short(table)}__{number}_old"
                cursor.execute(f'ALTER INDEX "{taken}" RENAME TO "{between}"')
                cursor.execute(f'ALTER INDEX "{kept}" RENAME TO "{aside}"')
                cursor.execute(f'ALTER INDEX "{between}" RENAME TO "{kept}"')
            for statements in (REVOKE_ALL, NOT_COPIED):
                cursor.execute(statements, {"table": f'"{table}"', "name": f'"{new}"'})
                for (statement,) in cursor.fetchall():
                    cursor.execute(statement)
            cursor.execute(f'ALTER TABLE "{table}" RENAME TO "{old}"')
            cursor.execute(f'ALTER TABLE "{new}" RENAME TO "{table}"')

    def rename_table(self, table: str, name: str) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(f'ALTER TABLE "{table}" RENAME TO "{name}"')

    def drop_table(self, table: str) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(f'DROP TABLE IF EXISTS "{table}"')


def _short(table: str) -> str:
    """A name of a table's own that leaves room for an ending within PostgreSQL's 63 bytes."""
    return f"{table.encode()[:36].decode(errors='ignore')}_{hashlib.sha256(table.encode()).hexdigest()[:8]}"


def _keys(cursor: Any, table: str) -> Counter[str]:
    """A table's primary key and other unique constraints, by what they are."""
    cursor.execute(KEYS, [f'"{table}"'])
    return Counter(key for (key,) in cursor.fetchall())


def _indexes(cursor: Any, table: str) -> list[tuple[str, str]]:
    """A table's indexes by name, each with what it is, in an order that is the same for tables of one shape."""
    cursor.execute(INDEXES, [f'"{table}"'])
    return list(cursor.fetchall())
