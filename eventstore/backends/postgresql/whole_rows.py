"""PostgreSQL: rows of the log with all that they say, for whoever verifies them.

Ids come as text, as digests take them. Times beyond those that a program can hold are brought to the nearest one:
nobody records them, so such a row was changed, and its digest tells.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore.backends.postgresql.driver import fetch

TIME = "greatest('0001-01-02 UTC', least({}, '9999-12-30 UTC'))"

WHOLE_EVENTS = f"""
SELECT position, event_id::text, category, stream_id::text, version, type, schema_version, data::text, metadata::text,
    {TIME.format("recorded_at")}, slot, digest
FROM eventstore_event WHERE
"""  # noqa: S608 - a constant

WHOLE_COMMANDS = f"""
SELECT number, command_id::text, actor, key, encode(fingerprint, 'hex'), type, schema_version, data::text,
    metadata::text, accepted, response::text, positions::text, {TIME.format("recorded_at")}, digest
FROM eventstore_command WHERE
"""  # noqa: S608 - a constant

BEFORE = f"""
SELECT stream_id::text, version, digest, {TIME.format("recorded_at")}, position
FROM unnest(%s::uuid[], %s::bigint[]) AS wanted (id, next),
    LATERAL (SELECT * FROM eventstore_event WHERE stream_id = wanted.id AND version = wanted.next - 1 OFFSET 0) AS found
"""  # noqa: S608 - a constant

HEADS = f"""
SELECT head.stream_id::text, head.category, head.version, head.position, head.digest,
    {TIME.format("head.recorded_at")}, head.state, head.fingerprint,
    last.category, last.version, last.position, last.digest, {TIME.format("last.recorded_at")}
FROM (SELECT * FROM eventstore_stream WHERE stream_id > %s ORDER BY stream_id LIMIT %s) AS head
LEFT JOIN LATERAL (
    SELECT category, version, position, digest, recorded_at FROM eventstore_event
    WHERE stream_id = head.stream_id ORDER BY version DESC LIMIT 1
) AS last ON true
ORDER BY head.stream_id
"""  # noqa: S608 - a constant

FACTS = """
SELECT stream_id::text, version, type, schema_version, data::text FROM eventstore_event
WHERE (stream_id, version) > (%s, %s) AND stream_id <= %s ORDER BY stream_id, version LIMIT %s
"""

HEADLESS = """
SELECT min(position) FROM eventstore_event AS event
WHERE NOT EXISTS (SELECT FROM eventstore_stream AS head WHERE head.stream_id = event.stream_id)
"""


class WholeRows:
    """The part of the backend that reads whole rows."""

    connection: BaseDatabaseWrapper

    def whole_events(self, where: str, parameters: Sequence[Any], limit: int) -> list[tuple[Any, ...]]:
        return fetch(self.connection, f"{WHOLE_EVENTS} {where} LIMIT %s", [*parameters, limit])

    def whole_commands(self, where: str, parameters: Sequence[Any], limit: int) -> list[tuple[Any, ...]]:
        return fetch(self.connection, f"{WHOLE_COMMANDS} {where} LIMIT %s", [*parameters, limit])

    def events_before(self, streams: Sequence[str], versions: Sequence[int]) -> list[tuple[Any, ...]]:
        return fetch(self.connection, BEFORE, [list(streams), list(versions)])

    def whole_heads(self, after: UUID, limit: int) -> list[tuple[Any, ...]]:
        return fetch(self.connection, HEADS, [after, limit])

    def facts_between(self, after: tuple[str, int], to: str, limit: int) -> list[tuple[Any, ...]]:
        return fetch(self.connection, FACTS, [UUID(after[0]), after[1], UUID(to), limit])

    def first_without_head(self) -> int | None:
        ((position,),) = fetch(self.connection, HEADLESS, [])
        found: int | None = position
        return found

    def sequences(self) -> tuple[int, int]:
        return self.last_drawn()

    def last_drawn(self) -> tuple[int, int]:
        raise NotImplementedError  # of `Mark`
