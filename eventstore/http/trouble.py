"""Middleware: a fault of the machine is answered with a calm page and 503, and logged in one line.

It stands first in MIDDLEWARE, and needs a template `503.html` that reads nothing from the database. `server_error` is
the `handler500` that does the same for what fails outside of views, such as saving a session. What lies in an archive
alone is answered with 410, by a template `410.html`: the engine brings a plain one.
"""

import logging
import sys
from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.views import defaults

from eventstore.backends import faults
from eventstore.backends.faults import Fault, fault_of
from eventstore.errors import RangeDetached
from eventstore.forms import postponed

__all__ = ["RETRY_AFTER_SECONDS", "TroubleMiddleware", "server_error"]

RETRY_AFTER_SECONDS: Final = "1"  # what a 503 tells the caller to wait

logger = logging.getLogger(__name__)


class TroubleMiddleware:
    """Answers 503 where the database could not do what it was asked for; nothing was stored then."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        token = postponed.set(None)
        try:
            response = self.get_response(request)
            if error := postponed.get():
                return _as_unavailable(request, response, error)
            return response
        finally:
            postponed.reset(token)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer what a view raised, if it is a fault of the machine, or lies in an archive alone."""
        if isinstance(error, RangeDetached):
            return HttpResponse(render_to_string("410.html", {"elsewhere": error}, request), status=410)
        if fault_of(error) is None:
            return None
        page = unavailable(request, error)
        log(request, page, error)
        return page


def server_error(request: HttpRequest) -> HttpResponse:
    """The page for an error that nobody caught: 503 for a fault of the machine, else Django's own, 500."""
    error = sys.exc_info()[1]
    return unavailable(request, error) if error and fault_of(error) else defaults.server_error(request)


def unavailable(request: HttpRequest, error: BaseException) -> HttpResponse:
    """The page that asks to try again."""
    context = {"is_unknown": fault_of(error) == Fault.AWAY and request.method not in ("GET", "HEAD")}
    page = HttpResponse(render_to_string("503.html", context), status=503)
    page["Retry-After"], page["Cache-Control"] = RETRY_AFTER_SECONDS, "no-store"
    return page


def log(request: HttpRequest, response: HttpResponseBase, error: BaseException) -> None:
    """Log a fault in one line, instead of Django; nobody needs to see where in the code it was met."""
    faults.log_error(logger, f"RETRY_LATER {request.method} {request.path}:", error)
    response._has_been_logged = True  # type: ignore[attr-defined] # Django asks for it before it logs a response


def _as_unavailable(request: HttpRequest, response: HttpResponseBase, error: BaseException) -> HttpResponseBase:
    """The form that came back, with its input and the id of its command, as the answer to a command that must wait."""
    log(request, response, error)
    response.status_code = 503
    response["Retry-After"] = RETRY_AFTER_SECONDS
    return response
