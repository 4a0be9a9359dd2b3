"""PostgreSQL: a log in partitions, of which the cold ones may lie in an archive alone (decision 0052).

The tidemark's row tells where each store begins. It is moved before a partition goes, and each statement that reads a
range of the log looks at it in the same snapshot: it gives no row at all rather than those that are left.
"""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django.db import DatabaseError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore.backends.base import StreamBounds
from eventstore.backends.postgresql.driver import fetch
from eventstore.errors import RangeDetached

HOLDS: Final = "coalesce((SELECT {} FROM eventstore_tidemark WHERE id = 1), 0) <= %s"
FIRST: Final = {"events": "first_position", "commands": "first_number"}
BEGINS: Final = "SELECT {} FROM eventstore_tidemark WHERE id = 1"
BOUNDS: Final = "SELECT first_position, position, version FROM eventstore_stream WHERE stream_id = %s"
ARCHIVE: Final = """
SELECT archive FROM eventstore_detached WHERE store = %s AND "end" > %s ORDER BY first LIMIT 1
"""
NUMBER: Final = "SELECT number FROM eventstore_claim WHERE command_id = %s"
IS_PARTITIONED: Final = b"SELECT to_regclass('eventstore_claim') IS NOT NULL"

# Databases that have said, when they were last asked, that their stores are partitioned. Whoever does not know it yet
# reads more than it needs to, and stores nothing twice: the table of ids refuses that by itself.
known = set[str]()


class Detached:
    """The part of the backend that knows where the log begins, and where each stream lies in it."""

    connection: BaseDatabaseWrapper

    @property
    def name(self) -> str:
        """The name of the database."""
        return str(self.connection.settings_dict["NAME"])

    def ask_for_partitions(self) -> None:
        """Ask a new session whether the stores are partitioned, past Django: it is no query of anybody's."""
        result = self.connection.connection.pgconn.exec_(IS_PARTITIONED)
        if result.ntuples and result.get_value(0, 0) == b"t":
            known.add(self.name)

    def holds_from(self, store: str) -> str:
        return HOLDS.format(FIRST[store])

    def must_hold(self, store: str, first: int) -> None:
        found = fetch(self.connection, BEGINS.format(FIRST[store]), [])
        if found and first < found[0][0]:
            raise RangeDetached(store, first, found[0][0] - 1, self._archive(store, first))

    def claimed_number(self, command_id: UUID) -> int | None:
        if self.name not in known:
            return None
        found = fetch(self.connection, NUMBER, [command_id])
        return int(found[0][0]) if found else None

    def stream_bounds(self, stream_id: UUID) -> StreamBounds | None:
        if self.name not in known:
            return None
        found: Sequence[Any] = fetch(self.connection, BOUNDS, [stream_id])
        return StreamBounds(*found[0]) if found else StreamBounds(0, 0, 0)

    def _archive(self, store: str, first: int) -> str:
        """The address of the archive that has a position or number; empty where this role may not know."""
        try:
            with transaction.atomic(using=self.connection.alias):
                found = fetch(self.connection, ARCHIVE, [store, first])
        except DatabaseError:
            return ""
        return str(found[0][0]) if found else ""
