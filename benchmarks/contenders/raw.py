"""`python -m benchmarks.contenders.raw TASK`: psycopg by hand, the ceiling. No versions checked, no heads, no rules."""

import time
from itertools import cycle
from typing import Any
from uuid import NAMESPACE_OID, uuid4, uuid5

import msgspec
import psycopg

from benchmarks.contenders.worker import NOTE, Task, Work, serve

TABLES = """
CREATE TABLE event (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    stream_id uuid NOT NULL,
    version bigint NOT NULL,
    type text NOT NULL,
    data jsonb NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (stream_id, version)
);
CREATE TABLE balance (purse_id uuid PRIMARY KEY, balance bigint NOT NULL);
CREATE TABLE checkpoint (position bigint NOT NULL);
INSERT INTO checkpoint VALUES (0);
"""
APPEND = "INSERT INTO event (stream_id, version, type, data) VALUES (%s, %s, 'purse.filled', %s::jsonb)"
# Faster than executemany in a pipeline, than unnest of arrays and, for 100 events, than COPY.
APPEND_BATCH = """
INSERT INTO event (stream_id, version, type, data)
SELECT %s, %s + ordinality, 'purse.filled', data FROM jsonb_array_elements(%s::jsonb) WITH ORDINALITY AS one (data)
"""
READ = "SELECT position, data::text FROM event WHERE position > %s ORDER BY position LIMIT 5000"
UPSERT = """
INSERT INTO balance SELECT * FROM jsonb_to_recordset(%s::jsonb) AS one (purse_id uuid, balance bigint)
ON CONFLICT (purse_id) DO UPDATE SET balance = excluded.balance
"""
STREAMS = 100
BATCH = 500


def payload(purse_id: Any, version: int) -> dict[str, Any]:
    """The fields of the event that all contenders record."""
    return {
        "purse_id": purse_id,
        "entry_id": uuid4(),
        "amount": 100,
        "balance": 100 * (version + 1),
        "note": NOTE,
    }


def encoded(value: Any) -> str:
    """JSON, as fast as Python can."""
    return msgspec.json.encode(value).decode()


class Raw(Work):
    """Work on one connection that commits each statement by itself."""

    def prepare(self) -> None:
        """Make the tables."""
        self._connect().execute(TABLES)

    def begin(self) -> None:
        """Connect; every statement is prepared."""
        self.connection = self._connect()
        self.connection.prepare_threshold = 0
        self.versions = {uuid4(): 0 for _ in range(STREAMS)}
        self.turn = cycle(self.versions)

    def _connect(self) -> "psycopg.Connection[Any]":
        task = self.task
        return psycopg.connect(host=task.host, dbname=task.database, user=task.user, autocommit=True)


class Append(Raw):
    """One event, one statement, one commit."""

    def once(self) -> int:
        """One event."""
        stream_id = next(self.turn)
        version = self.versions[stream_id]
        self.connection.execute(APPEND, [stream_id, version + 1, encoded(payload(stream_id, version))])
        self.versions[stream_id] = version + 1
        return 1


class AppendBatch(Raw):
    """`batch` events, one statement, one commit."""

    def once(self) -> int:
        """Commits one transaction; returns its number of events."""
        stream_id, batch = next(self.turn), self.task.options["batch"]
        version = self.versions[stream_id]
        events = [payload(stream_id, version + number) for number in range(batch)]
        self.connection.execute(APPEND_BATCH, [stream_id, version, encoded(events)])
        self.versions[stream_id] = version + batch
        return int(batch)


class Tail(Raw):
    """A reader that remembers the last position it saw: the naive way, which misses events."""

    def begin(self) -> None:
        """At the beginning of the table."""
        super().begin()
        self.last = self.seen = 0

    def before(self) -> None:
        """Pauses, which leaves the processor to the writers."""
        time.sleep(0.02)

    def once(self) -> int:
        """Reads what is new; returns the number of events."""
        new = self.connection.execute(READ, [self.last]).fetchall()
        if new:
            self.last = new[-1][0]
        self.seen += len(new)
        return len(new)

    def facts(self) -> dict[str, int]:
        """Reads to the end; `missed` counts the events that the reader never saw."""
        while self.once():
            pass
        (there,) = self.connection.execute("SELECT count(*) FROM event").fetchone() or (0,)
        return {"missed": there - self.seen}


class CatchUp(Raw):
    """Fetch, decode, fold and upsert, 5,000 events at a time."""

    def prepare(self) -> None:
        """Write the log."""
        super().prepare()
        with self._connect() as connection:
            for number in range(self.task.options["streams"]):
                purse_id = uuid5(NAMESPACE_OID, f"purse {number}")
                events = [payload(purse_id, version) for version in range(self.task.options["history"])]
                connection.execute(APPEND_BATCH, [purse_id, 0, encoded(events)])

    def before(self) -> None:
        """Resets the reader and its rows."""
        self.connection.execute("TRUNCATE balance")
        self.connection.execute("UPDATE checkpoint SET position = 0")

    def once(self) -> int:
        """Read the whole log."""
        last = done = 0
        while rows := self.connection.execute(READ, [last]).fetchall():
            with self.connection.transaction():
                self._apply(rows)
            last = rows[-1][0]
            done += len(rows)
        return done

    def _apply(self, rows: list[tuple[int, str]]) -> None:
        balances: dict[str, int] = {}
        for _, data in rows:
            event = msgspec.json.decode(data)
            balances[event["purse_id"]] = event["balance"]
        changed = [{"purse_id": purse_id, "balance": balance} for purse_id, balance in balances.items()]
        self.connection.execute(UPSERT, [encoded(changed)])
        self.connection.execute("UPDATE checkpoint SET position = %s", [rows[-1][0]])


if __name__ == "__main__":
    serve(Task.given(), {"append": Append, "append-batch": AppendBatch, "tail": Tail, "catch-up": CatchUp})
