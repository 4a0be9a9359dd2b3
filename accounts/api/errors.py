"""Errors of the API: one shape, `{code, message, field?, details?}`, and one status for each code."""

import math
from collections.abc import Mapping
from typing import Any, Final

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, UnreadablePostError
from django.utils.log import log_response
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response

from eventstore.decider import Refusal, Refused
from eventstore.errors import PayloadRefused, RetriesExhausted
from eventstore.execution.refusals import sentence

_CODES: Final = {
    400: "MALFORMED",
    401: "NOT_SIGNED_IN",
    403: "FORBIDDEN SELF_APPROVAL APPROVAL_REQUIRED RAILS_OFF",
    404: """
        NOT_FOUND CUSTOMER_NOT_FOUND ACCOUNT_NOT_FOUND ENTRY_NOT_FOUND HOLD_NOT_FOUND APPROVAL_NOT_FOUND
        TRANSFER_NOT_FOUND STATEMENT_NOT_FOUND COMMAND_NOT_FOUND
    """,
    405: "METHOD_NOT_ALLOWED",
    409: """
        EMAIL_TAKEN ACCOUNT_FROZEN ACCOUNT_CLOSED ACCOUNT_NOT_EMPTY CUSTOMER_SUSPENDED CUSTOMER_HAS_ACCOUNTS
        ALREADY_REVERSED HOLD_NOT_OPEN APPROVAL_NOT_OPEN VERSION_CONFLICT
    """,
    413: "TOO_LARGE",
    415: "UNSUPPORTED_MEDIA",
    422: """
        INSUFFICIENT_FUNDS CURRENCY_MISMATCH SAME_ACCOUNT INVALID_AMOUNT TOO_MANY_DECIMALS AMOUNT_OUT_OF_RANGE
        UNKNOWN_CURRENCY CAPTURE_EXCEEDS_HOLD REVERSAL_NOT_REVERSIBLE LIMIT_EXCEEDED OVERDRAFT_BELOW_USAGE
        EFFECTIVE_DATE_INVALID REASON_REQUIRED IDEMPOTENCY_KEY_REUSED
    """,
    428: "KEY_REQUIRED",
    429: "THROTTLED",
    500: "INTERNAL_ERROR",
    503: "RETRY_LATER",
}

STATUS: Final[Mapping[str, int]] = {code: status for status, codes in _CODES.items() for code in codes.split()}

PAUSE: Final = "1"  # seconds after which to come again when we were too busy


class TooLarge(exceptions.APIException):
    """The body of a request is larger than we read."""

    status_code = 413


def handler(error: Exception, context: Mapping[str, Any]) -> Response:
    """The answer to an error of any kind; what is our own fault is logged."""
    response = _answer(error)
    if response.status_code >= 500:
        _log(error, context["request"]._request, response)
    return response


def _answer(error: Exception) -> Response:
    match error:
        case Refused():
            return refused(error.refusal)
        case exceptions.ValidationError():
            return _invalid(error)
        case exceptions.APIException():
            return _of_framework(error)
        case Http404():
            return failure("NOT_FOUND", _("There is nothing at this address."))
        case PermissionDenied():
            return failure("FORBIDDEN", _("You may not do this."))
        case RequestDataTooBig():
            return _too_large()
        case SuspiciousOperation() | UnreadablePostError() | PayloadRefused():
            return failure("MALFORMED", _("This request can't be read."))
        case RetriesExhausted() | OperationalError() | InterfaceError():
            return failure(
                "RETRY_LATER", _("We are too busy just now. Nothing was done: send this again, with the same key.")
            )
        case _:
            return failure("INTERNAL_ERROR", _("Something went wrong on our side. We have been told."))


def refused(refusal: Refusal) -> Response:
    """The answer that tells a refusal."""
    return failure(refusal.code, sentence(refusal), field=refusal.field, details=refusal.details)


def failure(
    code: str,
    message: str,
    *,
    field: str | None = None,
    details: Mapping[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """An answer in the shape of all errors."""
    body: dict[str, Any] = {"code": code, "message": message}
    if field:
        body["field"] = field
    if details:
        body["details"] = dict(details)
    if code == "RETRY_LATER":
        headers = {"Retry-After": PAUSE}
    return Response(body, status=STATUS[code], headers=headers)


def _invalid(error: exceptions.ValidationError) -> Response:
    field, message = _first(error.detail)
    return failure("MALFORMED", message, field=field)


def _first(detail: Any) -> tuple[str | None, str]:
    """The first of a serializer's complaints, and the field that it is about, if it is about one."""
    if isinstance(detail, dict):
        name, inner = next(iter(detail.items()))
        return None if name == "non_field_errors" else str(name), _first(inner)[1]
    return (None, _first(detail[0])[1]) if isinstance(detail, list) else (None, str(detail))


def _of_framework(error: exceptions.APIException) -> Response:
    match error:
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            return failure("NOT_SIGNED_IN", str(error.detail), headers={"WWW-Authenticate": "Token"})
        case exceptions.Throttled():
            seconds = math.ceil(getattr(error, "wait", None) or 1)
            return failure("THROTTLED", str(error.detail), headers={"Retry-After": str(seconds)})
        case exceptions.NotFound():
            return failure("NOT_FOUND", _("There is nothing at this address."))
        case TooLarge():
            return _too_large()
        case _:
            (code, *_others) = _CODES[error.status_code].split()
            return failure(code, str(error.detail))


def _too_large() -> Response:
    return failure("TOO_LARGE", _("This request is too large."))


def _log(error: Exception, request: HttpRequest, response: Response) -> None:
    """With the traceback, and to whoever listens to Django's signal; that a reader is ahead of us is no fault."""
    code = response.data["code"]
    if code == "INTERNAL_ERROR":
        got_request_exception.send(sender=None, request=request)
    level = "info" if isinstance(error, Refused) else "error"
    log_response("%s: %s", code, request.path, response=response, request=request, level=level, exception=error)
