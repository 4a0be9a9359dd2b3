"""The files of a report: JSON, a table in Markdown, a chart."""

import json
from dataclasses import asdict
from pathlib import Path

import msgspec

from benchmarks.chart import chart
from benchmarks.report import Report
from benchmarks.table import table

FOLDER = Path(__file__).resolve().parent / "results"
UNFINISHED = "trial.unfinished"  # what git ignores


def keep(report: Report, name: str) -> str:
    """Writes `name.json`, `name.md` and `name.svg`; returns their names as text."""
    made = {"json": as_json(report), "md": table(report), "svg": chart(report)}
    FOLDER.mkdir(exist_ok=True)
    for ending, text in made.items():
        (FOLDER / f"{name}.{ending}").write_text(text)
    return f"{FOLDER.name}/{name}.{{{','.join(made)}}}"


def keep_unfinished(report: Report) -> None:
    """Keeps the report of a run that is not finished, so that `--continue` can go on with it."""
    keep(report, UNFINISHED)


def unfinished() -> Report:
    """The report of a run that died; raises SystemExit if there is none."""
    kept = FOLDER / f"{UNFINISHED}.json"
    if not kept.exists():
        raise SystemExit("There is no unfinished run to go on with.")
    return msgspec.json.decode(kept.read_bytes(), type=Report)


def forget_unfinished() -> None:
    """Deletes the unfinished report, once the run is finished."""
    for kept in FOLDER.glob(f"{UNFINISHED}.*"):
        kept.unlink()


def as_json(report: Report) -> str:
    """The whole report, each round's value with it."""
    return json.dumps(asdict(report), indent=1, ensure_ascii=False, default=str) + "\n"
