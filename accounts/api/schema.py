"""How the API describes itself: one decorator for the addresses at which one acts, one for those at which one asks."""

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any, Final, TypeVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers

import accounts.api.openapi_fields  # noqa: F401 - what it declares makes itself known
from accounts.api.command_views import KEY, KEY_SCHEMA, CommandView
from accounts.api.endpoint import Endpoint
from accounts.api.errors import STATUS

E = TypeVar("E", bound=type[Endpoint])
A = TypeVar("A", bound=type[CommandView])

Answer = type[serializers.BaseSerializer[Any]]

ALWAYS: Final = "MALFORMED THROTTLED RETRY_LATER"
ACTING: Final = "KEY_REQUIRED IDEMPOTENCY_KEY_REUSED TOO_LARGE UNSUPPORTED_MEDIA"


class Error(serializers.Serializer[Any]):
    """Every error, whatever its status."""

    code = serializers.CharField(help_text="For programs: it never changes.")
    message = serializers.CharField(help_text="For people: a sentence in the language that the request asks for.")
    field = serializers.CharField(required=False, help_text="What is at fault: a field, a parameter or a header.")
    details = serializers.DictField(required=False, help_text="Further facts.")


def in_path(name: str, description: str, of_type: Any = OpenApiTypes.UUID) -> OpenApiParameter:
    """A part of an address that differs from one object to the other."""
    return OpenApiParameter(name, of_type, OpenApiParameter.PATH, description=description)


ACCOUNT_ID: Final = in_path("account_id", "The account.")
CUSTOMER_ID: Final = in_path("customer_id", "The customer.")

_KEY: Final = OpenApiParameter(
    KEY,
    {"type": "string", **KEY_SCHEMA},
    OpenApiParameter.HEADER,
    required=True,
    description="Your own id for this request, 1 to 255 printable ASCII characters. Send the same request again with "
    "the same key as often as you like: it has one effect, and you get the same answer.",
)


def command_operation(
    summary: str,
    description: str,
    *,
    refuses: str,
    example: Mapping[str, Any],
    path: Sequence[OpenApiParameter] = (),
    anonymous: bool = False,
) -> Callable[[A], A]:
    """Describe an address at which one acts: what it is for, and the codes of its refusals."""

    def describe(cls: A) -> A:
        codes = f"{ALWAYS} {ACTING} {refuses} {'' if anonymous else 'NOT_SIGNED_IN FORBIDDEN'}"
        method = "patch" if hasattr(cls, "patch") else "post"
        description_of = extend_schema(
            operation_id=_name(summary),
            summary=summary,
            description=description,
            parameters=[*path, _KEY, cls.query],
            request=cls.body,
            responses={cls.status: cls.answer, **_rehearsed(cls), **errors(codes)},
            examples=[OpenApiExample("Request", value=example, request_only=True)],
            auth=[] if anonymous else None,
        )
        return extend_schema_view(**{method: description_of})(cls)

    return describe


def _rehearsed(cls: type[CommandView]) -> dict[int, OpenApiResponse]:
    """The answer to `dry_run`, where it has a status of its own."""
    if cls.status == 200:
        return {}
    return {200: OpenApiResponse(cls.answer, description="What would be answered, with `dry_run: true`.")}


def query_operation(
    summary: str,
    description: str,
    *,
    answer: Answer | OpenApiTypes,
    media_type: str = "application/json",
    refuses: str = "",
    path: Sequence[OpenApiParameter] = (),
) -> Callable[[E], E]:
    """Describe an address at which one asks: what it tells, and the codes of its refusals."""

    def describe(cls: E) -> E:
        description_of = extend_schema(
            operation_id=_name(summary),
            summary=summary,
            description=description,
            parameters=[*path, cls.query],
            responses={(200, media_type): answer, **errors(f"{ALWAYS} NOT_SIGNED_IN {refuses}")},
        )
        return extend_schema_view(get=description_of)(cls)

    return describe


def _name(summary: str) -> str:
    return summary.lower().replace(" ", "_")


def errors(codes: str) -> dict[int, OpenApiResponse]:
    """The answers with these codes, one for each status."""
    ordered = sorted(set(codes.split()), key=lambda code: (STATUS[code], code))
    return {status: _error(list(same)) for status, same in groupby(ordered, STATUS.__getitem__)}


def _error(codes: Sequence[str]) -> OpenApiResponse:
    examples = [OpenApiExample(code, {"code": code, "message": "Why not, in a sentence."}) for code in codes]
    return OpenApiResponse(Error, description=", ".join(codes), examples=examples)
