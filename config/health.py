"""Answers to machines that ask whether this process is up, whether it can serve, and whether everything moves.

They are asked by anybody, so they name what is wrong in a word, and tell nothing of the inside.
"""

from typing import Final

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from eventstore.checks.watch import problems

KEPT: Final = 5  # seconds that what was found is kept: whoever asks often costs the database nothing


@require_safe
def livez(_request: HttpRequest) -> HttpResponse:
    """200 as long as this process answers at all: for who starts processes anew, which mends no database."""
    return _answer("ok", 200)


@require_safe
def readyz(_request: HttpRequest) -> HttpResponse:
    """200 when the database answers, else 503: for who spreads requests over processes.

    Projections don't count here: they stand still for all processes at once, and pages with old rows beat none.
    """
    return _not_ready() or _answer("ok", 200)


@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """200 when the database answers and projections move, else 503: for who wakes people up."""
    if not_ready := _not_ready():
        return not_ready
    if still := cache.get_or_set("healthz", _standing_still, KEPT):
        return _answer(f"Projections stand still ({still}): manage.py watch_projections --once says more.", 503)
    return _answer("ok", 200)


def _not_ready() -> HttpResponse | None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return _answer("The database does not answer.", 503)
    return None


def _standing_still() -> str:
    return ", ".join(sorted({problem.code for problem in problems() if problem.is_standstill}))


def _answer(text: str, status: int) -> HttpResponse:
    return HttpResponse(f"{text}\n", status=status, content_type="text/plain")
