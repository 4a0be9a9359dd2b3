"""What every answer says to browsers and to caches, unless its view says otherwise: pages, files, errors, all alike."""

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

FEATURES_OFF: Final = ("camera", "display-capture", "geolocation", "microphone", "midi", "payment", "serial", "usb")
HEADERS: Final = (
    ("Cache-Control", "no-store"),  # nobody but the reader is to keep what is theirs
    ("Cross-Origin-Resource-Policy", "same-origin"),  # no other site shows or reads our files
    (
        "Permissions-Policy",
        "publickey-credentials-get=(self), publickey-credentials-create=(self), "  # passkeys
        + ", ".join(f"{feature}=()" for feature in FEATURES_OFF),
    ),
)


class ResponseHeadersMiddleware:
    """Adds the headers that are missing; the end of a session empties the browser's cache of this site."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The response, with the headers."""
        response = self.get_response(request)
        for name, value in HEADERS:
            response.headers.setdefault(name, value)
        if _ends_session(response):
            response.headers["Clear-Site-Data"] = '"cache"'  # forms may be kept, so that "Back" finds what was typed
        return response


def _ends_session(response: HttpResponseBase) -> bool:
    cookie = response.cookies.get(settings.SESSION_COOKIE_NAME)
    return cookie is not None and cookie["max-age"] == 0
