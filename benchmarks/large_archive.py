"""How long questions take over a large archive: rows of a real one are repeated, and DuckDB is asked as `analyse` does.

    .venv/bin/python benchmarks/large_archive.py /srv/archive /tmp/large --events 10000000

The archive at the first address gives the rows, with their payloads as they are; in the copies positions go on, and
streams and times are others. It has no leaves and no manifest: it is for reading by DuckDB and Spark alone.
"""

import argparse
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

HOUR_US = 3_600_000_000
SEGMENT = 65_536
VIEW = """
CREATE VIEW events AS SELECT position, category, type, schema_version, version, stream_id,
    make_timestamp(recorded_at) AS recorded_at, CAST(data AS JSON) AS data
FROM read_parquet('{folder}/events/*.parquet')
"""
QUESTIONS = {
    "count": "SELECT count(*) FROM events",
    "count by type": "SELECT type, count(*) FROM events GROUP BY 1",
    "sum of a field of the payload": """
        SELECT data ->> 'currency', sum(CAST(data ->> 'amount' AS BIGINT)) FROM events
        WHERE type = 'account.money_deposited' GROUP BY 1
    """,
}


def main() -> None:
    """Make the archive unless it is there, and ask."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path)
    parser.add_argument("large", type=Path)
    parser.add_argument("--events", type=int, default=10_000_000)
    given = parser.parse_args()
    if not (given.large / "events").exists():
        enlarge(given.archive, given.large, given.events)
    for line in ask(given.large):
        sys.stdout.write(json.dumps(line) + "\n")


def enlarge(archive: Path, large: Path, events: int) -> None:
    """Write segments with so many events, in the archive's schema and with its encodings."""
    source = pa.concat_tables(pq.read_table(path) for path in sorted((archive / "events").glob("*.parquet")))
    (large / "events").mkdir(parents=True)
    copies = SEGMENT // source.num_rows + 1
    written = number = 0
    while written < events:
        parts = [_copy(source, number * copies + copy) for copy in range(copies)]
        table = pa.concat_tables(parts)[: min(SEGMENT, events - written)]
        positions = pa.array(range(written + 1, written + 1 + table.num_rows), pa.int64())
        table = table.set_column(0, source.schema.field("position"), positions)
        pq.write_table(
            table,
            large / "events" / f"{number:08}.parquet",
            compression="zstd",
            use_dictionary=["category", "stream_id", "type", "metadata"],
            column_encoding=dict.fromkeys(("position", "version", "recorded_at"), "DELTA_BINARY_PACKED"),
            row_group_size=1 << 20,
            store_schema=False,
        )
        written, number = written + table.num_rows, number + 1


def _copy(source: pa.Table, number: int) -> pa.Table:
    """The rows once more, an hour later, of other streams."""
    mark = number.to_bytes(4, "big")
    for name in ("stream_id", "event_id"):
        ids = pa.array([mark + each[4:] for each in source[name].to_pylist()], pa.binary(16))
        source = source.set_column(source.schema.get_field_index(name), source.schema.field(name), ids)
    times = pc.add(source["recorded_at"], number * HOUR_US)
    return source.set_column(source.schema.get_field_index("recorded_at"), source.schema.field("recorded_at"), times)


def ask(folder: Path) -> list[dict[str, Any]]:
    """Ask each question; the seconds are those of this moment, the CPU seconds those of all cores."""
    connection = duckdb.connect(":memory:", config={"memory_limit": "2GB"})
    connection.execute(VIEW.format(folder=folder))
    ready = Path(__file__).parent.parent / "projections" / "analysis"
    questions = {**QUESTIONS, **{f"view {path.stem}": path.read_text() for path in sorted(ready.glob("*.sql"))}}
    told = []
    for name, sql in questions.items():
        began, used = time.perf_counter(), _cpu()
        connection.execute(sql).fetchall()
        seconds, cpu = time.perf_counter() - began, _cpu() - used
        told.append({"question": name, "seconds": round(seconds, 3), "cpu_seconds": round(cpu, 3)})
    size = sum(path.stat().st_size for path in (folder / "events").iterdir())
    rows = connection.execute("SELECT count(*) FROM events").fetchall()[0][0]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return [*told, {"events": rows, "bytes_per_event": round(size / rows, 1), "peak_megabytes": peak}]


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
