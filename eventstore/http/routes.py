"""Routes at which several views share one address, each with its own methods: a command view beside a query view."""

from collections import defaultdict
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import Resolver404, URLPattern, path, resolve
from django.views.decorators.csrf import csrf_exempt
from rest_framework.views import APIView

__all__ = ["route", "view_at"]

_views: dict[str, dict[str, Any]] = defaultdict(dict)  # address -> method -> view


def route(address: str, endpoint: type[APIView]) -> URLPattern:
    """A URL pattern for a view at an address where other views may serve other methods.

    Django resolves addresses, never methods: so whichever pattern is found first passes the request on.
    """
    view: Any = endpoint.as_view()
    views = _views[address]
    views.update(dict.fromkeys(endpoint().allowed_methods, view))

    @csrf_exempt  # as all views of the framework: sessions are checked when it authenticates
    def serve(request: HttpRequest, **ids: str) -> HttpResponseBase:
        method = "GET" if request.method == "HEAD" else str(request.method)
        response: HttpResponseBase = views.get(method, view)(request, **ids)
        if response.status_code == 405:
            response.headers["Allow"] = ", ".join(sorted(views))
        return response

    serve.cls, serve.initkwargs = endpoint, {}  # type: ignore[attr-defined]  # how the OpenAPI description finds it
    serve.views = views  # type: ignore[attr-defined]  # how `view_at` finds the view of a method
    return path(address, serve)


def view_at(url: str, method: str) -> tuple[type[APIView], dict[str, str]] | None:
    """The view class that serves a method at a path of the site, and the ids in that path; `None` if there is none."""
    try:
        found = resolve(url)
    except Resolver404:
        return None
    view = getattr(found.func, "views", {}).get(method)
    return (view.cls, found.kwargs) if view else None
