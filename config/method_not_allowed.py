"""A page for requests by a method that an address does not take: Django answers them with an empty body."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import render

KNOWN: Final = (
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
)  # Django's own views take any other for GET


class MethodNotAllowedMiddleware:
    """Refuses what nothing here takes, such as TRACE; puts a page into an empty 405, where the API has a body."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The response, with a body."""
        response = self.get_response(request)
        if not isinstance(response, HttpResponseNotAllowed) or response.content:
            return response
        page = render(request, "405.html", status=HTTPStatus.METHOD_NOT_ALLOWED)
        page["Allow"] = response["Allow"]
        return page

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponseBase | None:
        """405 for a method that nobody needs; the API answers for itself."""
        if request.method in KNOWN or request.path.startswith("/api/v1/"):
            return None
        return HttpResponseNotAllowed(KNOWN)
