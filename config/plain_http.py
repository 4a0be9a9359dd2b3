"""A program that calls the API over plain HTTP is refused, not led to HTTPS: it would go on sending tokens in clear."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

API: Final = "/api/v1/"


class PlainHttpMiddleware:
    """Comes before Django's SecurityMiddleware, which redirects the pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """403 in the shape of the API's errors, or what the site answers."""
        if settings.SECURE_SSL_REDIRECT and request.path.startswith(API) and not request.is_secure():
            message = _("The API answers over HTTPS only. Replace a token that was sent without it.")
            return JsonResponse({"code": "FORBIDDEN", "message": message}, status=HTTPStatus.FORBIDDEN)
        return self.get_response(request)
