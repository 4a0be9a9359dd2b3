"""Addresses of the API. At some of them one can both ask and act; each side brings its own methods."""

from collections import defaultdict
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import Resolver404, URLPattern, path, resolve
from django.views.decorators.csrf import csrf_exempt
from rest_framework.views import APIView

_views: dict[str, dict[str, Any]] = defaultdict(dict)  # route -> method -> view


def address(route: str, endpoint: type[APIView]) -> URLPattern:
    """Put an endpoint at an address, where others may serve other methods.

    Django finds an address, never a method: so whichever side is found first passes the request on.
    """
    view: Any = endpoint.as_view()
    views = _views[route]
    views.update(dict.fromkeys(endpoint().allowed_methods, view))

    @csrf_exempt  # as all views of the framework: sessions are checked when it authenticates
    def serve(request: HttpRequest, **ids: str) -> HttpResponseBase:
        method = "GET" if request.method == "HEAD" else str(request.method)
        response: HttpResponseBase = views.get(method, view)(request, **ids)
        if response.status_code == 405:
            response.headers["Allow"] = ", ".join(sorted(views))
        return response

    serve.cls, serve.initkwargs = endpoint, {}  # type: ignore[attr-defined]  # how the OpenAPI description finds it
    serve.views = views  # type: ignore[attr-defined]  # how others find who serves a method
    return path(route, serve)


def endpoint_at(address: str, method: str) -> tuple[type[APIView], dict[str, str]] | None:
    """Who serves a method at a whole address, with the ids in it; `None` if nobody does."""
    try:
        found = resolve(address)
    except Resolver404:
        return None
    view = getattr(found.func, "views", {}).get(method)
    return (view.cls, found.kwargs) if view else None
