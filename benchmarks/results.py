"""Where results are kept: as JSON, as a table in Markdown, as a chart."""

import json
from dataclasses import asdict
from pathlib import Path

import msgspec

from benchmarks.chart import chart
from benchmarks.outcome import Report
from benchmarks.table import table

FOLDER = Path(__file__).resolve().parent / "results"
UNFINISHED = "trial.unfinished"  # what git ignores


def keep(report: Report, name: str) -> str:
    """Write `name.json`, `name.md` and `name.svg`; what they are called."""
    made = {"json": as_json(report), "md": table(report), "svg": chart(report)}
    FOLDER.mkdir(exist_ok=True)
    for ending, text in made.items():
        (FOLDER / f"{name}.{ending}").write_text(text)
    return f"{FOLDER.name}/{name}.{{{','.join(made)}}}"


def keep_unfinished(report: Report) -> None:
    """So that a run that dies loses nothing of what it has measured."""
    keep(report, UNFINISHED)


def unfinished() -> Report:
    """What a run that died has kept; raises SystemExit if there is none."""
    kept = FOLDER / f"{UNFINISHED}.json"
    if not kept.exists():
        raise SystemExit("There is no unfinished run to go on with.")
    return msgspec.json.decode(kept.read_bytes(), type=Report)


def forget_unfinished() -> None:
    """The run has come to its end."""
    for kept in FOLDER.glob(f"{UNFINISHED}.*"):
        kept.unlink()


def as_json(report: Report) -> str:
    """The whole report, each round's value with it."""
    return json.dumps(asdict(report), indent=1, ensure_ascii=False, default=str) + "\n"
