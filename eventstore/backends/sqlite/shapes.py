"""SQLite: the shape of a table, and what is bound to it, both from the statements that the database keeps."""

import re
from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore.backends.shapes import TableShape

TABLE = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = %s"

OTHERS = """
SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND type <> 'index' AND name NOT IN (%s, %s)
ORDER BY 1, 2
"""
FOREIGN_KEYS = 'SELECT DISTINCT "table" FROM pragma_foreign_key_list(%s) ORDER BY 1'

_PIECE = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|[(),]|[^'"`\[(),]+""")
_CONSTRAINT = re.compile(r"(CONSTRAINT|CHECK|UNIQUE|PRIMARY|FOREIGN)\b", re.IGNORECASE)
_NAME = re.compile(r"""^("(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|\w+)\s*(.*)$""", re.DOTALL)


class Shapes:
    """The part of the backend that tells what a table is like."""

    connection: BaseDatabaseWrapper

    def shape(self, table: str) -> TableShape:
        """Indexes are left out: an exchange makes those of the live table anew."""
        found = self._rows(TABLE, [table])
        parts = list(_parts(found[0][0])) if found else []
        constraints = frozenset(part for part in parts if _CONSTRAINT.match(part))
        return TableShape(dict(_column(part) for part in parts if part not in constraints), constraints)

    def bound_to(self, table: str) -> list[str]:
        """Tells by a rename, which is undone: it changes the name in all that depends on the table."""
        keys = [f"foreign key to {to}" for (to,) in self._rows(FOREIGN_KEYS, [table])]
        beside = f"{table}__bound"
        with transaction.atomic(using=self.connection.alias):
            before = self._rows(OTHERS, [table, beside])
            savepoint = transaction.savepoint(using=self.connection.alias)
            with self.connection.cursor() as cursor:
                cursor.execute(f'ALTER TABLE "{table}" RENAME TO "{beside}"')
            after = self._rows(OTHERS, [table, beside])
            transaction.savepoint_rollback(savepoint, using=self.connection.alias)
        return keys + [f"{one[0]} {one[1]}" for one, other in zip(before, after, strict=True) if one != other]

    def lock_table(self, table: str) -> None:
        """Do nothing: the transaction is the only writer."""

    def _rows(self, statement: str, parameters: list[str]) -> list[Any]:
        with self.connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            rows: list[Any] = cursor.fetchall()
        return rows


def _parts(statement: str) -> Iterator[str]:
    """The parts between the outer parentheses of CREATE TABLE, which commas divide."""
    depth, part = 0, ""
    for piece in _PIECE.findall(statement):
        depth += {"(": 1, ")": -1}.get(piece, 0)
        if (piece, depth) in ((",", 1), (")", 0)):
            yield " ".join(part.split())
            part = ""
        elif depth > 1 or (depth == 1 and piece != "("):
            part += piece


def _column(part: str) -> tuple[str, str]:
    found = _NAME.match(part)
    assert found, part
    return found[1].strip('"`[]'), found[2]
