"""The answer to a request that can't be read: a page for a person, an error for a program."""

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views import csrf

from accounts.users.security_log import record_refusal
from eventstore.http.bodies import BodyRefused
from eventstore.http.errors import exception_handler


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The site's plain page with the status of the error, 400 by default; below /api/ the shape of all errors."""
    if request.path.startswith("/api/"):
        known = isinstance(exception, BodyRefused | SuspiciousOperation)
        response = exception_handler(exception if known else BadRequest(), {})
        return JsonResponse(response.data, status=response.status_code)
    return render(request, "400.html", status=_status_of(exception))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's page for a form that did not come from our own pages; the reason may tell where somebody was."""
    record_refusal("CSRF", request, status=403)
    return csrf.csrf_failure(request, reason)


def _status_of(exception: Exception) -> int:
    if isinstance(exception, RequestDataTooBig):
        return 413
    return exception.status if isinstance(exception, BodyRefused) else 400
