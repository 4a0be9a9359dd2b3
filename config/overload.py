"""The answer to a request that no thread has time for: it is made beforehand, so giving it costs next to nothing."""

import logging
import time
from functools import cache
from typing import Any, Final

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.security import SecurityMiddleware
from django.utils.translation import get_language_from_request, override
from rest_framework.renderers import JSONRenderer

from config.content_security import CSPMiddleware
from eventstore.errors import RetriesExhausted
from eventstore.http.errors import busy_response
from eventstore.http.trouble import RETRY_AFTER_SECONDS, unavailable

LOG_SECONDS: Final = 10.0  # between two lines in the log

logger = logging.getLogger(__name__)


class Overload:
    """Answers 503, in the language and the shape that the caller expects."""

    def __init__(self) -> None:
        self._middleware = [
            kind(lambda _request: HttpResponse())
            for kind in (SecurityMiddleware, XFrameOptionsMiddleware, CSPMiddleware)
        ]
        self._count, self._logged_at = 0, -LOG_SECONDS

    def answer(self, environ: dict[str, Any], reason: str) -> HttpResponse:
        """The answer, with the headers of all answers."""
        self._log(reason)
        request = WSGIRequest(environ)
        language = get_language_from_request(request)
        kind, content = _body(language, is_api=request.path.startswith("/api/"))
        response = HttpResponse(content, status=503, content_type=kind)
        response["Content-Length"], response["Content-Language"] = str(len(content)), language
        response["Retry-After"], response["Cache-Control"] = RETRY_AFTER_SECONDS, "no-store"
        for middleware in self._middleware:
            middleware.process_response(request, response)
        return response

    def _log(self, reason: str) -> None:
        self._count += 1
        if time.monotonic() - self._logged_at >= LOG_SECONDS:
            logger.warning("RETRY_LATER: %s (%d requests)", reason, self._count)
            self._count, self._logged_at = 0, time.monotonic()


@cache
def _body(language: str, *, is_api: bool) -> tuple[str, bytes]:
    """The type of an answer, and its body."""
    with override(language):
        if is_api:
            return JSONRenderer.media_type, JSONRenderer().render(busy_response().data)
        page = unavailable(HttpRequest(), RetriesExhausted())
        return page["Content-Type"], page.content
