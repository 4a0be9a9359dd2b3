"""OpenAPI: decorators that describe a command view or a query view as one operation, with the codes of its refusals."""

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any, Final, TypeVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers

import eventstore.http.openapi_fields  # noqa: F401 - registers the schemas of `eventstore.http.fields`
from eventstore.http.command_views import KEY_HEADER, KEY_JSON_SCHEMA, CommandView
from eventstore.http.errors import codes_of, status_of
from eventstore.http.query_views import QueryView

__all__ = ["COMMON_CODES", "command_operation", "error_responses", "path_parameter", "query_operation"]

C = TypeVar("C", bound=type[CommandView])
Q = TypeVar("Q", bound=type[QueryView])

COMMON_CODES: Final = "MALFORMED THROTTLED RETRY_LATER"
COMMAND_CODES: Final = "KEY_REQUIRED IDEMPOTENCY_KEY_REUSED TOO_LARGE UNSUPPORTED_MEDIA"


class ErrorSerializer(serializers.Serializer[Any]):
    """An error, whatever its status."""

    code = serializers.CharField(help_text="For programs: it never changes.")
    message = serializers.CharField(help_text="For people: a sentence in the language that the request asks for.")
    field = serializers.CharField(required=False, help_text="What is at fault: a field, a parameter or a header.")
    details = serializers.DictField(required=False, help_text="Further facts.")


_KEY: Final = OpenApiParameter(
    KEY_HEADER,
    {"type": "string", **KEY_JSON_SCHEMA},
    OpenApiParameter.HEADER,
    required=True,
    description="Your own id for this request, 1 to 255 printable ASCII characters. Send the same request again with "
    "the same key as often as you like: it has one effect, and you get the same answer.",
)


def path_parameter(name: str, description: str, of_type: Any = OpenApiTypes.UUID) -> OpenApiParameter:
    """A parameter in the path of an address."""
    return OpenApiParameter(name, of_type, OpenApiParameter.PATH, description=description)


def command_operation(
    operation_id: str,
    summary: str,
    description: str,
    *,
    tag: str,
    refuses: str,
    example: Mapping[str, Any],
    path: Sequence[OpenApiParameter] = (),
    anonymous: bool = False,
) -> Callable[[C], C]:
    """Describes a command view: its id, its resource (`tag`), and the codes of its refusals, separated by spaces.

    Operations for `anonymous` callers need no sign-in. Raises LookupError for a code without a status.
    """

    def describe(cls: C) -> C:
        codes = f"{COMMON_CODES} {COMMAND_CODES} {refuses} {'' if anonymous else 'NOT_SIGNED_IN FORBIDDEN'}"
        schema = extend_schema(
            operation_id=operation_id,
            summary=summary,
            description=description,
            tags=[tag],
            parameters=[*path, _KEY, cls.query],
            request=cls.body,
            responses={cls.status: cls.answer, **_dry_run_response(cls), **error_responses(codes)},
            examples=[OpenApiExample("Request", value=example, request_only=True)],
            auth=[] if anonymous else None,
        )
        return extend_schema_view(**{"patch" if hasattr(cls, "patch") else "post": schema})(cls)

    return describe


def _dry_run_response(cls: type[CommandView]) -> dict[int, OpenApiResponse]:
    """The answer to `dry_run`, where it has a status of its own."""
    if cls.status == 200:
        return {}
    return {200: OpenApiResponse(cls.answer, description="What would be answered, with `dry_run: true`.")}


def query_operation(
    operation_id: str,
    summary: str,
    description: str,
    *,
    tag: str,
    answer: OpenApiTypes | None = None,
    media_types: Sequence[str] = ("application/json",),
    refuses: str = "",
    path: Sequence[OpenApiParameter] = (),
    anonymous: bool = False,
) -> Callable[[Q], Q]:
    """Describes a query view: its id, its resource (`tag`), and the codes of its refusals, separated by spaces.

    The answer is what the view's serializer writes, or a file of another type. Operations for `anonymous` callers need
    no sign-in. Raises LookupError for a code without a status.
    """

    def describe(cls: Q) -> Q:
        schema = extend_schema(
            operation_id=operation_id,
            summary=summary,
            description=description,
            tags=[tag],
            parameters=[*path, cls.query],
            responses={
                **{(200, media_type): answer or cls.answer_serializer() for media_type in media_types},
                **error_responses(f"{COMMON_CODES} LOG_CHANGED {refuses} {'' if anonymous else 'NOT_SIGNED_IN'}"),
            },
            auth=[] if anonymous else None,
        )
        return extend_schema_view(get=schema)(cls)

    return describe


def error_responses(codes: str) -> dict[int, OpenApiResponse]:
    """The error answers with these codes, one for each status.

    Who has to sign in may be answered by whatever the project asks of callers, with the same status.
    """
    named = set(codes.split())
    if "NOT_SIGNED_IN" in named:
        named |= {*codes_of(status_of("NOT_SIGNED_IN"))}
    ordered = sorted(named, key=lambda code: (status_of(code), code))
    return {status: _error_response(list(same)) for status, same in groupby(ordered, status_of)}


def _error_response(codes: Sequence[str]) -> OpenApiResponse:
    examples = [OpenApiExample(code, {"code": code, "message": "Why not, in a sentence."}) for code in codes]
    return OpenApiResponse(ErrorSerializer, description=", ".join(codes), examples=examples)
