"""Lets tests with real transactions empty the test database, in spite of the guards of append-only tables.

`TransactionTestCase` and `transactional_db` flush all tables after each test, which the triggers that keep events and
commands append-only refuse. With pytest the plugin `eventstore.testing.plugin` lifts them meanwhile; with unittest:

    class LendingTest(FlushMixin, TransactionTestCase):
        ...
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.transaction import atomic

from eventstore.partitions.stores import WITHOUT_MODEL

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
    WHERE NOT tgisinternal AND tgenabled IN ('A', 'O') AND relkind IN ('r', 'p')
"""
# In one question for all tables: which of them hold other rows than they should.
HAS_ROWS = """SELECT '{table}' WHERE EXISTS (SELECT FROM "{table}")"""
HAS_OTHER_ROWS = """
    SELECT '{table}' WHERE EXISTS (TABLE "{table}" EXCEPT ALL TABLE "kept_{table}")
                        OR EXISTS (TABLE "kept_{table}" EXCEPT ALL TABLE "{table}")
"""


def allow_flush(*aliases: str) -> None:
    """Let the test databases with these aliases (all, if none is named) be flushed from now on.

    Call it once the tables are made, before a test commits anything: the rows that are there now (groups, permissions,
    the tidemark) are there again after each flush.
    """
    for alias in aliases or connections:
        operations: Any = connections[alias].ops
        if not isinstance(operations.execute_sql_flush, Flush):
            operations.execute_sql_flush = Flush(connections[alias])


class FlushMixin:
    """Goes before `TransactionTestCase` among the bases; every such class of a project needs it."""

    databases: Any

    @classmethod
    def setUpClass(cls) -> None:
        """Remember the rows of the fresh test databases, before the first test runs."""
        super().setUpClass()  # type: ignore[misc]  # of the TestCase beside it
        allow_flush(*(connections if cls.databases == "__all__" else cls.databases))


class Flush:
    """Takes the place of `connection.ops.execute_sql_flush`, see `allow_flush`."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        """Remember the rows that are in the freshly migrated database."""
        self.connection = connection
        with connection.cursor() as cursor:
            self.kept = [table for table in self._tables() if _has_rows(cursor, table)]
            for table in self.kept:
                cursor.execute(f'DROP TABLE IF EXISTS "kept_{table}"')  # of an earlier run, with --reuse-db
                cursor.execute(f'CREATE TABLE "kept_{table}" AS SELECT * FROM "{table}"')  # noqa: S608 - a table's name

    def __call__(self, statements: Iterable[str]) -> None:
        """Empty all tables, as Django's statements do, and put the remembered rows back."""
        statements = list(statements)
        with atomic(using=self.connection.alias), self.connection.cursor() as cursor:
            if self.connection.vendor == "sqlite":
                self._run(cursor, statements)
                cursor.execute("DELETE FROM sqlite_sequence")  # where positions have no gaps: they begin at 1 again
                return
            cursor.execute("SET LOCAL lock_timeout = '20s'")  # a test that left a transaction open must not stop all
            if any("RESTART IDENTITY" in statement for statement in statements):
                self._run(cursor, statements)
            else:
                self._empty_what_changed(cursor)

    def _run(self, cursor: CursorWrapper, statements: Iterable[str]) -> None:
        triggers = self._triggers(cursor)
        _execute(cursor, [lift for lift, _ in triggers])
        _execute(cursor, statements)
        _execute(cursor, [put_back for _, put_back in triggers])
        _execute(cursor, [_put_back_rows(table) for table in self.kept])

    def _empty_what_changed(self, cursor: CursorWrapper) -> None:
        """Empty the few tables that a test wrote to: PostgreSQL takes 2 ms to truncate each of all, empty or not."""
        changed = self._changed(cursor)
        triggers = [trigger for trigger in self._triggers(cursor) if _table_of(trigger) in changed]
        _execute(cursor, [lift for lift, _ in triggers])
        _execute(cursor, [f'DELETE FROM "{table}"' for table in changed])  # noqa: S608 - a table's name
        _execute(cursor, [_put_back_rows(table) for table in self.kept if table in changed])
        if triggers:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what a table still has to check forbids to alter it
            _execute(cursor, [put_back for _, put_back in triggers])

    def _changed(self, cursor: CursorWrapper) -> Sequence[str]:
        questions = [(HAS_OTHER_ROWS if each in self.kept else HAS_ROWS, each) for each in self._tables()]
        cursor.execute(" UNION ALL ".join(question.format(table=table) for question, table in questions))
        return [table for (table,) in cursor.fetchall()]

    def _tables(self) -> Sequence[str]:
        known = self.connection.introspection
        own = known.django_table_names(only_existing=True, include_views=False)
        return [*own, *(set(WITHOUT_MODEL) & set(known.table_names()))]

    def _triggers(self, cursor: CursorWrapper) -> Sequence[Trigger]:
        on_sqlite = self.connection.vendor == "sqlite"
        cursor.execute(SQLITE_TRIGGERS if on_sqlite else POSTGRESQL_TRIGGERS)
        return [(lift, put_back) for lift, put_back in cursor.fetchall()]


def _put_back_rows(table: str) -> str:
    return f'INSERT INTO "{table}" SELECT * FROM "kept_{table}"'  # noqa: S608 - a table's name


def _table_of(trigger: Trigger) -> str:
    """The table of a statement `ALTER TABLE name DISABLE …`."""
    return trigger[0].split()[2].strip('"')


def _execute(cursor: CursorWrapper, statements: Iterable[str]) -> None:
    for statement in statements:
        cursor.execute(statement)


def _has_rows(cursor: CursorWrapper, table: str) -> bool:
    cursor.execute(f'SELECT 1 FROM "{table}" LIMIT 1')  # noqa: S608 - a table's name
    return cursor.fetchone() is not None
