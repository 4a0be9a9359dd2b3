"""Answers within a request: bounded in memory, threads and time, and one at a time in each process.

What takes longer than that is for `manage.py analyse`, which has a process of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from threading import Lock
from typing import Any, Final

from django.conf import settings
from django.utils import timezone

from eventstore.analysis import Bounds, CannotAnalyse, Reach, analysis, view_named
from projections.analysis.period import Days

BOUNDS: Final = Bounds(live_limit=20_000, memory="256MB", disk="256MB", threads=1, seconds=8)
WAIT_SECONDS: Final = 4
MAX_ROWS: Final = 20_000

_turn = Lock()


class Busy(CannotAnalyse):
    """Another question is being answered by this process."""


@dataclass(frozen=True)
class Answer:
    """The rows of an answer, how far they reach, and when they were read."""

    rows: Sequence[dict[str, Any]]
    is_cut: bool
    reach: Reach
    asked_at: datetime


def answer(name: str, days: Days) -> Answer:
    """The answer of a view over some days; raises CannotAnalyse, such as TookTooLong."""
    if not _turn.acquire(timeout=WAIT_SECONDS):
        raise Busy("Another question is being answered just now.")
    try:
        return _answer(name, days)
    finally:
        _turn.release()


def _answer(name: str, days: Days) -> Answer:
    asked_at = timezone.now()
    with analysis(settings.ANALYSIS_ARCHIVE or None, period=days.period, bounds=BOUNDS) as session:
        result = session.run(view_named(name).sql)
        rows = [dict(zip(result.columns, row, strict=True)) for row in islice(result.rows, MAX_ROWS)]
        return Answer(rows, next(result.rows, None) is not None, session.reach, asked_at)
