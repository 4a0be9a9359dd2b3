"""Limits of pages: how many an anonymous visitor may ask for, and the page that says "too many"."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from rest_framework.exceptions import Throttled

from accounts.users.attempts import TooManyAttempts
from eventstore.http.addresses import network_address
from eventstore.http.throttles import AnonymousThrottle

HEALTH: Final = frozenset({"/livez", "/readyz", "/healthz"})  # asked by machines inside, as often as they like
API: Final = "/api/"  # counts by itself, at the same rate


class PageLimitsMiddleware:
    """Counts anonymous requests of pages by network address, at the rate that the API has for its strangers.

    They are counted in the cache, which may be each process's own: a limit on work, not on guesses. A page that is
    refused with TooManyAttempts is answered here, too. Comes after the middlewares that give all pages their headers.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if _is_counted(request):
            throttle = AnonymousThrottle()
            if not throttle.allows(network_address(request)):
                return too_many(TooManyAttempts(throttle.wait()))
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer what a view refused because there were too many attempts."""
        return too_many(error) if isinstance(error, Throttled) else None


def too_many(error: Throttled) -> HttpResponse:
    """The page that says when to come again; it reads nothing from the database."""
    page = HttpResponse(render_to_string("429.html", {"message": error.detail}))
    mark_throttled(page, error)
    return page


def mark_throttled(response: HttpResponseBase, error: Throttled) -> None:
    """Give a response the status of one that came too often, and say when to come again."""
    response.status_code = HTTPStatus.TOO_MANY_REQUESTS
    response["Retry-After"] = str(getattr(error, "wait", None) or 1)
    response["Cache-Control"] = "no-store"


def _is_counted(request: HttpRequest) -> bool:
    path = request.path_info
    return not (path.startswith(API) or path in HEALTH or request.user.is_authenticated)
