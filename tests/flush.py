"""Empties the test database after a test with real transactions, in spite of the append-only triggers."""

from collections.abc import Iterable, Sequence

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.transaction import atomic

Trigger = tuple[str, str]  # the statement that lifts it, the statement that puts it back

SQLITE_TRIGGERS = """
    SELECT 'DROP TRIGGER "' || name || '"', sql FROM sqlite_master WHERE type = 'trigger'
"""
# The statement that puts a trigger back says how it was enabled: 'A' always, 'O' as usual.
POSTGRESQL_TRIGGERS = """
    SELECT format('ALTER TABLE %s DISABLE TRIGGER %I', tgrelid::regclass, tgname),
           format('ALTER TABLE %s ENABLE %s TRIGGER %I', tgrelid::regclass,
                  CASE tgenabled WHEN 'A' THEN 'ALWAYS' ELSE '' END, tgname)
    FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
    WHERE NOT tgisinternal AND tgenabled IN ('A', 'O') AND relkind = 'r'
"""


class Flush:
    """Takes the place of `connection.ops.execute_sql_flush`.

    What the migrations put into the tables (groups, permissions, the tidemark) is there again afterwards.
    """

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        """Remember the rows that are in the freshly migrated database."""
        self.connection = connection
        with connection.cursor() as cursor:
            self.kept = [table for table in self._tables() if _has_rows(cursor, table)]
            for table in self.kept:
                cursor.execute(f'CREATE TABLE "kept_{table}" AS SELECT * FROM "{table}"')

    def __call__(self, statements: Iterable[str]) -> None:
        """Run Django's statements, which empty all tables, and put the remembered rows back."""
        with atomic(), self.connection.cursor() as cursor:
            if self.connection.vendor == "postgresql":  # a test that left a transaction open must not stop all
                cursor.execute("SET LOCAL lock_timeout = '20s'")
            triggers = self._triggers(cursor)
            _execute(cursor, [lift for lift, _ in triggers])
            _execute(cursor, statements)
            if self.connection.vendor == "sqlite":  # where positions have no gaps: they begin at 1 again
                cursor.execute("DELETE FROM sqlite_sequence")
            _execute(cursor, [put_back for _, put_back in triggers])
            _execute(cursor, [f'INSERT INTO "{table}" SELECT * FROM "kept_{table}"' for table in self.kept])

    def _tables(self) -> Sequence[str]:
        return self.connection.introspection.django_table_names(only_existing=True, include_views=False)

    def _triggers(self, cursor: CursorWrapper) -> Sequence[Trigger]:
        on_sqlite = self.connection.vendor == "sqlite"
        cursor.execute(SQLITE_TRIGGERS if on_sqlite else POSTGRESQL_TRIGGERS)
        return [(lift, put_back) for lift, put_back in cursor.fetchall()]


def _execute(cursor: CursorWrapper, statements: Iterable[str]) -> None:
    for statement in statements:
        cursor.execute(statement)


def _has_rows(cursor: CursorWrapper, table: str) -> bool:
    cursor.execute(f'SELECT 1 FROM "{table}" LIMIT 1')
    return cursor.fetchone() is not None
