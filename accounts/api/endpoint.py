"""What all addresses of the API have in common."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, cast
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _
from rest_framework import exceptions, serializers
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.api.access import TokenAuthentication
from accounts.api.fields import StrictSerializer, as_id
from accounts.api.parser import StrictJSON, discard
from accounts.api.throttles import StrangerThrottle, UserThrottle

if TYPE_CHECKING:
    from accounts.users.models import User


class AlwaysJSON(DefaultContentNegotiation):
    """The answer is JSON, whatever a caller would rather have: an error that nobody can read helps nobody."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """The only one that there is."""
        (renderer,) = renderers
        return renderer, renderer.media_type


class Endpoint(APIView):
    """An address of the API: JSON in and out, for who is signed in, and nothing unknown in the query."""

    http_method_names = ["get", "head", "post", "patch"]
    authentication_classes: Sequence[type[BaseAuthentication]] = (TokenAuthentication, SessionAuthentication)
    permission_classes: Sequence[type[BasePermission]] = (IsAuthenticated,)
    parser_classes = (StrictJSON,)
    renderer_classes = (JSONRenderer,)
    throttle_classes = (StrangerThrottle, UserThrottle)
    content_negotiation_class = AlwaysJSON
    query: ClassVar[type[StrictSerializer]] = StrictSerializer
    default_response_headers = {"Cache-Control": "no-store"}  # nobody but the caller is to keep what they own
    format_kwarg = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Find out who it is and whether they may; a token that is none counts as the call of a stranger."""
        request.accepted_renderer, request.accepted_media_type = self.perform_content_negotiation(request)
        try:
            self.perform_authentication(request)
        except exceptions.APIException:
            self.check_throttles(request)
            raise
        self.check_throttles(request)
        if request.user.is_authenticated and request.method not in self.allowed_methods:
            self.http_method_not_allowed(request)  # nobody may, so their role is not what is amiss
        self.check_permissions(request)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Let the caller finish speaking before the answer goes out."""
        discard(self.request._request)
        return super().finalize_response(request, response, *args, **kwargs)

    @property
    def user(self) -> "User":
        """Who is signed in."""
        return cast("User", self.request.user)

    @property
    def customer_id(self) -> UUID:
        """The customer who is signed in, at an address for customers alone."""
        customer_id = self.user.customer_id
        assert customer_id
        return customer_id

    def id_of(self, name: str) -> UUID | None:
        """An id in the address; `None` if it is none, which is answered like the id of nothing."""
        return as_id(self.kwargs[name])

    def request_body(self) -> Any:
        """What the body holds; raises what its parser raises, and ValidationError if it came without its length."""
        if "Transfer-Encoding" in self.request.headers:  # Django would take such a body for an empty one
            raise exceptions.ValidationError({"Content-Length": [_("Say how long the body is.")]})
        return self.request.data

    def query_params(self) -> dict[str, Any]:
        """What the query of the address says; raises ValidationError."""
        return validated(self.query, _once(self.request.query_params))


def validated(kind: type[StrictSerializer], given: Any) -> dict[str, Any]:
    """What was given, checked and read; raises ValidationError."""
    found: dict[str, Any] = _shared(kind).run_validation(given)
    return found


def serialize(kind: type[serializers.Serializer[Any]], facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts in the shape in which they go out."""
    shaped: dict[str, Any] = _shared(kind).to_representation(facts)
    return shaped


@cache
def _shared(kind: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """One for all requests, as ours keep nothing of what they read or tell: a new one first copies all its fields."""
    return kind(error_messages={"null": "No data provided"})


def _once(query: QueryDict) -> dict[str, Any]:
    for name, values in query.lists():
        if len(values) > 1:
            raise exceptions.ValidationError({name: [_("This is given twice.")]})
    return query.dict()
