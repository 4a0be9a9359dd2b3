"""Health endpoints: whether this process lives, whether it can serve, and whether everything moves.

They are public, so an answer names a problem by its code, and no internals.
"""

from typing import Final

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from eventstore import personal
from eventstore.checks.watch import Code, is_disk_full, problems

CACHE_SECONDS: Final = 5  # so that frequent probes cost the database nothing


@require_safe
def livez(_request: HttpRequest) -> HttpResponse:
    """Liveness, for a process supervisor: 200 as long as this process answers, whatever the database does."""
    return _answer("ok", 200)


@require_safe
def readyz(_request: HttpRequest) -> HttpResponse:
    """Readiness, for a load balancer: 200 when the database can be read and written, and the keys be opened; else 503.

    Projections do not count: they stop for all processes at once, and pages with old rows beat no pages.
    """
    return _not_ready() or _answer("ok", 200)


@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """Health, for a monitor that alerts people: 200 when the database answers, everything moves and nothing is forged.

    Else 503. Faults in the log are for people, too: no process is better off than another, so `readyz` knows them not.
    """
    if not_ready := _not_ready():
        return not_ready
    still, faulty = cache.get_or_set("healthz", _codes, CACHE_SECONDS) or _codes()
    if still:
        return _answer(f"Something stands still ({still}): manage.py watch_projections --once says more.", 503)
    if faulty:
        return _answer(f"The log is not as it was written ({faulty}): manage.py verify says more.", 503)
    return _answer("ok", 200)


def _not_ready() -> HttpResponse | None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        has_keys = personal.keys_problem(fresh=False) is None
    except DatabaseError:
        return _answer("The database does not answer.", 503)
    if is_disk_full():
        return _answer("Nothing can be written to the database: manage.py doctor says more.", 503)
    if not has_keys:
        return _answer("The keys of personal data can't be opened: manage.py doctor says more.", 503)
    return None


def _codes() -> tuple[str, str]:
    """The codes of what stands still, and that of a faulty log."""
    found = problems()
    still = sorted({problem.code for problem in found if problem.is_standstill})
    return ", ".join(still), ", ".join({problem.code for problem in found if problem.code == Code.FAULTY})


def _answer(text: str, status: int) -> HttpResponse:
    return HttpResponse(f"{text}\n", status=status, content_type="text/plain; charset=utf-8")
