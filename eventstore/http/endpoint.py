"""The base of command views and query views: JSON in and out, strict about what it takes, the same in all errors."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, ClassVar
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _
from rest_framework import exceptions, serializers
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from eventstore.http.bodies import body_length
from eventstore.http.errors import exception_handler
from eventstore.http.fields import StrictSerializer, as_id
from eventstore.http.parser import StrictJSONParser, discard_body
from eventstore.http.throttles import AnonymousThrottle, UserThrottle

__all__ = ["AlwaysJSON", "Endpoint", "serialize", "validated"]


class AlwaysJSON(DefaultContentNegotiation):
    """Answers JSON whatever the caller accepts: an error that nobody can read helps nobody."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """The view's only renderer."""
        (renderer,) = renderers
        return renderer, renderer.media_type


class Endpoint(APIView):
    """A view for signed-in callers that refuses unknown query parameters and answers all errors in one shape.

    How callers sign in is the project's choice: `REST_FRAMEWORK["DEFAULT_AUTHENTICATION_CLASSES"]`.
    """

    http_method_names = ["get", "head", "post", "patch"]
    permission_classes: Sequence[type[BasePermission]] = (IsAuthenticated,)
    parser_classes = (StrictJSONParser,)
    renderer_classes = (JSONRenderer,)
    throttle_classes = (AnonymousThrottle, UserThrottle)
    content_negotiation_class = AlwaysJSON
    query: ClassVar[type[StrictSerializer]] = StrictSerializer  # the parameters that the query of a URL may have
    default_response_headers = {"Cache-Control": "no-store"}  # nobody but the caller is to keep what they own
    format_kwarg = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Authenticates, throttles and authorises the caller; one with an invalid token counts as anonymous."""
        request.accepted_renderer, request.accepted_media_type = self.perform_content_negotiation(request)
        try:
            self.perform_authentication(request)
        except exceptions.APIException:
            self.check_throttles(request)
            raise
        self.check_throttles(request)
        if request.user.is_authenticated and request.method not in self.allowed_methods:
            self.http_method_not_allowed(request)  # nobody may, so the caller's role is not what is amiss
        self.check_permissions(request)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Lets the client finish sending before the answer goes out."""
        discard_body(self.request._request)
        return super().finalize_response(request, response, *args, **kwargs)

    def get_exception_handler(self) -> Callable[[Exception, dict[str, Any]], Response]:
        """The handler that gives all errors one shape."""
        return exception_handler

    def id_of(self, name: str) -> UUID | None:
        """An id in the address; `None` if it is malformed, which is answered like an id of nothing."""
        return as_id(str(self.kwargs[name]))

    def request_body(self) -> Any:
        """The parsed body; raises what the parser raises, and BodyRefused for a body without its length."""
        body_length(self.request._request)  # a body whose length is unknown counts as none, and is never parsed
        return self.request.data

    def query_params(self) -> dict[str, Any]:
        """The parsed query of the URL; raises ValidationError."""
        return validated(self.query, _single_values(self.request.query_params))


def validated(kind: type[StrictSerializer], given: Any) -> dict[str, Any]:
    """Input, parsed by a serializer; raises ValidationError."""
    found: dict[str, Any] = _shared(kind).run_validation(given)
    return found


def serialize(kind: type[serializers.Serializer[Any]], facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts, as a serializer writes them."""
    written: dict[str, Any] = _shared(kind).to_representation(facts)
    return written


@cache
def _shared(kind: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """One serializer for all requests: ours keep nothing of a request, and a new one first copies all its fields."""
    return kind(error_messages={"null": "No data provided"})


def _single_values(query: QueryDict) -> dict[str, Any]:
    for name, values in query.lists():
        if len(values) > 1:
            raise exceptions.ValidationError({name: [_("This is given twice.")]})
    return query.dict()
