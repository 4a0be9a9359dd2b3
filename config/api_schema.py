"""The description of the API, made once for each language and format: it takes a second, and anybody may ask."""

from threading import Lock
from typing import Any, Final

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import get_language, override
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request
from rest_framework.response import Response

_making: Final = Lock()  # the generator is not safe among threads
_made: Final[dict[tuple[str, str], tuple[bytes, dict[str, str]]]] = {}  # content and headers, by language and type


class SchemaView(SpectacularAPIView):
    """`GET /api/schema/`."""

    http_method_names = ["get", "head"]

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answers the description, in the language of `lang` or of the request."""
        asked = request.GET.get("lang")
        language = asked if asked in dict(settings.LANGUAGES) else get_language() or settings.LANGUAGE_CODE
        key = language, request.accepted_renderer.media_type
        with _making, override(language):
            content, headers = _made.get(key) or _made.setdefault(key, self._make(request))
        return HttpResponse(content, headers={**headers, "Content-Language": language})

    def _make(self, request: Request) -> tuple[bytes, dict[str, str]]:
        renderer = request.accepted_renderer
        response: Response = self._get_schema_response(request)  # type: ignore[no-untyped-call]
        content: Any = renderer.render(response.data, renderer.media_type, self.get_renderer_context())
        charset = f"; charset={renderer.charset}" if renderer.charset else ""
        return bytes(content), {**response.headers, "Content-Type": f"{renderer.media_type}{charset}"}

    def _get_version_parameter(self, request: Request) -> None:
        """No version but ours is described."""
