"""What two databases must agree in: counts and roots of both stores, up to a cut."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore.verifier import merkle

PAGE: Final = 10_000
STORES: Final = {"events": ("eventstore_event", "position"), "commands": ("eventstore_command", "number")}


def figures(
    connection: BaseDatabaseWrapper, cut: dict[str, int], look: Callable[[int], object] = lambda _: None
) -> dict[str, Any]:
    """The number of events and commands up to a cut, and the root of the tree over their digests (RFC 9162).

    A root is equal only if every position and every digest is. `look` is called with each number of rows read.
    """
    found: dict[str, Any] = {}
    for store, (table, column) in STORES.items():
        tree = merkle.Frontier()
        for position, digest in _rows(connection, table, column, cut[store], look):
            tree.append(merkle.leaf_hash(merkle.entry(position, bytes(digest))))
        found[store], found[f"root of {store}"] = tree.size, tree.root().hex()
    return found


def _rows(
    connection: BaseDatabaseWrapper, table: str, column: str, to: int, look: Callable[[int], object]
) -> Iterator[tuple[int, bytes]]:
    after = 0
    statement = (
        f"SELECT {column}, digest FROM {table} WHERE {column} > %s AND {column} <= %s "  # noqa: S608 - our own tables
        f"ORDER BY {column} LIMIT {PAGE}"
    )
    while True:
        with connection.cursor() as cursor:
            cursor.execute(statement, [after, to])
            rows = cursor.fetchall()
        yield from rows
        look(len(rows))
        if len(rows) < PAGE:
            return
        after = rows[-1][0]
