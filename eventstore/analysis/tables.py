"""The tables of a session, `events` and `commands`: rows of the archive, and those that the log has had since."""

from typing import TYPE_CHECKING, Final

from eventstore.analysis.archived import Archive
from eventstore.analysis.bounds import Period
from eventstore.analysis.tail import tail

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# UUIDs are stored as 16 bytes, times as microseconds, and metadata with a mark in the place of the command's id: see
# docs/archive-format.md. What a query does not name is neither read nor converted.
MACROS: Final = """
CREATE MACRO id_of(stored) AS CAST(lower(hex(stored)) AS UUID);
CREATE MACRO metadata_of(stored, cause) AS CAST(CASE WHEN cause IS NULL THEN stored
    ELSE replace(replace(stored, '"@"', '"' || CAST(id_of(cause) AS VARCHAR) || '"'), '"@@', '"@') END AS JSON);
"""
EVENTS: Final = """
CREATE VIEW events AS SELECT
    position, id_of(event_id) AS event_id, category, id_of(stream_id) AS stream_id, version, type, schema_version,
    make_timestamp(recorded_at) AS recorded_at, id_of(command_id) AS command_id,
    metadata_of(metadata, command_id) AS metadata, CAST(data AS JSON) AS data
FROM stored_events WHERE position <= {to}{period}
"""
COMMANDS: Final = """
CREATE VIEW commands AS SELECT
    number, id_of(command_id) AS command_id, actor, key, type, schema_version, accepted,
    make_timestamp(recorded_at) AS recorded_at, metadata_of(metadata, command_id) AS metadata,
    CAST(data AS JSON) AS data, CAST(response AS JSON) AS response, positions
FROM stored_commands WHERE number <= {to}{period}
"""
ALLOW: Final = "SET allowed_paths = list_concat(current_setting('allowed_paths'), ?)"
FIRST_BEYOND: Final = "SELECT min(number) FROM stored_commands WHERE list_max(positions) > ?"


class Tables:
    """Makes them on a connection, before it is locked."""

    def __init__(self, connection: "DuckDBPyConnection", archive: Archive | None, live_limit: int) -> None:
        self.connection, self.archive, self.live_limit = connection, archive, live_limit

    def load(self, store: str, after: int, to: int) -> None:
        """Make `stored_events` or `stored_commands`; what comes after a position or number is live."""
        self.connection.register(f"live_{store}", tail(store, after, to, self.live_limit))
        parts = [f"FROM live_{store}", *self._archived(store)]
        self.connection.execute(f"CREATE VIEW stored_{store} AS {' UNION ALL '.join(parts)}")

    def _archived(self, store: str) -> list[str]:
        if self.archive is None:
            return []
        files = self.archive.files(store)
        if files:
            self.connection.execute(ALLOW, [files])
            return [f"FROM read_parquet([{', '.join(map(_quoted, files))}])"]
        dataset = self.archive.dataset(store)
        if dataset is None:
            return []
        self.connection.register(f"archived_{store}", dataset)
        return [f"FROM archived_{store}"]

    def number_at(self, position: int, last: int) -> int:
        """The last command before the first one that caused an event beyond a position."""
        found = self.connection.execute(FIRST_BEYOND, [position]).fetchone()
        return last if found is None or found[0] is None else int(found[0]) - 1

    def show(self, position: int, number: int, period: Period) -> None:
        """Make the tables that are asked, up to a position and a number, with what was recorded in a period."""
        within = period.condition()
        events, commands = EVENTS.format(to=position, period=within), COMMANDS.format(to=number, period=within)
        for statement in (MACROS, events, commands):
            self.connection.execute(statement)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
