# mypy: disable-error-code="import-not-found", allow-subclassing-any, allow-untyped-decorators
"""A projection of balances, as eventsourcing's documentation teaches: a view that records rows and tracking at once."""

from typing import Any
from uuid import UUID

from eventsourcing.dispatch import singledispatchmethod
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection
from psycopg.sql import SQL

from benchmarks.contenders.eventsourcing.purses import Purse

CREATE = "CREATE TABLE IF NOT EXISTS balance (purse_id uuid PRIMARY KEY, balance bigint NOT NULL)"
UPSERT = """
INSERT INTO balance VALUES (%s, %s) ON CONFLICT (purse_id) DO UPDATE SET balance = excluded.balance
"""


class Balances(PostgresTrackingRecorder):
    """The materialised view."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sql_create_statements.append(SQL(CREATE))

    def put(self, purse_id: UUID, balance: int, tracking: Tracking) -> None:
        """One row, and how far the log is read, in one transaction."""
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(UPSERT, (purse_id, balance), prepare=True)

    def skip(self, tracking: Tracking) -> None:
        """Records only how far the log is read."""
        self.insert_tracking(tracking)


class BalancesProjection(Projection[Balances]):
    """From events to the view."""

    name = "balances"

    @singledispatchmethod
    def process_event(self, _event: Any, tracking: Tracking) -> None:
        """Skips an event of another kind."""
        self.view.skip(tracking)

    @process_event.register
    def _(self, event: Purse.Filled, tracking: Tracking) -> None:
        self.view.put(event.originator_id, event.balance, tracking)
