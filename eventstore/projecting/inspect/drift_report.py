"""Reports of a drift check, as text and as JSON."""

from collections.abc import Iterator
from typing import Any

from eventstore.projecting.inspect.drift import Drift
from eventstore.projecting.tables.comparison import Difference


def as_lines(drift: Drift, verdict: str) -> Iterator[str]:
    """A line that sums the drift up, and one for each differing row and parked stream."""
    yield f"{drift.name:<24} {drift.checked:>12,} {verdict}"
    for difference in drift.differences:
        yield f"  {_sentence(difference)}"
    if (unnamed := drift.differing - len(drift.differences)) > 0:
        yield f"  … and {unnamed:,} more"
    for stream in drift.parked:
        yield f"  parked: {stream}"
    if drift.outdated:
        yield f"  {drift.outdated:,} hold a state of earlier code; each is folded anew when it is next used"


def as_json(drift: Drift) -> dict[str, Any]:
    """The drift as JSON values, for scripts."""
    return {
        "name": drift.name,
        "checked": drift.checked,
        "differing": drift.differing,
        "differences": [
            {
                "key": difference.key,
                "problem": difference.problem,
                "columns": {name: [str(value) for value in pair] for name, pair in difference.columns.items()},
            }
            for difference in drift.differences
        ],
        "parked": list(drift.parked),
        "outdated": drift.outdated,
    }


def _sentence(difference: Difference) -> str:
    columns = (
        f"{name} is {actual!r}, should be {expected!r}" for name, (actual, expected) in difference.columns.items()
    )
    return f"{difference.key} {difference.problem}" + "".join(f"; {column}" for column in columns)
