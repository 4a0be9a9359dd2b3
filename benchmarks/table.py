"""The report as tables in Markdown."""

from collections.abc import Iterator, Sequence
from typing import Any

from benchmarks.report import BenchmarkReport, Report, Result

UNITS = {"ms": "milliseconds, less is better"}


def table(report: Report) -> str:
    """The goals first, then every benchmark in full, then where it was measured."""
    parts = ["# Speed, measured side by side", *_goals(report), *_details(report), *_machine(report.machine)]
    return "\n\n".join(parts) + "\n"


def number(value: float) -> str:
    """A number with three significant digits."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _goals(report: Report) -> Iterator[str]:
    rows = [
        [f"`{outcome.name}`", check.what, check.goal, check.measured, "yes" if check.met else "**no**"]
        for outcome in report.outcomes
        for check in outcome.checks
    ]
    if rows:
        yield "## Goals"
        yield _grid(["work", "who", "goal", "measured", "met"], rows)


def _details(report: Report) -> Iterator[str]:
    for outcome in report.outcomes:
        yield f"## {outcome.title}"
        yield f"{UNITS.get(outcome.unit, f'{outcome.unit}, more is better')}; `{outcome.name}`"
        heads = ["who", "median", "min – max", "p50 ms", "p99 ms", *_facts(outcome)]
        yield _grid(heads, [_row(result, _facts(outcome)) for result in outcome.results])


def _facts(outcome: BenchmarkReport) -> list[str]:
    return sorted({name for result in outcome.results for name in result.facts})


def _row(result: Result, facts: Sequence[str]) -> list[str]:
    spread = f"{number(min(result.rounds))} – {number(max(result.rounds))}"
    seen = [f"{result.facts[name]:,}" if name in result.facts else "" for name in facts]
    figures = [f"**{number(result.median)}**", spread, number(result.p50_ms), number(result.p99_ms)]
    return [result.contender, *figures, *seen]


def _machine(about: dict[str, Any]) -> Iterator[str]:
    yield "## Where"
    rows: list[list[str]] = []
    for name, value in about.items():
        parts = value.items() if isinstance(value, dict) else [("", value)]
        rows += [[f"{name} {part}".strip(), str(text)] for part, text in parts]
    yield _grid(["what", "value"], rows)


def _grid(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
