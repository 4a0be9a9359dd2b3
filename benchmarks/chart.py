"""The report as a picture: for each benchmark a group of bars, ours in colour, with the range of the rounds."""

from collections.abc import Iterator
from html import escape

from benchmarks.contest import OURS
from benchmarks.report import BenchmarkReport, Report, Result
from benchmarks.table import number

WIDTH, MARGIN = 880, 24
LEFT, RIGHT = 350, 760  # where bars begin, and where the longest ends
ROW, BAR, HEAD, GAP = 24, 14, 44, 20

# The colours are those of static/css/tokens.css: an SVG in an <img> can't read them from there.
STYLE = """
svg { font-family: system-ui, sans-serif; }
.ground { fill: #ffffff; } .title { fill: #10242b; font-size: 15px; font-weight: 600; }
.text { fill: #10242b; font-size: 13px; } .soft { fill: #4a5e66; font-size: 12px; }
.ours { fill: #0b5a62; } .other { fill: #a9b8bb; } .range { stroke: #b98a35; stroke-width: 2; }
.bold { font-weight: 600; }
@media (prefers-color-scheme: dark) {
  .ground { fill: #122025; } .title, .text { fill: #e7efef; } .soft { fill: #a3b6ba; }
  .ours { fill: #80d0d0; } .other { fill: #50656b; } .range { stroke: #d9ae5f; }
}
"""


def chart(report: Report) -> str:
    """An SVG that follows its reader's choice of light or dark."""
    parts, y = [], MARGIN
    for outcome in report.outcomes:
        parts += list(_panel(outcome, y))
        y += _height(outcome)
    box = f'viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}"'
    said = "; ".join(f"{outcome.title}: {_summary(outcome)}" for outcome in report.outcomes)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {box}>\n<title>Speed, measured side by side</title>'
    ground = f'<rect class="ground" width="{WIDTH}" height="{y}" rx="8"/>'
    return "\n".join([head, f"<desc>{escape(said)}</desc>", f"<style>{STYLE}</style>", ground, *parts, "</svg>\n"])


def _height(outcome: BenchmarkReport) -> int:
    return HEAD + ROW * len(outcome.results) + GAP


def _panel(outcome: BenchmarkReport, y: int) -> Iterator[str]:
    yield _text("title", MARGIN, y + 14, outcome.title)
    better = "less is better" if outcome.unit == "ms" else "more is better"
    yield _text("soft", MARGIN, y + 31, f"{outcome.unit}, {better}")
    longest = max(max(result.rounds) for result in outcome.results)
    for row, result in enumerate(outcome.results):
        yield from _bar(result, y + HEAD + ROW * row, (RIGHT - LEFT) / longest)


def _bar(result: Result, y: int, scale: float) -> Iterator[str]:
    is_ours = result.contender.startswith(OURS)
    weight = " bold" if is_ours else ""
    low, high = (LEFT + scale * value for value in (min(result.rounds), max(result.rounds)))
    yield _text(f"text{weight}", MARGIN, y + 12, result.contender)
    shape = f'x="{LEFT}" y="{y}" width="{max(1, scale * result.median):.1f}" height="{BAR}" rx="2"'
    yield f'<rect class="{"ours" if is_ours else "other"}" {shape}/>'
    yield f'<line class="range" x1="{low:.1f}" x2="{high:.1f}" y1="{y + BAR / 2}" y2="{y + BAR / 2}"/>'
    yield _text(f"text{weight}", high + 8, y + 12, number(result.median))


def _text(kind: str, x: float, y: float, text: str) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'


def _summary(outcome: BenchmarkReport) -> str:
    return ", ".join(f"{result.contender} {number(result.median)} {outcome.unit}" for result in outcome.results)
