"""The metrics, each with its labels and what it tells: what the code, the dashboard and docs/observability.md go by."""

from typing import Final, NamedTuple

COUNTER: Final = "counter"
GAUGE: Final = "gauge"
HISTOGRAM: Final = "histogram"


class Metric(NamedTuple):
    """A metric; units are part of names, as Prometheus has it, and times are Unix times in seconds."""

    name: str
    kind: str
    says: str
    labels: tuple[str, ...] = ()

    @property
    def series(self) -> tuple[str, ...]:
        """The names under which Prometheus stores it."""
        if self.kind == HISTOGRAM:
            return tuple(f"{self.name}_{part}" for part in ("bucket", "count", "sum"))
        return (self.name,)


# Counted in each process where it happens.
COMMANDS: Final = Metric(
    "tidemark_commands_total",
    COUNTER,
    "Commands, by what became of them: accepted, refused, replayed, rehearsed, failed",
    ("type", "outcome"),
)
COMMAND_SECONDS: Final = Metric(
    "tidemark_command_seconds", HISTOGRAM, "Time that a command took, with all its attempts", ("type",)
)
BATCH_SECONDS: Final = Metric(
    "tidemark_command_batch_seconds", HISTOGRAM, "Time that a transaction of several commands took"
)
RETRIES: Final = Metric("tidemark_retries_total", COUNTER, "Transactions that the database undid and that began again")
REQUESTS: Final = Metric("tidemark_http_requests_total", COUNTER, "Requests of HTTP", ("method", "status"))
REQUEST_SECONDS: Final = Metric(
    "tidemark_http_request_seconds", HISTOGRAM, "Time until the answer to a request of HTTP began", ("method",)
)
PROJECTED: Final = Metric(
    "tidemark_projected_events_total",
    COUNTER,
    "Events that runners had taken in, or failed at",
    ("projection", "outcome"),
)
DELIVERIES: Final = Metric(
    "tidemark_deliveries_total",
    COUNTER,
    "Events handed to another system: delivered, refused by it, or not sent as it was away",
    ("target", "outcome"),
)

# Read from the database, once for each scrape.
DATABASE_UP: Final = Metric("tidemark_database_up", GAUGE, "Whether the database answers (1) or not (0)")
UNREADABLE: Final = Metric(
    "tidemark_unreadable", GAUGE, "Whether these figures could not be read in time (1) or could (0)", ("part",)
)
PROBLEMS: Final = Metric(
    "tidemark_problems", GAUGE, "Problems that manage.py watch_projections reports, by their code", ("code",)
)
MARK_POSITION: Final = Metric("tidemark_mark_position", GAUGE, "Position of the tidemark: up to there all can be read")
MARK_AGE: Final = Metric(
    "tidemark_mark_age_seconds", GAUGE, "Time for which the tidemark has stood below what is recorded; 0 at the end"
)
LAG_EVENTS: Final = Metric(
    "tidemark_projection_lag_events", GAUGE, "Events that a projection has not read, up to 100,000", ("projection",)
)
LAG_SECONDS: Final = Metric(
    "tidemark_projection_lag_seconds", GAUGE, "Age of the oldest event that a projection has not read", ("projection",)
)
RELAY_LAG_EVENTS: Final = Metric(
    "tidemark_relay_lag_events", GAUGE, "Events that a target has not acknowledged, up to 100,000", ("target",)
)
RELAY_LAG_SECONDS: Final = Metric(
    "tidemark_relay_lag_seconds", GAUGE, "Age of the oldest event that a target has not acknowledged", ("target",)
)
PARKED: Final = Metric("tidemark_parked_streams", GAUGE, "Parked streams", ("projection",))
GIVEN_UP: Final = Metric("tidemark_given_up_streams", GAUGE, "Parked streams that wait for a person", ("projection",))
RUNNERS: Final = Metric("tidemark_runners", GAUGE, "Runners and relays that are alive")
UNSEALED_AGE: Final = Metric(
    "tidemark_unsealed_age_seconds", GAUGE, "Age of the oldest row that no signed head covers; 0 without", ("tree",)
)
SEALED_AT: Final = Metric("tidemark_last_seal_timestamp_seconds", GAUGE, "Time of the newest signed head", ("tree",))
VERIFIED_AT: Final = Metric(
    "tidemark_last_verification_timestamp_seconds", GAUGE, "Time at which the last whole verification ended"
)
FAULTS: Final = Metric("tidemark_verification_faults", GAUGE, "Faults of the log that the last verification found")
DRILLED_AT: Final = Metric("tidemark_last_drill_timestamp_seconds", GAUGE, "Time at which the last restore drill began")
DRILL_SUCCEEDED: Final = Metric("tidemark_last_drill_succeeded", GAUGE, "Whether all came back equal in it")
BACKED_UP_AT: Final = Metric(
    "tidemark_last_backup_timestamp_seconds", GAUGE, "Time at which METRICS_BACKUP_FILE was last written"
)
WAL_ARCHIVED_AT: Final = Metric(
    "tidemark_last_wal_archived_timestamp_seconds", GAUGE, "Time at which PostgreSQL last archived its write-ahead log"
)
WAL_FAILING: Final = Metric(
    "tidemark_wal_archiving_failing", GAUGE, "Whether PostgreSQL's last attempt to archive it failed"
)
CONNECTIONS: Final = Metric(
    "tidemark_database_connections", GAUGE, "Connections to this database of PostgreSQL, by their state", ("state",)
)
CONNECTIONS_MAX: Final = Metric(
    "tidemark_database_connections_max", GAUGE, "Connections that the server of PostgreSQL takes"
)
DISK_FREE: Final = Metric("tidemark_disk_free_bytes", GAUGE, "Space that is left where SQLite's file lies")
EPOCH: Final = Metric("tidemark_epoch", GAUGE, "The present epoch of the log")
SCRAPE_SECONDS: Final = Metric("tidemark_scrape_seconds", GAUGE, "Time that it took to read these figures")

OF_PROCESSES: Final = (
    COMMANDS,
    COMMAND_SECONDS,
    BATCH_SECONDS,
    RETRIES,
    REQUESTS,
    REQUEST_SECONDS,
    PROJECTED,
    DELIVERIES,
)
OF_THE_DATABASE: Final = (
    *(DATABASE_UP, UNREADABLE, PROBLEMS, MARK_POSITION, MARK_AGE, LAG_EVENTS, LAG_SECONDS, RELAY_LAG_EVENTS),
    *(RELAY_LAG_SECONDS, PARKED, GIVEN_UP, RUNNERS, UNSEALED_AGE, SEALED_AT, VERIFIED_AT, FAULTS, DRILLED_AT),
    *(DRILL_SUCCEEDED, BACKED_UP_AT, WAL_ARCHIVED_AT, WAL_FAILING, CONNECTIONS, CONNECTIONS_MAX, DISK_FREE),
    *(EPOCH, SCRAPE_SECONDS),
)
ALL: Final = (*OF_PROCESSES, *OF_THE_DATABASE)
