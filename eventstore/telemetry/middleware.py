"""The middleware that shows requests to observers; without any, Django leaves it out.

It belongs behind what answers for files, and before what opens sessions.
"""

from collections.abc import Callable
from functools import partial

from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from eventstore.telemetry import hooks

__all__ = ["ObservedRequests"]


class ObservedRequests:
    """Shows each request, with its answer, to observers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        if not hooks.observers():
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer."""
        return hooks.request(request, partial(self.get_response, request))
