"""A consumer of delivered events that counts each of them once, however often it arrives (docs/relay.md).

Its own database remembers which ids it has seen, in the transaction that has the effect: a crash undoes both.
"""

import json
import sqlite3

TABLES = """
CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY, epoch INTEGER NOT NULL, position INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS total (tally TEXT PRIMARY KEY, amount INTEGER NOT NULL);
"""
ADD = "INSERT INTO total VALUES (?, ?) ON CONFLICT (tally) DO UPDATE SET amount = amount + excluded.amount"


def receive(database: sqlite3.Connection, body: bytes) -> bool:
    """Take one event; whether it was new. Acknowledge it (HTTP 204, NATS ack, Kafka commit) after this returns."""
    event = json.loads(body)
    with database:  # one transaction: it commits at the end of the block, or undoes all of it
        seen = (event["id"], event["epoch"], int(event["position"]))
        if not database.execute("INSERT OR IGNORE INTO seen VALUES (?, ?, ?)", seen).rowcount:
            return False
        if event["type"] == "tally.counted":
            database.execute(ADD, (event["partitionkey"], event["data"]["amount"]))
    return True
