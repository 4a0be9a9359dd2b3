"""Health endpoints: whether this process lives, whether it can serve, and whether projections follow.

They are public, so an answer names a problem by its code, and no internals.
"""

from typing import Final

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from eventstore.checks.watch import problems

CACHE_SECONDS: Final = 5  # so that frequent probes cost the database nothing


@require_safe
def livez(_request: HttpRequest) -> HttpResponse:
    """Liveness, for a process supervisor: 200 as long as this process answers, whatever the database does."""
    return _answer("ok", 200)


@require_safe
def readyz(_request: HttpRequest) -> HttpResponse:
    """Readiness, for a load balancer: 200 when the database answers, else 503.

    Projections do not count: they stop for all processes at once, and pages with old rows beat no pages.
    """
    return _not_ready() or _answer("ok", 200)


@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """Health, for a monitor that alerts people: 200 when the database answers and projections follow, else 503."""
    if not_ready := _not_ready():
        return not_ready
    if still := cache.get_or_set("healthz", _standstill_codes, CACHE_SECONDS):
        return _answer(f"Projections stand still ({still}): manage.py watch_projections --once says more.", 503)
    return _answer("ok", 200)


def _not_ready() -> HttpResponse | None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return _answer("The database does not answer.", 503)
    return None


def _standstill_codes() -> str:
    return ", ".join(sorted({problem.code for problem in problems() if problem.is_standstill}))


def _answer(text: str, status: int) -> HttpResponse:
    return HttpResponse(f"{text}\n", status=status, content_type="text/plain")
