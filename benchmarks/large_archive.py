"""How long questions take over a large archive: rows of a real one are repeated, and DuckDB is asked as `analyse` does.

    .venv/bin/python benchmarks/large_archive.py /tmp/large --events 10000000
    .venv/bin/python benchmarks/large_archive.py /tmp/large --archive /srv/archive

The folder is made unless it is there; the rows are those of an archive, or of a small demo world that is made first.
Payloads are as they are; in the copies positions go on, and streams and times are others. It has no leaves and no
manifest: it is for reading by DuckDB and Spark alone.

Each line tells of a question: seconds by the clock and of the processor (of all cores together), both for ten million
events, reckoned by their number, and what part that is of the time it may take. The clock means something on a quiet
machine alone.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

ROOT = Path(__file__).parent.parent
WORLD = ("--customers", "20", "--events", "2000")  # whose rows are repeated
GOAL_EVENTS = 10_000_000
COUNT_SECONDS, SUM_SECONDS = 0.5, 10.0  # that a count, and a sum from payloads, may take over so many events
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
    parser.add_argument("large", type=Path, metavar="DIR", help="the large archive, which is made unless it is there")
    parser.add_argument("--archive", type=Path, metavar="DIR", help="whose rows are repeated; those of a demo world")
    parser.add_argument("--events", type=int, default=GOAL_EVENTS, metavar="N", help="how many; %(default)s")
    given = parser.parse_args()
    if not (given.large / "events").exists():
        enlarge(given.archive or demo_archive(given.large / "demo"), given.large, given.events)
    for line in ask(given.large):
        sys.stdout.write(json.dumps(line) + "\n")


def demo_archive(folder: Path) -> Path:
    """An archive of a small demo world, in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    address = f"sqlite:///{folder.resolve() / 'log.sqlite3'}"
    archive = folder.resolve() / "archive"
    for words in (["migrate", "-v", "0"], ["demo_data", *WORLD], ["archive", str(archive)]):
        program = [sys.executable, "manage.py", *words]
        environment = {**os.environ, "DATABASE_URL": address, "DEBUG": "1", "DEMO_RAILS": "1"}
        subprocess.run(program, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    return archive


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
    """Ask each question, and tell what it took; the last line tells of the archive, and of the memory."""
    connection = duckdb.connect(":memory:", config={"memory_limit": "2GB"})
    connection.execute(VIEW.format(folder=folder))
    ready = ROOT / "projections" / "analysis"
    questions = {**QUESTIONS, **{f"view {path.stem}": path.read_text() for path in sorted(ready.glob("*.sql"))}}
    rows = connection.execute("SELECT count(*) FROM events").fetchall()[0][0]
    told = []
    for name, sql in questions.items():
        began, used = time.perf_counter(), _cpu()
        connection.execute(sql).fetchall()
        told.append(_told(name, rows, time.perf_counter() - began, _cpu() - used))
    size = sum(path.stat().st_size for path in (folder / "events").iterdir())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return [*told, {"events": rows, "bytes_per_event": round(size / rows, 1), "peak_megabytes": peak}]


def _told(name: str, events: int, seconds: float, cpu: float) -> dict[str, Any]:
    ratio = GOAL_EVENTS / events
    goal = COUNT_SECONDS if name.startswith("count") else SUM_SECONDS
    return {
        "question": name,
        "seconds": round(seconds, 3),
        "cpu_seconds": round(cpu, 3),
        "seconds_for_10_million": round(seconds * ratio, 2),
        "cpu_seconds_for_10_million": round(cpu * ratio, 2),
        "goal_seconds": goal,
        "of_goal": round(seconds * ratio / goal, 2),
    }


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
