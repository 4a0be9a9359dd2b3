"""Where results are kept: as JSON, as a table in Markdown, as a chart."""

import json
from dataclasses import asdict
from pathlib import Path

from benchmarks.chart import chart
from benchmarks.outcome import Report
from benchmarks.table import table

FOLDER = Path(__file__).resolve().parent / "results"


def keep(report: Report, name: str) -> str:
    """Write `name.json`, `name.md` and `name.svg`; what they are called."""
    made = {"json": as_json(report), "md": table(report), "svg": chart(report)}
    FOLDER.mkdir(exist_ok=True)
    for ending, text in made.items():
        (FOLDER / f"{name}.{ending}").write_text(text)
    return f"{FOLDER.name}/{name}.{{{','.join(made)}}}"


def as_json(report: Report) -> str:
    """The whole report, each round's value with it."""
    return json.dumps(asdict(report), indent=1, ensure_ascii=False, default=str) + "\n"
