"""The guard: a middleware that lets no half body, and no text that a database can't hold, reach a page.

`eventstore.http.guard.RequestGuard` comes before whatever reads cookies or forms: first, or right after Django's own
SecurityMiddleware. The views of an API answer for themselves what they can't read, in the shape of their errors.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, BinaryIO, Final, cast

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from eventstore.http.bodies import WholeBody, body_length
from eventstore.http.endpoint import Endpoint

__all__ = ["MAX_TEXT", "RequestGuard"]

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})  # methods whose bodies nobody reads
MAX_TEXT: Final = 2_000  # characters of a place in an address, or of a value in its query


class RequestGuard:
    """Takes bodies whole or not at all, and refuses addresses with text that nobody has written there.

    A page whose address has NUL or an endless number in its path is answered 404, in its query 400.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Puts the guard before the body and the cookies, neither of which has been read yet."""
        request._stream = cast(BinaryIO, WholeBody(request, request._stream))  # all readers of bodies come by it
        if "\\" in request.META.get("HTTP_COOKIE", ""):  # only an escape can hold what a header can't
            request.COOKIES = {name: text for name, text in request.COOKIES.items() if text.isprintable()}
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, _args: Any, places: Mapping[str, Any]) -> None:
        """Looks at the address, and at what the headers say of the body; raises Http404 or BadRequest."""
        kind = getattr(view, "cls", None)
        if isinstance(kind, type) and issubclass(kind, Endpoint):
            return
        if not all(map(_is_fit, places.values())):
            raise Http404
        if not all(map(_is_fit, _texts(request))):
            raise BadRequest("The query of this address holds what no page has put there.")
        if request.method not in SAFE:
            body_length(request)


def _texts(request: HttpRequest) -> Iterable[str]:
    for name, values in request.GET.lists():
        yield name
        yield from values


def _is_fit(value: Any) -> bool:
    return not isinstance(value, str) or (len(value) <= MAX_TEXT and "\0" not in value)
